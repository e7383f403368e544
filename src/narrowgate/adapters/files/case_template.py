"""Templates of a case file: the heading, the data dictionary, and lists to choose from."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from narrowgate.core.base.errors import UsageError
from narrowgate.core.request.dictionary import DICTIONARY, ColumnEntry
from narrowgate.core.request.item import ITEM_COLUMNS, Item

ROWS_FORMATTED: Final = 10_000
"""Rows of the sheet whose cells are text and offer their lists."""

_TEXT: Final = 49
"""The built-in number format of Excel that leaves every cell as it is typed (ECMA-376 part 1, section 18.8.30)."""

_NO_SUCH_CELL: Final = -1
"""What XlsxWriter says of a cell outside of what a sheet can hold."""

DICTIONARY_COLUMNS: Final = ("column", "holds", "example", "required", "choices", "rule")


def write_template(path: Path, statutes: Sequence[str]) -> tuple[Path, ...]:
    """A new case file with its heading and no row, as CSV or as an Excel workbook, whichever the name ends in.

    Every cell of the workbook is text, so that Excel keeps leading zeros and turns nothing into a date. Beside a CSV
    lies its data dictionary; in a workbook it is the second sheet.

    Args:
        path: ends in ``.csv`` or ``.xlsx``; must not exist.
        statutes: those that the agreement names; empty where no agreement is at hand.

    Returns:
        The files written.

    Raises:
        UsageError: the name ends otherwise, or a file exists.
    """
    if path.suffix.lower() == ".xlsx":
        _require_absent(path)
        _write_workbook(path, statutes)
        return (path,)
    if path.suffix.lower() != ".csv":
        raise UsageError(
            "A template is a .csv or an .xlsx file.", next_step="Name it cases.csv or cases.xlsx."
        )
    dictionary = path.with_name(f"{path.stem}.dictionary.csv")
    _require_absent(path)
    _require_absent(dictionary)
    _write_csv(path, [ITEM_COLUMNS])
    _write_csv(dictionary, [DICTIONARY_COLUMNS, *(_entry(entry, statutes) for entry in DICTIONARY)])
    return (path, dictionary)


def write_cases(path: Path, items: Iterable[Item], statutes: Sequence[str]) -> None:
    """A workbook like the template, with these items; every cell is text, so that none of them can be a formula.

    Args:
        path: a new file.
        items: in their order.
        statutes: those that the agreement names.

    Raises:
        UsageError: the file exists, or there are more items than a sheet of Excel has rows.
    """
    _require_absent(path)
    _write_workbook(path, statutes, items)


def _require_absent(path: Path) -> None:
    if path.exists():
        raise UsageError("The file exists already.", next_step="Name a new file.", where=str(path))


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    # The mark tells Excel that the file is UTF-8; the reader of case files passes over it.
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _write_workbook(path: Path, statutes: Sequence[str], items: Iterable[Item] = ()) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        text = book.add_format({"num_format": _TEXT})
        heading = book.add_format({"num_format": _TEXT, "bold": True})
        cases = book.add_worksheet("cases")
        cases.freeze_panes(1, 1)
        for column, entry in enumerate(DICTIONARY):
            cases.set_column(column, column, max(12, len(entry.name) + 2), text)
            cases.write_string(0, column, entry.name, heading)
            if choices := _choices(entry, statutes):
                cases.data_validation(
                    1, column, ROWS_FORMATTED, column, {"validate": "list", "source": list(choices)}
                )
        for row, item in enumerate(items, 1):
            for column, cell in enumerate(item):
                if cases.write_string(row, column, cell, text) == _NO_SUCH_CELL:
                    raise UsageError(
                        "There are more items than a sheet of Excel has rows.",
                        next_step="Correct them as CSV.",
                    )
        dictionary = book.add_worksheet("data dictionary")
        rows = [DICTIONARY_COLUMNS, *(_entry(entry, statutes) for entry in DICTIONARY)]
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                dictionary.write_string(row, column, cell, text if row else heading)
        dictionary.set_column(0, 0, 26, text)
        dictionary.set_column(1, 2, 60, text)


def _choices(entry: ColumnEntry, statutes: Sequence[str]) -> tuple[str, ...]:
    return tuple(statutes) if entry.name == "statute" else entry.choices


def _entry(entry: ColumnEntry, statutes: Sequence[str]) -> tuple[str, ...]:
    required = "always" if entry.required else "may be blank"
    return (
        entry.name,
        entry.holds,
        entry.example,
        required,
        "; ".join(_choices(entry, statutes)),
        entry.rule,
    )
