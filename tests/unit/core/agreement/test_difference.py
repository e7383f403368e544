"""An amendment is told in words: what becomes narrower, what wider, what cannot be; no field is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any

import pytest

from narrowgate.core.agreement.difference import Direction, differences
from narrowgate.core.agreement.model import Agreement, Hold
from narrowgate.core.agreement.provisions import NAMES, provisions_of
from narrowgate.core.request.office import Office
from support.requests import example_agreement

BEFORE = replace(
    example_agreement(), hold=Hold(date(2026, 1, 1), "an inquiry", (Office.ACTING_DIRECTOR_OF_ICE,))
)


def amended(**changes: Any) -> Agreement:
    return replace(BEFORE, version=BEFORE.version + 1, digest="f" * 64, **changes)


def told(after: Agreement) -> dict[str, Direction]:
    return {each.path: each.direction for each in differences(BEFORE, after) if each.path != "version"}


def test_the_same_agreement_has_no_differences() -> None:
    assert differences(BEFORE, BEFORE) == ()


@pytest.mark.parametrize(
    ("changes", "path", "direction"),
    [
        ({"expires": BEFORE.expires + timedelta(1)}, "expires", Direction.WIDER),
        ({"expires": BEFORE.expires - timedelta(1)}, "expires", Direction.NARROWER),
        (
            {"limits": replace(BEFORE.limits, packages_per_day=1)},
            "limits.packages_per_day",
            Direction.NARROWER,
        ),
        (
            {"limits": replace(BEFORE.limits, packages_per_day=None)},
            "limits.packages_per_day",
            Direction.WIDER,
        ),
        ({"match": replace(BEFORE.match, suffix_blank=False)}, "match.suffix_blank", Direction.NARROWER),
        ({"offices": BEFORE.offices[:1]}, f"offices[{BEFORE.offices[1].role}]", Direction.NARROWER),
        ({"trust_roots": (*BEFORE.trust_roots, "0" * 64)}, f"trust_roots[{'0' * 64}]", Direction.WIDER),
        ({"hold": None}, "hold", Direction.WIDER),
        (
            {"safeguards": replace(BEFORE.safeguards, open_finding=True)},
            "safeguards.open_finding",
            Direction.NARROWER,
        ),
        ({"title": "Another title"}, "title", Direction.OTHERWISE),
        ({"clauses": BEFORE.clauses[1:]}, f"clauses[{BEFORE.clauses[0].id}]", Direction.OTHERWISE),
    ],
)
def test_a_change_is_told_once_with_its_direction(
    changes: dict[str, Any], path: str, direction: Direction
) -> None:
    assert told(amended(**changes)) == {path: direction}


def test_another_party_or_version_cannot_be() -> None:
    after = replace(BEFORE, custodian="Another agency", digest="f" * 64)
    impossible = [
        each.sentence for each in differences(BEFORE, after) if each.direction is Direction.IMPOSSIBLE
    ]
    assert len(impossible) == 2
    assert "other parties" in impossible[0]
    assert "needs a greater one" in impossible[1]


def test_a_new_agreement_for_the_same_days_cannot_be() -> None:
    found = differences(BEFORE, amended(id="another"))
    assert found[0].direction is Direction.IMPOSSIBLE


def test_every_provision_has_a_name_in_words() -> None:
    kinds = {provision.kind for provision in provisions_of(BEFORE).values()}
    assert kinds <= NAMES.keys()


def another(value: Any) -> Any:
    """A value of the same type that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Enum):
        return next(each for each in type(value) if each is not value)
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, date):
        return value + timedelta(1)
    return value + 1


def changed_in_one_place(value: Any) -> Iterator[Any]:
    """Every value that differs from ``value`` in exactly one field, however deep."""
    for field in fields(value):
        part = getattr(value, field.name)
        if field.name == "digest" or part is None:
            continue
        if is_dataclass(part):
            parts: Iterator[Any] = changed_in_one_place(part)
        elif isinstance(part, tuple):
            parts = iter(
                [
                    (*part[:at], entry, *part[at + 1 :])
                    for at, old in enumerate(part)
                    for entry in (changed_in_one_place(old) if is_dataclass(old) else [another(old)])
                    if entry not in part
                ]
            )
        else:
            parts = iter([another(part)])
        for each in parts:
            yield replace(value, **{field.name: each})


def test_no_change_of_any_field_is_passed_over() -> None:
    changes = list(changed_in_one_place(BEFORE))
    assert len(changes) > 150
    for after in changes:
        assert differences(BEFORE, replace(after, digest="f" * 64))
