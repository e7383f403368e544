"""Excel workbooks as rows of cells: text as it was typed, and no guess where Excel made something else of it.

A workbook is a ZIP archive of XML by strangers. Before it is opened it is read through once within bounds: no
formula, macro, link to another file or XML entity, and no archive that unpacks to more than it may.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from narrowgate.core.base.errors import NothingToProcessError, OperationalError, RefusedError
from narrowgate.core.base.system_errors import system_reason

Cell = str | int | float | bool | date | datetime | time | timedelta
"""What Excel kept of a cell: ``str`` is text; anything else was typed as text and became a value."""

WORKBOOK_MAGIC: Final = b"PK\x03\x04"
"""The first bytes of a ZIP archive, which every workbook of Excel 2007 and later is."""

MAX_UNPACKED_BYTES: Final = 1 << 30
MAX_PARTS: Final = 1_000
_PIECE: Final = 1 << 20
_OVERLAP: Final = 64
_ENTITY: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f(?=[\s/>])")
_ERROR_VALUES: Final = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!")
)
_WHOLE: Final = re.compile(r"\d+")
TO_TEXT: Final = (
    "Format the column as text in Excel and type the value again, or save the file as 'CSV UTF-8'."
)


def read_sheet(path: Path) -> tuple[list[str], Iterator[tuple[int, list[Cell]]]]:
    """The heading of the only sheet with content, or of the sheet ``cases``, and its rows by their number in Excel.

    Args:
        path: an ``.xlsx`` workbook.

    Returns:
        The cells of the first row as text, and the number and cells of each row below it.

    Raises:
        RefusedError: it is no workbook, is damaged, encrypted or too large, holds a formula, macro, link or XML
            entity, or has several sheets with content (R-10).
        NothingToProcessError: no sheet has content.
        OperationalError: the file cannot be read.
    """
    try:
        _require_plain(path)
        book = CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_name(_sheet_name(book, path))
        rows = sheet.iter_rows()
        first = 1 + (sheet.start[0] if sheet.start else 0)
        left = sheet.start[1] if sheet.start else 0
        if first != 1 or left:
            raise _refused("The heading is not in the first row and column of the sheet.", path)
        heading = [str(cell).strip() for cell in next(rows)]
        return heading, ((number, list(cells)) for number, cells in enumerate(rows, first + 1))
    except (zipfile.BadZipFile, CalamineError, NotImplementedError, RuntimeError) as error:
        raise _refused("The workbook is damaged, encrypted, or not one of Excel (.xlsx).", path) from error
    except OSError as error:
        raise OperationalError(
            f"The workbook cannot be read: {error.strerror or 'input or output error'}.",
            where=str(path),
            next_step=system_reason(error)[1],
        ) from error


def cell_name(column: int, row: int) -> str:
    """The name of a cell as Excel shows it, such as ``K7``.

    Args:
        column: from 0.
        row: from 1.
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def text_of(cell: Cell, digits: Sequence[int] = ()) -> str | None:
    """The text that was typed, or nothing where Excel's value no longer tells it.

    A whole number tells its digits, except that leading zeros are gone: where the column has values of a fixed
    number of digits, one with fewer is no longer told.

    Args:
        cell: a cell of ``read_sheet``.
        digits: how many digits a value of the column has; empty where any number will do.
    """
    if isinstance(cell, str):
        return None if cell in _ERROR_VALUES else cell
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell != int(cell) or cell < 0:
        return None
    text = str(int(cell))
    return text if not digits or len(text) in digits else None


def likely_text(cell: Cell, digits: Sequence[int] = ()) -> str:
    """What was probably typed where ``text_of`` no longer tells it: good for looking on, never for asking."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, int | float) and cell == int(cell) and cell >= 0:
        text = str(int(cell))
        return text.zfill(min((width for width in digits if width >= len(text)), default=0))
    return ""


def what_became_of(cell: Cell) -> str:
    """What Excel made of the text, in words that repeat nothing of it."""
    if isinstance(cell, str):
        return "is an error value"
    if isinstance(cell, bool):
        return "is a truth value"
    if isinstance(cell, date | datetime | time | timedelta):
        return "was turned into a date or a time"
    if cell == int(cell) and cell >= 0:
        return f"is a number of {len(str(int(cell)))} digits: has a leading zero been lost?"
    return "is a number with a fraction, an exponent or a sign"


def _sheet_name(book: CalamineWorkbook, path: Path) -> str:
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    filled = [name for name in names if book.get_sheet_by_name(name).height]
    if not filled:
        raise NothingToProcessError(
            "No sheet of the workbook has content.", next_step="Fill a sheet and save it.", where=str(path)
        )
    if "cases" in filled:
        return "cases"
    if len(filled) > 1:
        raise _refused(
            f"The workbook has {len(filled)} sheets with content.",
            path,
            "Keep the one to be read, and save again.",
        )
    return filled[0]


def _require_plain(path: Path) -> None:
    """Reads every part of the archive once, within bounds, and returns if it holds data and nothing that acts."""
    unpacked = 0
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise _refused(f"The workbook has more than {MAX_PARTS} parts.", path)
        for part in parts:
            _require_plain_name(part.filename, path)
            with archive.open(part) as data:
                tail = b""
                while piece := data.read(_PIECE):
                    unpacked += len(piece)
                    if unpacked > MAX_UNPACKED_BYTES:
                        raise _refused("The workbook unpacks to more than 1 GB.", path)
                    _require_plain_piece(part.filename, tail + piece, path)
                    tail = piece[-_OVERLAP:]


def _require_plain_name(name: str, path: Path) -> None:
    if "vbaproject" in name.lower() or "externallinks/" in name.lower():
        raise _refused(
            "The workbook holds macros or links to other files.",
            path,
            "Save it as a plain 'Excel workbook (.xlsx)'.",
        )


def _require_plain_piece(name: str, data: bytes, path: Path) -> None:
    if _ENTITY.search(data):
        raise _refused("The workbook declares XML entities, which Excel never does.", path)
    if name.startswith("xl/worksheets/") and _FORMULA.search(data):
        raise _refused(
            "The workbook holds formulas.",
            path,
            "Copy the sheet and paste it as values, as text; then save.",
            "What a formula shows can change, and is not what a person wrote.",
        )


def _refused(what: str, path: Path, next_step: str = "", why: str = "") -> RefusedError:
    return RefusedError(
        what, why=why, next_step=next_step or "Save the file as 'CSV UTF-8'.", where=str(path), rule="R-10"
    )
