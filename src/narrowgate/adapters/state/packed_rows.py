"""Many rows in one value: a statement cuts them out of packed bytes, in a fifth of the time that a value each takes.

A driver spends more on each value that it binds than the database on the row. So the rows go over as one byte string,
each of one length: digests as they are, numbers in as many decimal digits as the greatest one has. The statement counts
through the rows and cuts the values out, with functions that SQLite and PostgreSQL share but for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from sqlalchemy import Connection

from narrowgate.core.eligibility.history.keys import DIGEST_SIZE

_STEPS: Final = 100
"""Rows are counted in steps and within one, so that the text of a statement stays short."""

ROWS_AT_ONCE: Final = 50_000
"""Rows in one statement: long enough for a thread to make the next ones ready meanwhile."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A column of digests.

    Args:
        name: of the column.
        size: bytes of each.
    """

    name: str
    size: int = DIGEST_SIZE

    def cut(self, place: str, *, is_sqlite: bool) -> str:
        """The value that begins at ``place``, counted from 1."""
        return f"substr({_parameter(is_sqlite=is_sqlite)}, {place}, {self.size})"


@dataclass(frozen=True, slots=True)
class Number:
    """A column of whole numbers from 0 upwards.

    Args:
        name: of the column.
        size: decimal digits of each.
    """

    name: str
    size: int

    def cut(self, place: str, *, is_sqlite: bool) -> str:
        """The value that begins at ``place``, counted from 1."""
        digits = f"substr({_parameter(is_sqlite=is_sqlite)}, {place}, {self.size})"
        return f"CAST({digits} AS INTEGER)" if is_sqlite else f"convert_from({digits}, 'SQL_ASCII')::bigint"


@dataclass(frozen=True, slots=True)
class PackedInsert:
    """An insertion of packed rows.

    Args:
        table: that gets them.
        columns: of the table, in the order in which a row packs them.
        on_conflict: what follows ``ON CONFLICT``; where it updates, no two rows of one part may meet the same one.
    """

    table: str
    columns: tuple[Digest | Number, ...]
    on_conflict: str

    @property
    def row_size(self) -> int:
        """Bytes of a packed row."""
        return sum(column.size for column in self.columns)

    def run(self, connection: Connection, packed: bytes) -> None:
        """Insert all rows, in the caller's transaction.

        Args:
            connection: to SQLite or PostgreSQL.
            packed: the rows, side by side.
        """
        size = self.row_size
        is_sqlite = connection.dialect.name == "sqlite"
        for start in range(0, len(packed), ROWS_AT_ONCE * size):
            part = packed[start : start + ROWS_AT_ONCE * size]
            rows = len(part) // size
            text = statement(self, -(-rows // _STEPS), min(rows, _STEPS), is_sqlite=is_sqlite)
            connection.exec_driver_sql(text, (*[part] * len(self.columns), rows))


@lru_cache(maxsize=64)
def statement(insert: PackedInsert, steps: int, width: int, *, is_sqlite: bool) -> str:
    """The statement for up to so many steps of rows; the same text again is prepared already."""
    size = insert.row_size
    places = accumulate((column.size for column in insert.columns[:-1]), initial=1)
    values = [
        column.cut(f"{place} + {size} * (step.first + next.place)", is_sqlite=is_sqlite)
        for place, column in zip(places, insert.columns, strict=True)
    ]
    # The driver of SQLite begins a transaction before a text that begins with INSERT, and before none with WITH.
    return (
        f"INSERT INTO {insert.table} ({', '.join(column.name for column in insert.columns)}) "  # noqa: S608 constants
        f"WITH step(first) AS (VALUES {_counted(steps, _STEPS)}), next(place) AS (VALUES {_counted(width, 1)}) "
        f"SELECT {', '.join(values)} FROM step, next WHERE step.first + next.place < {'?' if is_sqlite else '%s'} "
        f"ON CONFLICT {insert.on_conflict}"
    )


def _counted(count: int, by: int) -> str:
    return ", ".join(f"({number * by})" for number in range(count))


def _parameter(*, is_sqlite: bool) -> str:
    return "?" if is_sqlite else "%s::bytea"
