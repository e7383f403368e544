"""Excel workbooks as tax files: text as typed; a cell that Excel turned into something else is a fault of its row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa

from narrowgate.adapters.files.workbook import Cell, read_sheet, text_of
from narrowgate.core.base.errors import ConfigurationError, RefusedError
from narrowgate.core.person.birth_date import BirthDateForm
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.rows import BATCH_ROWS, RowBatch, RowFault, check_columns

CELL_TURNED = "row_cell_turned"
"""The row holds a number that may have lost zeros, a date that was typed as text, or an error value."""

_DIGITS = {"tin": (9,), "zip": (5, 9)}
_DATE_FORMS = {
    BirthDateForm.ISO: "%Y-%m-%d",
    BirthDateForm.COMPACT: "%Y%m%d",
    BirthDateForm.US: "%m/%d/%Y",
}


def read_excel(source: Path, mapping: Mapping) -> Iterator[RowBatch]:
    """The rows of the only sheet with content; the first row names the columns.

    A date gives the birth date, a truth value the suppression, and a whole number anything whose zeros it cannot
    have lost; every other value that is no text makes its row a fault.

    Args:
        source: the workbook.
        mapping: names the columns wanted.

    Raises:
        ConfigurationError: a column is missing, or the file is no plain workbook.
        NothingToProcessError: no sheet has content.
        OperationalError: the file cannot be read.
    """
    try:
        names, rows = read_sheet(source)
    except RefusedError as error:
        raise ConfigurationError(
            error.what, why=error.why, next_step=error.next_step, where=source.name
        ) from error
    check_columns(names, mapping, source.name)
    wanted = [(names.index(column), mapping.role_of(column)) for column in mapping.columns]
    while batch := list(islice(rows, BATCH_ROWS)):
        yield _batch(batch, wanted, mapping)


def _batch(rows: list[tuple[int, list[Cell]]], wanted: list[tuple[int, str]], mapping: Mapping) -> RowBatch:
    date_form = _DATE_FORMS[mapping.source.birth_date_form]
    read: list[list[str]] = []
    numbers: list[int] = []
    faults: list[RowFault] = []
    for line, cells in rows:
        texts = [_text(cells[at], role, date_form) for at, role in wanted]
        if None in texts:
            faults.append(RowFault(line - 1, CELL_TURNED))
        else:
            read.append([text for text in texts if text is not None])
            numbers.append(line - 1)
    columns = zip(*read, strict=True) if read else [()] * len(wanted)
    arrays = [pa.array(list(column), pa.string()) for column in columns]
    return RowBatch(pa.RecordBatch.from_arrays(arrays, names=list(mapping.columns)), numbers, tuple(faults))


def _text(cell: Cell, role: str, date_form: str) -> str | None:
    if role == "birth_date" and isinstance(cell, date) and not _has_time(cell):
        return f"{cell:{date_form}}"
    if role == "suppressed" and isinstance(cell, bool):
        return "yes" if cell else "no"
    return text_of(cell, _DIGITS.get(role, ()))


def _has_time(cell: date) -> bool:
    return isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) != (0, 0, 0)
