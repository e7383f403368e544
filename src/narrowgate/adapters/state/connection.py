"""A database that keeps what it acknowledges: asserted at every connection, not hoped for."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from narrowgate.adapters.state.schema_version import SCHEMA_VERSION
from narrowgate.adapters.state.tables import METADATA, SCHEMA
from narrowgate.core.base.errors import (
    ConfigurationError,
    InUseError,
    NarrowgateError,
    OperationalError,
    UnavailableError,
)
from narrowgate.core.base.system_errors import refused_by_system

_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""WAL with synchronous=FULL loses no acknowledged commit at a power cut; with NORMAL it does (sqlite.org)."""

_CACHE_KIB = 65_536

_CONNECT_SECONDS = 10

_BACKENDS = frozenset({"sqlite", "postgresql"})

_URL_FORMS = (
    "Name the path of an SQLite file, or postgresql+psycopg://USER@HOST/DATABASE; one with a password as env:NAME or "
    "file:PATH."
)

_ADVISORY_LOCK = 0x6E6172726F77
"""Names the gate's lock on a PostgreSQL server (PostgreSQL manual, section 13.3.5)."""


@contextmanager
def failing_closed(action: str) -> Iterator[None]:
    """Any failure of the database becomes one error of ours, without statement or values.

    Raises:
        UnavailableError: the database failed.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise UnavailableError(
            f"The gate's state failed while {action}.",
            why=f"The database reports {_name(error)}.",
            next_step="See that the database runs and has space, then run the package again: nothing is charged twice.",
        ) from error


def connect_arguments(url: str) -> dict[str, Any]:
    """A server that does not answer is given up after some seconds, unless the URL itself says when."""
    parsed = make_url(url)
    is_server = parsed.get_backend_name() == "postgresql"
    return (
        {"connect_timeout": _CONNECT_SECONDS} if is_server and "connect_timeout" not in parsed.query else {}
    )


def _name(error: SQLAlchemyError) -> str:
    """What kind of failure it was: SQLite's own name for it, such as SQLITE_FULL, or the exception's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))


def database_file(url: str) -> Path | None:
    """The file an SQLite URL names; nothing for a database server.

    Raises:
        ConfigurationError: no database URL, or a database in memory.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "The state's database URL is not understood.",
            why="Its text is not shown, because it may hold a password.",
            next_step=_URL_FORMS,
        ) from None
    backend = parsed.get_backend_name()
    if backend not in _BACKENDS:
        raise ConfigurationError(
            "The state's database is of a kind that the gate does not know.",
            why="A budget must be locked and durable; that is made sure for SQLite and PostgreSQL only.",
            next_step=_URL_FORMS,
        )
    if backend != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError(
            "The state cannot live in memory.",
            why="A crash would forget it.",
            next_step="Name a file or a PostgreSQL database as 'state'.",
        )
    return Path(parsed.database)


def open_engine(url: str) -> Engine:
    """An engine whose every connection is durable and whose schema is this version's.

    Args:
        url: an SQLAlchemy URL, such as ``sqlite:////var/lib/narrowgate/state.db``.

    Raises:
        ConfigurationError: no database URL, or a schema of another version.
        OperationalError: a connection that does not keep what it acknowledges.
        UnavailableError: the database cannot be reached.
    """
    engine = reached_engine(url)
    try:
        with failing_closed("opening"):
            _ensure_schema(engine)
    except NarrowgateError:
        engine.dispose()  # a connection that stays open may lock the database for the next try of this process
        raise
    return engine


def reached_engine(url: str) -> Engine:
    """An engine whose every connection is durable, and whose server answers; its schema is not looked at.

    Raises:
        ConfigurationError: no database URL.
        OperationalError: a connection that does not keep what it acknowledges.
        UnavailableError: the database cannot be reached.
    """
    file = database_file(url)
    try:
        engine = _new_engine(url) if file is None else _engine_of_file(url, file.absolute())
    except (ArgumentError, ImportError):
        raise ConfigurationError(
            "There is no driver for the state's database URL.",
            why="PostgreSQL needs an extra that is not installed, or the URL names another driver.",
            next_step="Install narrowgate[postgresql], and begin the URL with postgresql+psycopg://.",
        ) from None
    if file is None:
        _require_reached(engine)
    else:
        file.touch(mode=0o600)
    return engine


def _new_engine(url: str) -> Engine:
    # Values of a statement must not stand in an error, a log or a traceback.
    return create_engine(url, hide_parameters=True, connect_args=connect_arguments(url))


@lru_cache(maxsize=4)
def _engine_of_file(url: str, _place: Path) -> Engine:
    """The same engine for the same file, which knows its statements compiled; it holds no connection once disposed of.

    A worker opens the state anew for each package: to compile them again took longer than to run them.
    """
    engine = _new_engine(url)
    event.listen(engine, "connect", _make_durable)
    return engine


def _require_reached(engine: Engine) -> None:
    """The server lets the gate in; what it says is not repeated, for it may quote the URL."""
    try:
        engine.connect().close()
    except SQLAlchemyError as error:
        raise UnavailableError(
            "The database of the state cannot be reached.",
            why="There is no server at that address, or it does not let this user in.",
            next_step="Try the same URL with psql, which shows the server's message. Nothing was decided.",
        ) from error


_HELD: Final = "Another gate run holds the state."


def hold_server(engine: Engine, lock: int = _ADVISORY_LOCK, held: str = _HELD) -> Connection:
    """A connection that holds this database for this process alone until it is closed or the process ends.

    Args:
        engine: of the database.
        lock: which of the locks.
        held: what is told where another process holds it.

    Raises:
        InUseError: another process holds it.
        UnavailableError: the server cannot be reached.
    """
    with failing_closed("taking hold of the database"):
        connection = engine.connect()
        if connection.execute(select(func.pg_try_advisory_lock(lock))).scalar_one():
            connection.commit()  # the lock is the session's; an open transaction would only hinder others
            return connection
        connection.close()
    raise _held(held)


def hold_file(path: Path, held: str = _HELD) -> int:
    """The descriptor of a lock that this process alone holds until it closes it or ends.

    Args:
        path: of the lock's file.
        held: what is told where another process holds it.

    Raises:
        OperationalError: the file cannot be made.
        InUseError: another process holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise refused_by_system(error, "The state's directory cannot be written.", where=path.name) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise _held(held) from error
    return descriptor


def _held(what: str) -> InUseError:
    return InUseError(
        what,
        why="Budgets are read and charged by one run at a time.",
        next_step="Wait until it ends.",
    )


def _make_durable(connection: Any, _record: object) -> None:
    try:
        _set_pragmas(connection)
    except BaseException:
        connection.close()  # the pool has not taken it, and does not close it
        raise


def _set_pragmas(connection: Any) -> None:
    cursor = connection.cursor()
    try:
        for pragma, wanted in _PRAGMAS.items():
            cursor.execute(f"PRAGMA {pragma} = {wanted}")
            (found,) = cursor.execute(f"PRAGMA {pragma}").fetchone()
            if found != wanted:
                raise OperationalError(
                    f"SQLite does not run with {pragma} = {wanted}.",
                    why="An acknowledged commit could be lost.",
                    next_step="Put the state on a local disk with a file system that SQLite supports.",
                )
        cursor.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
    finally:
        cursor.close()


def _ensure_schema(engine: Engine) -> None:
    # The version comes last: a creation cut short has none, and is completed at the next opening.
    if not inspect(engine).has_table(SCHEMA.name):
        METADATA.create_all(engine, tables=[table for table in METADATA.sorted_tables if table is not SCHEMA])
        METADATA.create_all(engine, tables=[SCHEMA])
    with engine.begin() as connection:
        versions = connection.execute(select(SCHEMA.c.version)).scalars().all()
        if not versions:
            connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION))
        elif list(versions) != [SCHEMA_VERSION]:
            older = max(versions) < SCHEMA_VERSION
            raise ConfigurationError(
                f"The state has schema version {max(versions)}, this program version {SCHEMA_VERSION}.",
                next_step="Bring it up to this version: 'narrowgate state upgrade --config gate.toml'."
                if older
                else "Use the program version that wrote it.",
            )
