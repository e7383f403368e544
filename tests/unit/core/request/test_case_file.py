"""Rows of a case file become items, or the message names file, line and rule and no cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.errors import NothingToProcessError, RefusedError
from narrowgate.core.request.case_file import items_of
from narrowgate.core.request.form_faults import MOST_FAULTS, FormFaults
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
        (["Item", *ITEM_COLUMNS[1:]], "unknown: Item (did you mean item?)"),
        (["Zyx", "Wvu"], "of 2 headings 0 are columns; is the heading line missing?"),
        ([";".join(ITEM_COLUMNS)], "separated by semicolons"),
        (["\t".join(ITEM_COLUMNS)], "separated by tabs"),
    ],
)
def test_columns_other_than_the_schema_are_refused_by_name(columns: list[str], words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read(columns, CELLS[: len(columns)] + [""] * (len(columns) - len(CELLS)))
    assert "Zyx" not in str(caught.value)
    assert words in str(caught.value)
    assert (caught.value.rule, caught.value.where) == ("R-18", "cases.csv:1")


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ([CELLS, CELLS], 3, "item id of line 2"),
        ([CELLS[:-1]], 2, "24 cells, not 25"),
        ([[*CELLS, ""]], 2, "26 cells, not 25"),
        ([["", *CELLS[1:]]], 2, "item id"),
        ([[CELLS[0], "Zyx\x00wv", *CELLS[2:]]], 2, "a NUL character in the cell of the column given_names"),
        ([[CELLS[0], "Zyx\nwv", *CELLS[2:]]], 2, "a line break in the cell of the column given_names"),
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


def test_every_fault_of_every_row_is_told_at_once_and_the_same_one_only_counted() -> None:
    rows = [[f"a{at}", *CELLS[1:]] for at in range(3)] + [
        CELLS[:-1],
        ["a0", *CELLS[1:]],
        ["", "Zyx\tWvu", *CELLS[2:]],
        *[[*CELLS, ""]] * 8,
    ]
    with pytest.raises(RefusedError) as caught:
        read(list(ITEM_COLUMNS), *rows)
    assert caught.value.why.splitlines() == [
        "line 5: The row has 24 cells, not 25.",
        "  line 6: The row has the item id of line 2.",
        "  line 7: The row cannot be used: the item id is blank.",
        "  line 7: The row cannot be used: a tab in the cell of the column given_names.",
        "  lines 8, 9, 10, 11, 12 and 3 more: The row has 26 cells, not 25.",
    ]
    assert "12 places" in caught.value.what
    assert "Zyx" not in str(caught.value)


def test_under_headings_of_another_spelling_the_rows_are_looked_at_all_the_same() -> None:
    names = {"given_names": "Given Names", "birth_date": "DOB", "tin": "SSN", "zip": "ZIP Code"}
    faults = FormFaults()
    columns = [names.get(column, column) for column in ITEM_COLUMNS]
    read_items = list(items_of(columns, [(2, CELLS), (3, CELLS)], "cases.csv", faults))
    assert read_items == [(2, eligible_item())]
    headings, twice = faults
    for column, name in names.items():
        assert f"{name} (did you mean {column}?)" in headings.problem
    assert "missing" not in headings.problem
    assert "item id of line 2" in twice.problem


def test_no_more_faults_are_kept_than_anybody_reads_and_all_are_counted() -> None:
    faults = FormFaults()
    for number in range(MOST_FAULTS + 10):
        faults.add("R-10", f"Fault {number}.", number + 1)
    assert len(list(faults)) == MOST_FAULTS
    assert faults.places == MOST_FAULTS + 10
    with pytest.raises(RefusedError, match="other faults"):
        faults.require_none("cases.csv")
