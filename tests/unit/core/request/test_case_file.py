"""Rows of a case file become items, or the message names file, line and rule and no cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.errors import NothingToProcessError, RefusedError
from narrowgate.core.request.case_file import items_of
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from support.requests import eligible_item

CELLS = list(eligible_item())


def read(columns: list[str], *rows: list[str]) -> list[tuple[int, Item]]:
    return list(items_of(columns, enumerate(rows, 2), "cases.csv"))


@given(st.permutations(list(ITEM_COLUMNS)))
def test_the_order_of_the_columns_says_nothing(columns: list[str]) -> None:
    cells = [getattr(eligible_item(), column) for column in columns]
    assert read(columns, cells) == [(2, eligible_item())]


def test_white_space_around_names_and_values_is_removed_and_blank_rows_are_passed_over() -> None:
    columns = [f" {column} " for column in ITEM_COLUMNS]
    rows = [["" for _ in CELLS], [f"  {cell}\u00a0" for cell in CELLS]]
    assert read(columns, *rows) == [(3, eligible_item())]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([*ITEM_COLUMNS, "income"], "unknown: income"),
        (list(ITEM_COLUMNS[:-1]), "missing: officers"),
        ([*ITEM_COLUMNS, "zip"], "repeated: zip"),
        (["Item Name"], "unknown: Item Name"),
        ([";".join(ITEM_COLUMNS)], "separated by semicolons"),
        (["\t".join(ITEM_COLUMNS)], "separated by tabs"),
    ],
)
def test_columns_other_than_the_schema_are_refused_by_name(columns: list[str], words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read(columns, CELLS)
    assert words in str(caught.value)
    assert (caught.value.rule, caught.value.where) == ("R-18", "cases.csv:1")


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ([CELLS, CELLS], 3, "item id of line 2"),
        ([CELLS[:-1]], 2, "24 cells, not 25"),
        ([[*CELLS, ""]], 2, "26 cells, not 25"),
        ([["", *CELLS[1:]]], 2, "item id"),
        ([[CELLS[0], "Zyx\x00wv", *CELLS[2:]]], 2, "control character in the column given_names"),
        ([[CELLS[0], "Zyx\nwv", *CELLS[2:]]], 2, "control character in the column given_names"),
    ],
)
def test_a_row_that_is_no_item_is_refused_with_its_line(rows: list[list[str]], line: int, words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read(list(ITEM_COLUMNS), *rows)
    assert words in str(caught.value)
    assert "Zyx" not in str(caught.value)
    assert (caught.value.rule, caught.value.where) == ("R-10", f"cases.csv:{line}")


def test_a_file_without_rows_holds_nothing_to_process() -> None:
    with pytest.raises(NothingToProcessError):
        read(list(ITEM_COLUMNS))
