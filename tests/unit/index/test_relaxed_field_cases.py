"""Pairs of two real streets out of public reports: no relaxation leads from one to the other, in either direction."""

from __future__ import annotations

import csv

import pytest

from support.index_worlds import KEY, LIMIT, Row, ask, is_held
from support.labelled_data import LABELLED
from support.simulated_index import SimulatedIndex

CASES = LABELLED / "field_cases.csv"

pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="FIELD CASES NOT RUN: field_cases.csv is not here (NARROWGATE_DATA)"
)


def relaxed_pairs() -> list[tuple[str, str]]:
    if not CASES.exists():
        return []
    with CASES.open(encoding="utf-8", newline="") as file:
        return [
            (row["a"], row["b"])
            for row in csv.DictReader(file)
            if row["kind"] == "pair different" and row["class"].startswith("relax ")
        ]


def record(address: str) -> Row:
    line, city, state, zip5 = address.split(";")
    return Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", line, city, state, zip5)


@pytest.mark.parametrize("has_reference", [False, True])
def test_neither_of_two_streets_is_confirmed_for_the_other(has_reference: bool) -> None:
    """The reference knows both, as a county's list does; without one the file knows a single street."""
    wrong = []
    for pair in relaxed_pairs():
        sides = [record(address) for address in pair]
        known = [(one.zip, one.address_line_1.partition(" ")[2], "") for one in sides]
        for held, asked in (sides, reversed(sides)):
            index = SimulatedIndex([held], KEY, LIMIT, streets=known if has_reference else ())
            assert is_held(index, ask(held))
            if is_held(index, ask(asked)):
                wrong.append((held.address_line_1, asked.address_line_1))
    assert len(relaxed_pairs()) >= 40
    assert wrong == []
