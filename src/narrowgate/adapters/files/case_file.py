"""Case files on disk: CSV (UTF-8), Parquet (text columns) and Excel workbooks, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from narrowgate.adapters.files.regular import open_regular
from narrowgate.adapters.files.workbook import (
    TO_TEXT,
    WORKBOOK_MAGIC,
    Cell,
    cell_name,
    likely_text,
    read_sheet,
    text_of,
    what_became_of,
)
from narrowgate.core.base.errors import NothingToProcessError, OperationalError, RefusedError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.request.case_file import CaseItem, items_of
from narrowgate.core.request.form_faults import FormFaults
from narrowgate.core.request.item import ITEM_COLUMNS

MAX_LINE_BYTES: Final = 65_536
"""No row of one person is longer; a longer line is another kind of file."""

_PARQUET_MAGIC: Final = b"PAR1"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
DIGITS: Final = {"tin": (9,), "zip": (5, 9)}
"""How many digits a value has whose leading zeros Excel would have dropped."""
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_NOT_CSV: Final = (
    "The line is not comma-separated text: quotes do not match, a cell is too long, or a carriage "
    "return is alone."
)
_WRITE_AGAIN: Final = "Write the case file again as comma-separated text, one line for each person."
_SAVE_AS: Final = "Save the file as 'CSV UTF-8'; other encodings lose accents without a sign."


def read_case_file(path: Path, faults: FormFaults | None = None) -> Iterator[CaseItem]:
    """The items of a case file in order, each with its line, holding a few rows in memory at a time.

    A file that begins as Parquet or as an Excel workbook does is read as such, any other as comma-separated text in
    UTF-8, with or without a byte order mark. In Parquet the line is the row's number plus one, as if a header stood
    above; in a workbook it is the row's number in Excel. Everything that is wrong with the form is noted, not the
    first fault alone.

    Args:
        path: the file.
        faults: takes what is wrong; without it all of it is raised at the end.

    Raises:
        RefusedError: where ``faults`` is not given: as ``items_of``; or the text is not UTF-8, a line is over 65,536
            bytes, quotes do not match, a Parquet column is no text, or a cell of a workbook is no longer what was
            typed (all R-10). In any case: the file is UTF-16 or binary, or a damaged Parquet file or workbook.
        NothingToProcessError: the file has no header or no rows.
        OperationalError: the file cannot be read.
    """
    noted = FormFaults() if faults is None else faults
    try:
        with open_regular(path) as file:
            magic = file.read(len(_PARQUET_MAGIC))
            file.seek(0)
            if magic == WORKBOOK_MAGIC:
                yield from _excel_items(path, noted)
            elif magic == _PARQUET_MAGIC:
                # Loads Arrow, which takes longer to load than most case files take to be read.
                from narrowgate.adapters.files.parquet_cases import parquet_items  # noqa: PLC0415

                yield from parquet_items(file, path, noted)
            else:
                yield from _csv_items(file, path, noted)
    except OSError as error:
        raise OperationalError(
            f"The case file cannot be read: {error.strerror or 'input or output error'}.",
            where=str(path),
            next_step=system_reason(error)[1],
        ) from error
    if faults is None:
        noted.require_none(str(path))


def read_case_stream(stream: BinaryIO, name: str, faults: FormFaults) -> Iterator[CaseItem]:
    """The items of comma-separated text from a stream, as ``read_case_file`` reads them from a file.

    Args:
        stream: UTF-8 bytes, such as standard input.
        name: of the stream, for messages.
        faults: takes what is wrong.
    """
    return _csv_items(stream, Path(name), faults)


def _csv_items(file: BinaryIO, path: Path, faults: FormFaults) -> Iterator[CaseItem]:
    rows = _csv_rows(_text_lines(file, path, faults), faults)
    _, header = next(rows, (0, []))
    if not header and not faults:
        raise NothingToProcessError(
            "The case file is empty.", next_step="Begin it with the header line.", where=str(path)
        )
    if header:
        yield from items_of(header, rows, str(path), faults)


def _csv_rows(lines: Iterator[str], faults: FormFaults) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line on which it begins: a quoted cell may go on over several."""
    reader = csv.reader(lines, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            yield first, next(reader)
        except StopIteration:
            return
        except csv.Error:
            faults.add("R-10", _NOT_CSV, first, _WRITE_AGAIN)


def _text_lines(file: BinaryIO, path: Path, faults: FormFaults) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            while not line.endswith(b"\n") and (line := file.readline(MAX_LINE_BYTES)):
                pass
            faults.add("R-10", f"The line is longer than {MAX_LINE_BYTES} bytes.", number, _WRITE_AGAIN)
            yield "\n"
            continue
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            if b"\0" in line or line.startswith(_UTF_16_MARKS):
                raise refused_file("The file is not UTF-8 text but UTF-16 or binary.", path, number, _SAVE_AS)
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            faults.add("R-10", "The line is not UTF-8 text.", number, _SAVE_AS)
            yield line.decode("cp1252", "replace")  # what it most likely is, to look on


def _excel_items(path: Path, faults: FormFaults) -> Iterator[CaseItem]:
    names, rows = read_sheet(path)
    return items_of(names, _excel_rows(names, rows, faults), str(path), faults)


def _excel_rows(
    names: list[str], rows: Iterator[tuple[int, list[Cell]]], faults: FormFaults
) -> Iterator[tuple[int, list[str]]]:
    """Every row as text; a cell that is no longer what was typed is a fault, told by its name."""
    for line, cells in rows:
        texts = []
        for column, (name, cell) in enumerate(zip(names, cells, strict=True)):
            text = text_of(cell, DIGITS.get(name, ()))
            if text is None:
                known = name if name in ITEM_COLUMNS else "no column of a case file"
                faults.add("R-10", what_became_of(cell), line, TO_TEXT, cell_name(column, line), known)
                text = likely_text(cell, DIGITS.get(name, ())) or (f"row-{line}" if name == "item" else "")
            texts.append(text)
        yield line, texts


def refused_file(what: str, path: Path, line: int, next_step: str = "") -> RefusedError:
    """The error of a file that is no case file.

    Args:
        what: happened.
        path: of the file.
        line: of it; 0 where no line is meant.
        next_step: what to do.
    """
    where = f"{path}:{line}" if line else str(path)
    return RefusedError(what, next_step=next_step or "Write the case file again.", where=where, rule="R-10")
