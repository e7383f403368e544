"""DuckDB, set up so that memory is bounded, nothing is downloaded, and an error names no value."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from narrowgate.core.base.errors import OperationalError

_BATCH_ROWS = 1 << 17


_kept: dict[tuple[str, int, Path], duckdb.DuckDBPyConnection] = {}
"""One at most, for each has threads: a process that probes for another gate ends the one before."""


@atexit.register
def _end_kept() -> None:
    """While the library can: one that outlives it is told of on standard error."""
    while _kept:
        _kept.popitem()[1].close()


@contextmanager
def connect(
    memory_limit: str, threads: int, spill: Path, *, keep: bool = False, shared_by: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private database in memory that spills to ``spill``.

    Args:
        memory_limit: as DuckDB writes it, such as ``1GB``.
        threads: cores it may use.
        spill: directory for what does not fit; it only ever holds tokens.
        keep: whether one is taken that was kept, and kept for the next one: to make one takes longer than a small
            question. Who keeps it leaves nothing in it, and makes views anew.
        shared_by: databases that are open at the same time and have the memory together; none of them is kept.

    Raises:
        OperationalError: memory or disk ran out, or a file cannot be read.
    """
    settings = (memory_limit, threads, spill)
    try:
        connection = (_kept.pop(settings, None) if keep else None) or _made(*settings)
        with ExitStack() as closing:
            closing.callback(connection.close)
            if shared_by > 1:
                _take_share(connection, shared_by)
            yield connection
            if keep:
                closing.pop_all()
                _end_kept()
                _kept[settings] = connection
    except duckdb.OutOfMemoryException as error:
        raise OperationalError(
            "The memory set for the index is not enough.",
            next_step="Raise the memory limit, or give more space on the disk.",
        ) from error
    except duckdb.Error as error:
        raise OperationalError(
            "The index could not be computed.",
            why=f"DuckDB stopped with {type(error).__name__}: the disk may be full, or a file unreadable.",
            next_step="Free some space, try 'narrowgate index verify', and run the same command again.",
        ) from error


def _made(memory_limit: str, threads: int, spill: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET enable_progress_bar = false")  # standard output is the caller's
    connection.execute("SET preserve_insertion_order = false")  # every order is asked for, and less is held
    return connection


def _take_share(connection: duckdb.DuckDBPyConnection, shared_by: int) -> None:
    """Of the memory that the database may use it uses an equal share."""
    (limit,) = connection.execute("SELECT current_setting('memory_limit')").fetchone() or ("",)
    size, unit = limit.split()
    connection.execute(f"SET memory_limit = '{float(size) / shared_by}{unit}'")


def stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    """The rows of ``query`` as they come, a batch at a time; it runs when the first is asked for."""
    yield from connection.sql(query).to_arrow_reader(_BATCH_ROWS)


def view_files(connection: duckdb.DuckDBPyConnection, name: str, paths: list[str], schema: pa.Schema) -> None:
    """Makes the rows of all files appear as ``name``; no files are no rows."""
    if paths:
        connection.read_parquet(paths).create_view(name)
    else:
        view_table(connection, name, pa.Table.from_batches([], schema))


def view_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Makes ``rows`` appear as ``name``; ``register`` would load pandas, where it is installed, for a second."""
    connection.from_arrow(rows).create_view(name)
