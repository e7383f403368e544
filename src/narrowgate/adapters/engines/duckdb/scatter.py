"""Sorting more than memory holds: rows go to files by the leading bits of their token, each small enough to merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.engines.duckdb.connection import stream
from narrowgate.index.files import pieces

_PART_ROWS = 4 << 20
"""Rows merged at a time: with their hash table some 400 MB."""


def merged_in_parts(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    merge: str,
    work: Path,
    expected: int,
    told: Callable[[int, int | None], None],
) -> Iterator[pa.RecordBatch]:
    """The rows of ``rows`` merged by ``merge`` and sorted by token, in memory that does not grow with their number.

    Args:
        connection: with the tables both queries name.
        rows: a query whose rows begin with ``token_high, token_low``.
        merge: a query over ``part``, grouped and sorted by token; equal tokens always stand in one part.
        work: a directory for the parts; they hold tokens only.
        expected: about how many rows there are.
        told: how many parts are merged, and how many there are once the rows are distributed.
    """
    told(0, None)
    bits = (expected // _PART_ROWS).bit_length()
    work.mkdir()
    parts = _scatter(stream(connection, rows), work, bits)
    for done, path in enumerate(parts):
        told(done, len(parts))
        connection.read_parquet(str(path)).create_view("part")
        yield from stream(connection, merge)
        connection.execute("DROP VIEW part")
        path.unlink()
    told(len(parts), len(parts))
    work.rmdir()


def _scatter(batches: Iterator[pa.RecordBatch], work: Path, bits: int) -> list[Path]:
    writers: dict[int, pq.ParquetWriter] = {}
    try:
        for part, rows in pieces((batch.sort_by("token_high") for batch in batches), bits):
            if part not in writers:
                writers[part] = pq.ParquetWriter(
                    _path(work, part),
                    rows.schema,
                    compression="none",
                    use_dictionary=False,
                    write_statistics=False,
                )
            writers[part].write_batch(rows)
    finally:
        for writer in writers.values():
            writer.close()
    return [_path(work, part) for part in sorted(writers)]


def _path(work: Path, part: int) -> Path:
    return work / f"{part:06d}.parquet"
