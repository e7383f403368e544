"""The state of one log into the state of the next: what was charged, asked and answered, nothing of the log itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select

from narrowgate.adapters.state.connection import failing_closed
from narrowgate.adapters.state.rows import start_of, store_log_size
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.state.tables import (
    ABANDONED,
    FIRST_ANSWERS,
    HISTORY_KEY,
    INDEX_IN_USE,
    MERGED_SUBJECTS,
    OPEN_ITEMS,
    PACKAGES,
    REASONS,
    RECEIPTS,
    SUBJECT_ADDRESSES,
    SUBJECT_KEYS,
    SUBJECTS,
    TERMS,
)
from narrowgate.core.base.errors import UsageError
from narrowgate.gate.ports import PackageStart

_COPIED: Final = (
    TERMS,
    HISTORY_KEY,
    INDEX_IN_USE,
    SUBJECT_KEYS,
    SUBJECTS,
    SUBJECT_ADDRESSES,
    MERGED_SUBJECTS,
    OPEN_ITEMS,
    REASONS,
    FIRST_ANSWERS,
)
"""As they are. Holds, acts and the size are the new log's own; releases and copies stay with the gate before."""

_COPIED_WITHOUT_ANSWERS: Final = tuple(table for table in _COPIED if table is not FIRST_ANSWERS)

_ROWS_AT_ONCE: Final = 5_000

Rows = Iterator[tuple[Table, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Carrying:
    """What the state of a new log begins with.

    Args:
        source: the state before; ``None`` where none is left.
        lost: packages of the log before that this state does not know; their items go on counting in the quotas.
        ended: ids of packages that go on in no way: they were not decided, or are of ``lost``.
        answers: whether the first answers go on, too; they name no package, so that where one may be recalled all
            stay behind.
    """

    source: SqlState | None
    lost: tuple[PackageStart, ...]
    ended: frozenset[str]
    answers: bool = True

    def digest(self) -> bytes:
        """SHA-256 over every row: each value behind its table, its column and its length.

        Raises:
            UnavailableError: the database failed.
        """
        with _reading(self.source) as before:
            return _digest_of(self._rows(before))

    def into(self, state: SqlState, history_sha256: bytes, log_size: int) -> None:
        """The empty state holds all of it, in one transaction, and has followed the log so far.

        Args:
            state: of the new log.
            history_sha256: that the rows must have.
            log_size: leaves of the new log, the one that names the digest included.

        Raises:
            UsageError: the state is not empty, or the one before was changed since its digest was taken.
            UnavailableError: a database failed.
        """
        with (
            _reading(self.source) as before,
            failing_closed("carrying a history over"),
            state.engine.begin() as connection,
        ):
            if connection.execute(select(PACKAGES)).first() or connection.execute(select(TERMS)).first():
                raise UsageError(
                    "The state is not empty.",
                    why="A history is carried over before the first package; two histories are not joined.",
                    next_step="Carry it into a gate that was founded just now.",
                )
            if _digest_of(self._rows(before)) != history_sha256:
                raise UsageError(
                    "The state of the log before is not the one whose digest the log names.",
                    why="It was changed or exchanged since the entry was written.",
                    next_step="Name the state that was carried over, as it was then.",
                )
            _write(connection, self._rows(before))
            store_log_size(connection, log_size)

    def _rows(self, before: Connection | None) -> Rows:
        yield from _packages(before, {start.package_id: start for start in self.lost})
        ended = set(self.ended)
        if before is not None:
            ended |= {row["package_id"] for row in _table(before, ABANDONED)}
            yield from ((RECEIPTS, row) for row in _table(before, RECEIPTS))
            for table in _COPIED if self.answers else _COPIED_WITHOUT_ANSWERS:
                yield from ((table, row) for row in _table(before, table))
        yield from ((ABANDONED, {"package_id": package_id}) for package_id in sorted(ended))


def packages_of(state: SqlState) -> dict[str, PackageStart]:
    """Every package that was begun, by its id.

    Raises:
        UnavailableError: the database failed.
    """
    with failing_closed("reading the packages"), state.engine.connect() as connection:
        return {row.package_id: start_of(row) for row in connection.execute(select(PACKAGES))}


@contextmanager
def _reading(state: SqlState | None) -> Iterator[Connection | None]:
    """One view of the state before, or nothing where there is none."""
    if state is None:
        yield None
        return
    with failing_closed("reading the state before"), state.engine.connect() as connection:
        yield connection


def _packages(source: Connection | None, missing: Mapping[str, PackageStart]) -> Rows:
    if source is not None:
        for row in _table(source, PACKAGES):
            yield PACKAGES, row
    for _, start in sorted(missing.items()):
        yield (
            PACKAGES,
            {
                "package_id": start.package_id,
                "manifest_sha256": start.manifest_sha256,
                "office": start.office,
                "item_count": start.items,
                "received_on": start.received_on,
                "resume": start.resume,
            },
        )


def _table(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
        yield dict(row)


def _digest_of(rows: Rows) -> bytes:
    digest = sha256()
    for table, row in rows:
        for column in table.columns:
            value = row[column.name]
            data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            digest.update(f"{table.name} {column.name} {len(data)}\n".encode())
            digest.update(data)
    return digest.digest()


def _write(connection: Connection, rows: Rows) -> None:
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        tables = dict.fromkeys(table for table, _ in part)
        for table in tables:
            connection.execute(insert(table), [row for of, row in part if of is table])
