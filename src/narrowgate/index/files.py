"""Sorted data files: cut by the first bits of the token, so that a probe opens only what it needs."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.index.columns import joined, words
from narrowgate.index.manifest import IndexFile

ROW_GROUP_ROWS = 16_384
"""Rows under one pair of statistics: what a probe of one token reads, about 400 kB."""

FILE_ROWS = 1 << 20
"""Rows a file should hold, on average; tokens are evenly spread."""

_LARGEST_SPLIT_BITS = 10

ROW_SCHEMA = pa.schema([pa.field(name, pa.int64()) for name in ("token_high", "token_low", "sealed")])
"""Every row of an index, whatever it denotes: a name, and a masked value."""

INDEX_FILE_MODE = 0o640
"""The index is read by the gate's group, and by nobody else."""


def split_bits(rows: int) -> int:
    """How many leading bits of the token name a file when about ``rows`` rows are written."""
    return min(_LARGEST_SPLIT_BITS, max(0, (rows // FILE_ROWS).bit_length()))


def write_sorted(
    batches: Iterable[pa.RecordBatch], root: Path, kind: str, prefix: str, bits: int
) -> tuple[IndexFile, ...]:
    """Writes rows sorted by token into ``<root>/<kind>/<prefix><part>.parquet``; equal rows give equal bytes.

    Args:
        batches: ``token_high, token_low, sealed`` in ascending order.
        root: directory of the index.
        kind: ``tokens`` or ``guards``.
        prefix: of the file name.
        bits: of the token that choose a file (``split_bits``).
    """
    (root / kind).mkdir(exist_ok=True)
    files: list[IndexFile] = []
    for part, rows in _parts(batches, bits):
        path = root / kind / f"{prefix}{part:04x}.parquet"
        _write_one(path, rows)
        files.append(describe_file(root, path, kind))
    return tuple(files)


def _write_one(path: Path, batches: Iterator[pa.RecordBatch]) -> None:
    with (
        open(path, "xb", opener=_opened) as sink,
        pq.ParquetWriter(
            sink, ROW_SCHEMA, compression="none", use_dictionary=False, write_statistics=True
        ) as writer,
    ):
        waiting: list[pa.RecordBatch] = []
        count = 0
        for batch in batches:
            waiting.append(batch)
            count += batch.num_rows
            if count >= ROW_GROUP_ROWS:
                table = pa.Table.from_batches(waiting).cast(ROW_SCHEMA)
                whole = count - count % ROW_GROUP_ROWS
                writer.write_table(table.slice(0, whole), row_group_size=ROW_GROUP_ROWS)
                waiting = table.slice(whole).to_batches()
                count -= whole
        if count:
            writer.write_table(pa.Table.from_batches(waiting).cast(ROW_SCHEMA), row_group_size=ROW_GROUP_ROWS)


def write_index_file(path: Path, data: bytes) -> None:
    """Writes a small file of an index that does not exist yet, for owner and group alone."""
    with open(path, "xb", opener=_opened) as handle:
        handle.write(data)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, INDEX_FILE_MODE)


def _parts(batches: Iterable[pa.RecordBatch], bits: int) -> Iterator[tuple[int, Iterator[pa.RecordBatch]]]:
    """The rows of each file that has some; each part is consumed before the next is asked for."""
    cut = pieces(batches, bits)
    following = next(cut, None)
    while following is not None:
        part = following[0]

        def rows(part: int = part) -> Iterator[pa.RecordBatch]:
            nonlocal following
            while following is not None and following[0] == part:
                yield following[1]
                following = next(cut, None)

        yield part, rows()


def pieces(batches: Iterable[pa.RecordBatch], bits: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Each batch, sorted by token, cut where the leading ``bits`` of the token change, with the number they make."""
    half = 1 << bits >> 1
    for batch in batches:
        if not bits:
            yield 0, batch
            continue
        highs = words(batch.column("token_high"))
        start = 0
        while start < batch.num_rows:
            part = highs[start] >> (64 - bits)
            end = bisect_left(highs, (part + 1) << (64 - bits), start)
            yield part + half, batch.slice(start, end - start)
            start = end


def describe_file(root: Path, path: Path, kind: str) -> IndexFile:
    """The manifest entry of a finished data file."""
    metadata = pq.read_metadata(path)
    with path.open("rb") as data:
        digest = file_digest(data, "sha256").hexdigest()
    first = _token_at(path, 0, 0)
    last_group = metadata.num_row_groups - 1
    last = _token_at(path, last_group, metadata.row_group(last_group).num_rows - 1)
    return IndexFile(
        kind,
        path.relative_to(root).as_posix(),
        metadata.num_rows,
        path.stat().st_size,
        digest,
        first,
        last,
    )


def _token_at(path: Path, group: int, row: int) -> str:
    with pq.ParquetFile(path) as file:
        table = file.read_row_group(group, columns=["token_high", "token_low"]).slice(row, 1)
    return joined(table.column(0), table.column(1))[0].hex()


def flush(path: Path) -> None:
    """The bytes of a file, or the names in a directory, are on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
