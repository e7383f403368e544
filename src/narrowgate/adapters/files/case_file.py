"""Case files on disk: CSV (UTF-8), Parquet (text columns) and Excel workbooks, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.files.regular import open_regular
from narrowgate.adapters.files.workbook import (
    WORKBOOK_MAGIC,
    Cell,
    cell_name,
    read_sheet,
    refuse_values,
    text_of,
    what_became_of,
)
from narrowgate.core.base.errors import NothingToProcessError, OperationalError, RefusedError
from narrowgate.core.request.case_file import CaseItem, items_of

MAX_LINE_BYTES: Final = 65_536
"""No row of one person is longer; a longer line is another kind of file."""

_PARQUET_MAGIC: Final = b"PAR1"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BATCH_ROWS: Final = 10_000
DIGITS: Final = {"tin": (9,), "zip": (5, 9)}
"""How many digits a value has whose leading zeros Excel would have dropped."""
_SAVE_AS: Final = "Save the file as 'CSV UTF-8'; other encodings lose accents without a sign."


def read_case_file(path: Path) -> Iterator[CaseItem]:
    """The items of a case file in order, each with its line, holding a few rows in memory at a time.

    A file that begins as Parquet or as an Excel workbook does is read as such, any other as comma-separated text in
    UTF-8, with or without a byte order mark. In Parquet the line is the row's number plus one, as if a header stood
    above; in a workbook it is the row's number in Excel.

    Raises:
        RefusedError: as ``items_of``; or the text is not UTF-8, a line is over 65,536 bytes, quotes do not
            match, a Parquet column is no text, or a cell of a workbook is no longer what was typed (all R-10).
        NothingToProcessError: the file has no header or no rows.
        OperationalError: the file cannot be read.
    """
    try:
        with open_regular(path) as file:
            magic = file.read(len(_PARQUET_MAGIC))
            file.seek(0)
            if magic == WORKBOOK_MAGIC:
                yield from _excel_items(path)
            else:
                yield from (_parquet_items if magic == _PARQUET_MAGIC else _csv_items)(file, path)
    except OSError as error:
        raise OperationalError(
            f"The case file cannot be read: {error.strerror or 'input or output error'}.", where=str(path)
        ) from error


def read_case_stream(stream: BinaryIO, name: str) -> Iterator[CaseItem]:
    """The items of comma-separated text from a stream, as ``read_case_file`` reads them from a file.

    Args:
        stream: UTF-8 bytes, such as standard input.
        name: of the stream, for messages.
    """
    return _csv_items(stream, Path(name))


def _csv_items(file: BinaryIO, path: Path) -> Iterator[CaseItem]:
    reader = csv.reader(_text_lines(file, path), strict=True)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        # The line on which a row begins: a quoted cell may go on over several.
        first = reader.line_num + 1
        for cells in reader:
            yield first, cells
            first = reader.line_num + 1

    try:
        header = next(reader, None)
        if header is None:
            raise NothingToProcessError(
                "The case file is empty.", next_step="Begin it with the header line.", where=str(path)
            )
        yield from items_of(header, numbered(), str(path))
    except csv.Error as error:
        raise _refused(
            "The line is not comma-separated text: quotes do not match, a cell is too long, or a carriage "
            "return is alone.",
            path,
            reader.line_num,
        ) from error


def _text_lines(file: BinaryIO, path: Path) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            raise _refused(f"The line is longer than {MAX_LINE_BYTES} bytes.", path, number)
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            if b"\0" in line:
                raise _refused("The file is not UTF-8 text but UTF-16 or binary.", path, number, _SAVE_AS)
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            problem = f"The line is not UTF-8 text (byte {error.start + 1})."
            raise _refused(problem, path, number, _SAVE_AS) from error


def _parquet_items(file: BinaryIO, path: Path) -> Iterator[CaseItem]:
    with _damage_refused(path):
        table = pq.ParquetFile(file)
    other = [field.name for field in table.schema_arrow if not _is_text(field.type)]
    if other:
        raise _refused(
            f"{len(other)} Parquet column(s) are not text.",
            path,
            0,
            "Write every column as text: numbers lose leading zeros, dates their form.",
        )
    yield from items_of(table.schema_arrow.names, _parquet_rows(table, path), str(path))


def _parquet_rows(table: pq.ParquetFile, path: Path) -> Iterator[tuple[int, list[str]]]:
    line = 1
    batches = table.iter_batches(batch_size=_BATCH_ROWS)
    while True:
        with _damage_refused(path):
            batch = next(batches, None)
            columns = [column.to_pylist() for column in batch.columns] if batch else []
        if batch is None:
            return
        for cells in zip(*columns, strict=True):
            line += 1
            yield line, [cell or "" for cell in cells]


def _excel_items(path: Path) -> Iterator[CaseItem]:
    names, rows = read_sheet(path)
    return items_of(names, _excel_rows(names, rows, path), str(path))


def _excel_rows(
    names: list[str], rows: Iterator[tuple[int, list[Cell]]], path: Path
) -> Iterator[tuple[int, list[str]]]:
    """Every row as text; all cells that are no longer what was typed are told together."""
    read: list[tuple[int, list[str]]] = []
    problems: list[str] = []
    for line, cells in rows:
        texts = []
        for column, (name, cell) in enumerate(zip(names, cells, strict=True)):
            text = text_of(cell, DIGITS.get(name, ()))
            if text is None:
                problems.append(f"{cell_name(column, line)} ({name}) {what_became_of(cell)}")
            texts.append(text or "")
        read.append((line, texts))
    if problems:
        raise refuse_values(problems, path)
    yield from read


@contextmanager
def _damage_refused(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        # Arrow reports damaged pages as input errors, but without the number that a failing disk gives.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _refused("The Parquet file is truncated or damaged.", path, 0) from error


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_null(value))


def _refused(what: str, path: Path, line: int, next_step: str = "") -> RefusedError:
    where = f"{path}:{line}" if line else str(path)
    return RefusedError(what, next_step=next_step or "Write the case file again.", where=where, rule="R-10")
