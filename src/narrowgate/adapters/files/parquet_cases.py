"""Case files in Parquet: every column text, the line of a row its number plus one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.files.case_file import refused_file
from narrowgate.core.request.case_file import CaseItem, items_of
from narrowgate.core.request.form_faults import FormFaults
from narrowgate.core.request.item import ITEM_COLUMNS

_BATCH_ROWS: Final = 10_000


def parquet_items(file: BinaryIO, path: Path, faults: FormFaults) -> Iterator[CaseItem]:
    """The items of a Parquet file in order, as ``case_file.read_case_file`` tells of them.

    Args:
        file: open for reading.
        path: of it, for messages.
        faults: takes what is wrong.

    Raises:
        RefusedError: the file is truncated or damaged.
        OSError: it cannot be read.
    """
    with _damage_refused(path):
        table = pq.ParquetFile(file)
    names = table.schema_arrow.names
    other = [field for field in table.schema_arrow if not _is_text(field.type)]
    if other:
        columns = ", ".join(
            f"{field.name} ({field.type})" if field.name in ITEM_COLUMNS else str(field.type)
            for field in other
        )
        faults.add(
            "R-10",
            f"{len(other)} Parquet column(s) are not text: {columns}.",
            0,
            "Write every column as text: numbers lose leading zeros, dates their form.",
        )
    # The cells of columns that are no text say nothing, so only the headings are looked at then.
    rows = iter(()) if other else _parquet_rows(table, path)
    yield from items_of(names, rows, str(path), faults)


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
        raise refused_file("The Parquet file is truncated or damaged.", path, 0) from error


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_null(value))
