"""The accounting as Parquet: a row for each number, as in the CSV, with the data dictionary in the file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq


def parquet_bytes(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    counts: frozenset[str],
    meanings: Sequence[str],
) -> bytes:
    """Returns the table; the same rows give the same bytes under one version of the library, which the file names.

    Args:
        columns: their names, in order.
        rows: a cell for each column.
        counts: the columns that hold whole numbers, or nothing; the others hold text.
        meanings: of each column, kept as its metadata.
    """
    schema = pa.schema(
        [
            pa.field(name, pa.int64() if name in counts else pa.string(), metadata={"meaning": meaning})
            for name, meaning in zip(columns, meanings, strict=True)
        ]
    )
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(cells, schema, strict=True)], schema=schema
    )
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()
