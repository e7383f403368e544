"""Merging the layers of an index on DuckDB (``index.ports.MergeEngine``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from narrowgate.adapters.engines.duckdb.aggregate import DIALECT
from narrowgate.adapters.engines.duckdb.connection import connect, view_files
from narrowgate.adapters.engines.duckdb.scatter import merged_in_parts
from narrowgate.index.base import Base, prefix_of
from narrowgate.index.files import ROW_SCHEMA, split_bits, write_sorted
from narrowgate.index.manifest import IndexFile
from narrowgate.index.ports import IndexFiles
from narrowgate.index.progress import Progress


@dataclass(frozen=True, slots=True)
class DuckDBMerge:
    """Merges in this process (``MergeEngine``).

    Args:
        memory_limit: of the database, such as ``1GB``.
        threads: cores it may use.
    """

    memory_limit: str = "1GB"
    threads: int = 2

    def merge(self, below: Base, work: Path, finished: Path, progress: Progress) -> IndexFiles:
        """The rows of all layers of ``below`` become sorted data files in ``finished``, each row once.

        Raises:
            OperationalError: disk or memory failed.
        """
        with connect(self.memory_limit, self.threads, work / "spill") as connection:
            return _merged_files(connection, below, finished, progress)


def _merged_files(
    connection: duckdb.DuckDBPyConnection, below: Base, finished: Path, progress: Progress
) -> IndexFiles:
    files: list[IndexFile] = []
    for kind in ("tokens", "guards"):
        view_files(connection, "layers", below.paths(kind), ROW_SCHEMA)
        count = sum(file.rows for file in below.manifest.files_of(kind))
        told = partial(progress, f"parts of {kind}")
        once = DIALECT.merged("sealed rows", "part")
        rows = merged_in_parts(connection, "SELECT * FROM layers", once, finished.parent / kind, count, told)
        files += write_sorted(rows, finished, kind, prefix_of(0), split_bits(count))
        connection.execute("DROP VIEW IF EXISTS layers")
    return tuple(files)
