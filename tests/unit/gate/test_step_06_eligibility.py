"""Rows examined together come to what each comes to by itself."""

from __future__ import annotations

from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.request.item import item_row
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
    assert together == [row for at, line in enumerate(ROWS, 40) for row in _examine_rows(TERMS, at, [line])]
    assert [row.item for row in together] == ["first", "", "second", "", "third", "fourth", ""]
    assert [bool(row.findings) for row in together] == [False, True, True, True, False, True, True]
    assert [bool(row.history) for row in together] == [not row.findings for row in together]


def test_a_batch_accounts_for_every_row_under_its_ordinal() -> None:
    batch = examine_batch(TERMS, (40, ROWS))
    assert (batch.first, batch.count, list(batch.ordinals)) == (40, len(ROWS), [40, 44])
    assert sorted(batch.findings) == [41, 42, 43, 45, 46]
    for at, line in enumerate(ROWS):
        commitment = batch.commitments[64 * at : 64 * at + 32]
        assert commitment == TERMS.salts.commit("row", 40 + at, line)
