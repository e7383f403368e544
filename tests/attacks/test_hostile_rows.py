"""Attack: an office signs rows that are made to break the gate (issue 9, item 3).

One such row used to raise on every run, and no other package was answered from then on.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrowgate.core.answers.receipt import parse_receipt
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.request.item import ITEM_COLUMNS
from narrowgate.gate import step_06_eligibility, step_08_tokens
from support.attacked_world import AttackedWorld
from support.hostile import HONEST, changed, honest_is_answered, hostile_rows, run_in, signed_rows

FORMS = [
    name for name in hostile_rows() if " in " not in name and not name.startswith(("long", "many", "empty"))
]


def test_a_package_of_every_hostile_row_is_decided_row_by_row(tmp_path: Path) -> None:
    rows = hostile_rows()
    began = time.monotonic()
    receipt = parse_receipt(
        run_in(tmp_path, signed_rows(list(rows.values()), tmp_path / "hostile")), "receipt"
    )
    assert receipt.items == len(rows)
    assert time.monotonic() - began < 60
    honest_is_answered(tmp_path)


@pytest.mark.parametrize("name", FORMS)
def test_one_hostile_row_is_refused_and_the_next_honest_package_is_answered(
    name: str, tmp_path: Path
) -> None:
    receipt = parse_receipt(
        run_in(tmp_path, signed_rows([hostile_rows()[name]], tmp_path / "hostile")), "receipt"
    )
    assert receipt.items == 1
    honest_is_answered(tmp_path)


LETTERS = st.characters(blacklist_categories=["Cs"])
TEXTS = st.one_of(
    st.text(LETTERS, max_size=30),
    st.text("0123456789 #/-.,", max_size=40),
    st.text("NSEW APT STE UNIT PO BOX RR HC 1/2 ", max_size=60),
    st.sampled_from(
        ["\u0661", "\u00b2", "\u212a", "\ufb01", "\u1e9e", "9" * 400, "-" * 400, "A " * 300, "# " * 300]
    ),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(
        st.one_of(
            st.dictionaries(st.sampled_from(ITEM_COLUMNS), TEXTS, max_size=4).map(
                lambda columns: changed(HONEST, **columns)
            ),
            st.binary(max_size=200).map(lambda data: data.replace(b"\n", b"")),
            st.recursive(
                st.one_of(
                    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(LETTERS, max_size=5)
                ),
                lambda values: st.lists(values) | st.dictionaries(st.text("ab", max_size=3), values),
                max_leaves=20,
            ).map(canonical_bytes),
        ).filter(lambda row: len(row) <= 4_096),
        min_size=1,
        max_size=40,
    )
)
def test_rows_of_any_bytes_are_decided_and_the_next_honest_package_is_answered(
    rows: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("fuzz")
    receipt = parse_receipt(run_in(home, signed_rows(rows, home / "hostile")), "receipt")
    assert receipt.items == len(rows)
    honest_is_answered(home)


class UnforeseenError(Exception):
    """A fault that nobody foresaw."""


def broken_for(marked: str, function: object, patch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """The function of a step fails for whatever holds ``marked``, as a mistake in it would."""

    def fail(*arguments: object, **named: object) -> object:
        if marked in repr(arguments).upper():
            raise UnforeseenError(marked)
        return function(*arguments, **named)  # type: ignore[operator]

    patch.setattr(module, name, fail)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (step_06_eligibility, "parse_item"),
        (step_06_eligibility, "examine_items"),
        (step_06_eligibility, "keys"),
        (HistoryDigester, "records"),
        (step_08_tokens, "request_identities"),
        (step_08_tokens, "question"),
    ],
)
def test_an_unforeseen_fault_of_one_item_refuses_that_item_and_no_other(
    module: object, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_for("BREAKSIT", getattr(module, name), monkeypatch, module, name)
    bad = changed(
        HONEST, item="bad", address_line_1="124 Breaksit St #4", surnames="Breaksit", tin="123-45-6702"
    )
    rows = [changed(HONEST), bad, changed(HONEST, item="third", address_line_1="125 North Main Street #4")]
    receipt = parse_receipt(run_in(tmp_path, signed_rows(rows, tmp_path / "hostile")), "receipt")
    assert (receipt.items, receipt.refused_by_rule) == (3, {"R-10": 1})
    honest_is_answered(tmp_path)


def test_a_hostile_package_through_the_command_line_leaves_the_gate_to_others(world: AttackedWorld) -> None:
    package = world.package("hostile")
    world.put_rows(package, list(hostile_rows().values()))
    code, message = world.gate("hostile")
    assert (code, message) == (0, "")
    world.next_honest_package_is_answered()
