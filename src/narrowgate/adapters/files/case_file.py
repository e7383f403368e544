"""Case files on disk: CSV (UTF-8) and Parquet (text columns), read row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.core.base.errors import NothingToProcessError, OperationalError, RefusedError
from narrowgate.core.request.case_file import CaseItem, items_of

MAX_LINE_BYTES: Final = 65_536
"""No row of one person is longer; a longer line is another kind of file."""

_PARQUET_MAGIC: Final = b"PAR1"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BATCH_ROWS: Final = 10_000
_SAVE_AS: Final = "Save the file as 'CSV UTF-8'; other encodings lose accents without a sign."


def read_case_file(path: Path) -> Iterator[CaseItem]:
    """The items of a case file in order, each with its line, holding a few rows in memory at a time.

    A file that begins as Parquet does is read as Parquet, any other as comma-separated text in UTF-8, with or
    without a byte order mark. In Parquet the line is the row's number plus one, as if a header stood above.

    Raises:
        RefusedError: as ``items_of``; or the text is not UTF-8, a line is over 65,536 bytes, quotes do not
            match, or a Parquet column is no text (all R-10).
        NothingToProcessError: the file has no header or no rows.
        OperationalError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            is_parquet = file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
            file.seek(0)
            yield from (_parquet_items if is_parquet else _csv_items)(file, path)
    except OSError as error:
        raise OperationalError(
            f"The case file cannot be read: {error.strerror or 'input or output error'}.", where=str(path)
        ) from error


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
            "return stands alone.",
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
