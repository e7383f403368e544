"""The set operations of one build on DuckDB (``index.aggregate``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from narrowgate.adapters.engines.duckdb.connection import view_files, view_table
from narrowgate.adapters.engines.duckdb.scatter import merged_in_parts
from narrowgate.index import sql
from narrowgate.index.base import Base
from narrowgate.index.files import ROW_SCHEMA
from narrowgate.index.progress import Progress

DIALECT = sql.Dialect(
    unnested="SELECT unnest(tokens_high) AS token_high, unnest(tokens_low) AS token_low, unnest(masks) AS mask, years"
    " FROM uncrowded",
    exclusive_or="xor({}, {})",
    ordered=" ORDER BY token_high, token_low, sealed",
)


class DuckDBDatabase:
    """What was tokenized, as relations (``index.aggregate.Database``).

    Args:
        connection: a fresh database.
        work: holds what was tokenized.
        base: the index below, whose suppressed persons and streets count too; None for a first build.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, work: Path, base: Base | None) -> None:
        self._connection = connection
        for name in ("entries", "streets", "suppressed", "reference"):
            connection.read_parquet(str(work / f"{name}.parquet")).create_view(name)
        view_files(connection, "base_guards", base.paths("guards") if base else [], ROW_SCHEMA)

    def rows(self, statement: str) -> list[tuple[int, ...]]:
        """The few rows of ``statement``."""
        found: list[tuple[int, ...]] = self._connection.execute(statement).fetchall()
        return found

    def put(self, name: str, batch: pa.RecordBatch) -> None:
        """Makes a few rows appear as ``name``, instead of those that did."""
        self._connection.execute(f"DROP VIEW IF EXISTS {name}")
        view_table(self._connection, name, pa.Table.from_batches([batch]))

    def keep(self, name: str, statement: str) -> None:
        """Makes the rows of ``statement`` appear as ``name``, computed once."""
        self._connection.execute(f"CREATE TABLE {name} AS {statement}")

    def view(self, name: str, statement: str) -> None:
        """Makes the rows of ``statement`` appear as ``name``, computed when they are read."""
        self._connection.execute(f"CREATE VIEW {name} AS {statement}")


def merged(
    connection: duckdb.DuckDBPyConnection, kind: str, work: Path, expected: int, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """The rows of one kind, each once and sorted, in memory that does not grow with their number.

    Args:
        connection: with the relation ``guards`` or ``uncrowded``.
        kind: ``tokens`` or ``guards``.
        work: a directory for what lies between; it holds tokens only.
        expected: about how many rows there are.
        progress: told what is sorted.
    """
    rows = DIALECT.unnested if kind == "tokens" else f"SELECT * FROM {kind}"  # noqa: S608 our own constants
    told = partial(progress, f"parts of {kind}")
    return merged_in_parts(connection, rows, DIALECT.merged(kind, "part"), work / kind, expected, told)
