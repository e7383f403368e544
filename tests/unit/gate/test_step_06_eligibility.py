"""Rows examined together come to what each comes to by itself."""

from __future__ import annotations

from narrowgate.core.address.model import RawAddress
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.request.item import ADDRESS_COLUMNS, ITEM_COLUMNS, item_row
from narrowgate.gate.step_06_eligibility import Terms, _examine_rows, examine_batch
from support.requests import OFFICERS, TODAY, eligible_item, example_agreement

TERMS = Terms(
    example_agreement(),
    TODAY,
    frozenset(OFFICERS),
    frozenset(),
    HistoryDigester(b"h" * 32, b"term"),
    Salts(b"s" * 32),
)
ROWS = [
    item_row(eligible_item(item="first")),
    b"{}",
    item_row(eligible_item(item="second", address_line_1="UNKNOWN")),
    b"",
    item_row(eligible_item(item="third", surnames="Garcia Lopez", address_line_1="77 Elm Court # 5")),
    item_row(eligible_item(item="fourth", zip="", officers="nobody")),
    b'{"item":"' + b"x" * 5000 + b'"}',
]


def test_rows_together_come_to_what_each_comes_to_alone() -> None:
    together = _examine_rows(TERMS, 40, ROWS)
    alone = _examine_rows(TERMS, 40, ROWS[:1])
    for at, line in enumerate(ROWS[1:], 41):
        alone.add(_examine_rows(TERMS, at, [line]))
    assert together == alone
    assert together.items == ["first", "", "second", "", "third", "fourth", ""]
    assert (together.ordinals, sorted(together.findings)) == ([40, 44], [41, 42, 43, 45, 46])
    assert [bool(address) for address in together.addresses] == [
        True,
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    assert len(together.history) == len(together.admitted) == 2


def test_the_parts_of_an_address_lie_side_by_side_in_an_item() -> None:
    assert ITEM_COLUMNS[ADDRESS_COLUMNS] == RawAddress._fields


def test_a_batch_accounts_for_every_row_under_its_ordinal() -> None:
    batch = examine_batch(TERMS, (40, ROWS))
    assert (batch.first, batch.count, list(batch.ordinals)) == (40, len(ROWS), [40, 44])
    assert sorted(batch.findings) == [41, 42, 43, 45, 46]
    for at, line in enumerate(ROWS):
        commitment = batch.commitments[64 * at : 64 * at + 32]
        assert commitment == TERMS.salts.commit("row", 40 + at, line)
