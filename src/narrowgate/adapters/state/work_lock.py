"""One worker at a time, on one machine or on several that share a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from sqlalchemy import Connection, text

from narrowgate.adapters.state.connection import (
    database_file,
    failing_closed,
    hold_file,
    hold_server,
    reached_engine,
)
from narrowgate.core.base.errors import InUseError, UnavailableError

_WORKER_LOCK: Final = 0x6E6172726F78
"""Names the worker's lock on a PostgreSQL server; the gate's own is another, held while a package is decided."""


class WorkLock(Protocol):
    """Held by this process alone."""

    def require_held(self) -> None:
        """Return only if it is still held.

        Raises:
            InUseError: the session on the server was lost, and with it the lock; another machine may hold it.
        """
        ...


class _FileLock:
    """A file's lock is lost with the process only."""

    def require_held(self) -> None:
        """See ``WorkLock``."""


class _ServerLock:
    """An advisory lock is the session's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def require_held(self) -> None:
        """See ``WorkLock``."""
        try:
            with failing_closed("looking after the worker's lock"):
                self._connection.execute(text("SELECT 1"))
                self._connection.commit()
        except UnavailableError as error:
            raise InUseError(
                "The worker's lock is lost.",
                why="The server ended the session that held it; another machine may hold it by now.",
                next_step="The worker takes it again when it can.",
            ) from error


@contextmanager
def work_lock(url: str) -> Iterator[WorkLock]:
    """The lock of the one worker over the state at ``url``: a file beside SQLite's, an advisory lock on PostgreSQL.

    Raises:
        InUseError: another worker holds it.
        ConfigurationError: no usable URL.
        UnavailableError: the server cannot be reached.
    """
    file = database_file(url)
    if file is not None:
        descriptor = hold_file(file.with_name(file.name + ".worker"), "Another worker takes packages in.")
        try:
            yield _FileLock()
        finally:
            os.close(descriptor)
        return
    engine = reached_engine(url)
    try:
        connection = hold_server(engine, _WORKER_LOCK, "Another worker takes packages in.")
        try:
            yield _ServerLock(connection)
        finally:
            connection.close()
    finally:
        engine.dispose()
