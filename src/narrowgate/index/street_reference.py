"""A street reference on its way into an index: each street, and each ZIP Code it covers, as guard rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.core.base.errors import NothingToProcessError
from narrowgate.core.matching.record import reference_point, reference_rows
from narrowgate.core.matching.token import TOKEN_SIZE, IndexKey
from narrowgate.index.layout import GUARD

REFERENCE_NAME = "reference.parquet"

ReferenceRow = tuple[str, str, str]
"""ZIP Code, street name and suffix as the list has them; the suffix may stand in the name."""

_BATCH = 4096
_NO_ZIP = bytes(TOKEN_SIZE)


@dataclass(frozen=True, slots=True)
class ReferenceCounts:
    """What became of the rows of a street reference: read is known, repeated and not understood together.

    Args:
        read: rows.
        known: streets kept, each with its ZIP Code and suffix.
        repeated: rows that name a street once more.
        not_understood: rows that name no street of a ZIP Code.
    """

    read: int = 0
    known: int = 0
    repeated: int = 0
    not_understood: int = 0


def write_reference(rows: Iterable[ReferenceRow] | None, key: IndexKey, work: Path) -> ReferenceCounts:
    """Writes the guard rows of a street reference into ``work``; of no reference, no rows.

    Args:
        rows: of the list; None where there is none.
        key: the index key.
        work: holds no reference yet.

    Raises:
        NothingToProcessError: no row of the list names a street.
    """
    read = repeated = not_understood = 0
    met: set[ReferenceRow] = set()
    streets: set[tuple[str, str, str]] = set()
    schema = pa.schema([pa.field(name, pa.int64()) for name in GUARD.places])
    with pq.ParquetWriter(work / REFERENCE_NAME, schema, compression="none") as writer:
        remaining = iter(rows or ())
        while batch := list(islice(remaining, _BATCH)):
            written: list[bytes] = []
            for row in batch:
                read += 1
                if row in met:
                    repeated += 1
                    continue
                met.add(row)
                point = reference_point(*row)
                if point is None:
                    not_understood += 1
                    continue
                street = (point.zip5, point.street_name, point.suffix)
                if street in streets:
                    repeated += 1
                    continue
                streets.add(street)
                written += [one.guard + one.value + _NO_ZIP for one in reference_rows(key, point)]
            writer.write_batch(pa.RecordBatch.from_pydict(GUARD.columns(b"".join(written))))
    if rows is not None and not streets:
        raise NothingToProcessError(
            f"None of the {read:,} rows of the street reference names a street in a ZIP Code.",
            next_step="Give a list with the columns zip, street_name and, where it has one, suffix.",
        )
    return ReferenceCounts(read, len(streets), repeated, not_understood)
