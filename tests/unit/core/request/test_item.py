"""An item has one byte string, and nothing else is read as one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.request.item import (
    ITEM_COLUMNS,
    MAX_ROW_BYTES,
    Item,
    item_row,
    parse_item,
    schema_problem,
)
from support.requests import eligible_item

CELL = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cf")), max_size=40)
ITEMS = st.builds(
    Item,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:#/-]{0,63}", fullmatch=True),
    *[CELL for _ in ITEM_COLUMNS[1:]],
)


@given(ITEMS)
def test_a_row_reads_back_as_the_item_it_was_written_from(item: Item) -> None:
    row = item_row(item)
    assert parse_item(row, "rows.ndjson:1") == item
    assert json.loads(row) == item._asdict()


@given(ITEMS, st.integers(0, 4_000), st.integers(1, 255))
def test_no_changed_byte_reads_as_the_same_item(item: Item, position: int, change: int) -> None:
    row = bytearray(item_row(item))
    row[position % len(row)] ^= change
    try:
        changed = parse_item(bytes(row), "rows.ndjson:1")
    except EnvelopeError:
        return
    assert changed != item


@given(st.binary(max_size=200))
def test_any_bytes_are_an_item_or_an_envelope_error(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        parse_item(data, "rows.ndjson:1")


def row_with(**changes: object) -> bytes:
    return json.dumps(
        {**eligible_item()._asdict(), **changes}, sort_keys=True, separators=(",", ":")
    ).encode()


def item_line(**changes: str) -> bytes:
    """A canonical line of an item that the writer itself would refuse."""
    return canonical_bytes({**eligible_item()._asdict(), **changes})


def without(column: str) -> bytes:
    values = eligible_item()._asdict()
    del values[column]
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("line", "rule", "words"),
    [
        (without("zip"), "R-18", "missing: zip"),
        (row_with(income="1"), "R-18", "unknown: income"),
        (b'["item"]', "R-18", "missing: item"),
        (row_with(tin=900701234), "R-10", "not text"),
        (row_with(tin=None), "R-10", "holds null"),
        (b"[" * 300 + b"]" * 300, "R-10", "more than 16 deep"),
        (row_with(tin=[[["x"]]]), "R-10", "not text"),
        (row_with(reason="a\tb"), "R-10", "in the cell of the column reason"),
        (item_line(city="Hous\u202eton"), "R-10", "in the cell of the column city"),
        (row_with(item=""), "R-10", "item id"),
        (row_with(item="two words"), "R-10", "item id"),
        (row_with().replace(b",", b", ", 1), "R-10", "canonical form"),
        (row_with().replace(b'"zip":', b'"zip":"1","zip":'), "R-10", "canonical form"),
        (row_with()[:-5], "R-10", "not JSON"),
        (row_with(reason="x" * MAX_ROW_BYTES), "R-10", "longer than 4096 bytes"),
    ],
)
def test_a_line_that_is_no_item_names_its_rule_and_reason(line: bytes, rule: str, words: str) -> None:
    with pytest.raises(EnvelopeError) as caught:
        parse_item(line, "rows.ndjson:7")
    assert caught.value.rule == rule
    assert caught.value.where == "rows.ndjson:7"
    assert words in str(caught.value)


def test_an_error_never_repeats_a_value() -> None:
    with pytest.raises(EnvelopeError) as caught:
        parse_item(row_with(surnames="Zyxwv\x07"), "rows.ndjson:7")
    assert "zyxwv" not in str(caught.value).lower()


def test_an_item_too_long_for_a_row_is_not_written() -> None:
    with pytest.raises(EnvelopeError, match="longer than 4096 bytes"):
        item_row(eligible_item(reason="é" * MAX_ROW_BYTES))


def test_text_that_no_utf_8_can_hold_is_not_written() -> None:
    with pytest.raises(EnvelopeError, match="not valid Unicode"):
        item_row(eligible_item(city="\ud800"))


def test_the_schema_problem_names_columns_and_cuts_strangers_names() -> None:
    columns = [*ITEM_COLUMNS[1:], "zip", "x" * 500]
    problem = schema_problem(columns)
    assert problem == f"unknown: {'x' * 40}; repeated: zip; missing: item"
    assert schema_problem(ITEM_COLUMNS) == ""


def test_the_columns_are_those_of_the_protocol_in_order() -> None:
    assert len(ITEM_COLUMNS) == 25
    assert ITEM_COLUMNS[:3] == ("item", "given_names", "surnames")
    assert ITEM_COLUMNS[-1] == "officers"
