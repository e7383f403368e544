"""A state of an older schema becomes one of this version's, whole or not at all, and the old one is kept.

SQLite: a copy is upgraded and takes the place of the file by one rename; the file itself stays under another name.
PostgreSQL: everything is one transaction.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, select

from narrowgate.adapters.files.durable_files import failed, sync_directory, sync_file
from narrowgate.adapters.state.connection import (
    database_file,
    failing_closed,
    hold_file,
    hold_server,
    reached_engine,
)
from narrowgate.adapters.state.schema_version import SCHEMA_VERSION
from narrowgate.adapters.state.sql_state import begun_package
from narrowgate.adapters.state.tables import SCHEMA
from narrowgate.core.base.errors import (
    ConfigurationError,
    NothingToProcessError,
    OperationalError,
    UsageError,
)

OLDEST: Final = 3
"""The oldest schema that can be upgraded (``migrations``)."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade came to.

    Args:
        before: schema version before.
        after: schema version now.
        kept: where the state as it was lies; None on a server, where a back-up is the caller's.
    """

    before: int
    after: int
    kept: Path | None


def upgrade_state(url: str, *, backed_up: bool) -> Upgraded:
    """The state at ``url`` has this version's schema.

    Args:
        url: an SQLAlchemy URL.
        backed_up: whether the caller has a back-up; needed on a server only.

    Raises:
        NothingToProcessError: it has it already.
        ConfigurationError: there is no state, or one that cannot be upgraded.
        UsageError: a package is in progress, or there is no back-up of a server's state.
        InUseError: another process holds it.
        OperationalError: the disk or the database refused; the state is as it was.
    """
    file = database_file(url)
    if file is None:
        return _upgrade_server(url, backed_up=backed_up)
    if not file.exists():
        raise _no_state()
    descriptor = hold_file(file.with_name(file.name + ".lock"))
    try:
        return _upgrade_file(file)
    finally:
        os.close(descriptor)


def _upgrade_file(file: Path) -> Upgraded:
    copy = file.with_name(file.name + ".upgrading")
    _copy(file, copy)
    with _engine(f"sqlite:///{copy}") as engine:
        before = _upgrade(engine)
    try:
        _make_whole(copy)
        kept = _keep(file, f"{file.name}.schema-{before}")
        # What SQLite may have left beside the old file belongs to it, and must not be taken for the new one's.
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        copy.replace(file)
        sync_directory(file.parent)
    except (OSError, sqlite3.Error) as error:
        raise _failed(error, file) from error
    return Upgraded(before, SCHEMA_VERSION, kept)


def _keep(file: Path, name: str) -> Path:
    """A second name of the file, which no other file has."""
    for number in count():
        kept = file.with_name(name + (f".{number}" if number else ""))
        if kept.exists() and kept.samefile(file):
            return kept  # of an upgrade that was cut off
        if not kept.exists():
            os.link(file, kept)
            return kept
    raise AssertionError  # there is no last number


def _copy(file: Path, copy: Path) -> None:
    """A copy of the whole state, what its write-ahead log holds among it; the file then holds it, too."""
    try:
        for left in (copy, copy.with_name(copy.name + "-wal"), copy.with_name(copy.name + "-shm")):
            left.unlink(missing_ok=True)
        copy.touch(mode=0o600)
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(copy)) as new:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            old.backup(new)
    except (OSError, sqlite3.Error) as error:
        raise _failed(error, file) from error


def _make_whole(copy: Path) -> None:
    """All of the copy is in its one file, durably."""
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = delete")
    sync_file(copy)


def _upgrade_server(url: str, *, backed_up: bool) -> Upgraded:
    with _engine(url) as engine, closing(hold_server(engine)):
        if not backed_up:
            with failing_closed("reading the schema"), engine.connect() as connection:
                _require_upgradable(connection)
            raise UsageError(
                "The state lies on a server, of which this command makes no back-up.",
                why="The upgrade is one transaction; what it could not foresee would be lost without one.",
                next_step="Make one with pg_dump, and run this again with --backed-up.",
            )
        return Upgraded(_upgrade(engine), SCHEMA_VERSION, None)


def _upgrade(engine: Engine) -> int:
    """The schema version before; every revision after it has been run, in one transaction."""
    with failing_closed("upgrading"), engine.begin() as connection:
        before = _require_upgradable(connection)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.stamp(config, f"{before:04d}")
        command.upgrade(config, f"{SCHEMA_VERSION:04d}")
    return before


def _require_upgradable(connection: Connection) -> int:
    if not inspect(connection).has_table(SCHEMA.name):
        raise _no_state()
    (version,) = connection.execute(select(SCHEMA.c.version)).scalars().all()
    if version == SCHEMA_VERSION:
        raise NothingToProcessError(
            f"The state has schema version {version}, which is this program's.",
            next_step="Nothing is to be done.",
        )
    if not OLDEST <= version < SCHEMA_VERSION:
        raise ConfigurationError(
            f"A state of schema version {version} cannot be upgraded; {OLDEST} to {SCHEMA_VERSION - 1} can.",
            why="An older one keeps its budgets under digests that this version cannot make; "
            "a newer one was written by a newer program.",
            next_step="Use the program version that wrote it, or begin a new log: 'narrowgate docs begin-a-new-log'.",
        )
    if begun_package(connection) is not None:
        raise UsageError(
            "A package is in progress.",
            why="It can only be finished by the version that began it.",
            next_step="Finish or end it with that version, and upgrade then.",
        )
    return int(version)


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = reached_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _no_state() -> ConfigurationError:
    return ConfigurationError(
        "There is no state to upgrade.",
        why="The settings name a database that does not exist or holds no state.",
        next_step="Correct 'state' in gate.toml.",
    )


def _failed(error: OSError | sqlite3.Error, file: Path) -> OperationalError:
    if isinstance(error, OSError):
        return failed("upgrade the state", file, error)
    return OperationalError(
        "The copy of the state could not be made.",
        why=f"SQLite reports {error.sqlite_errorname if hasattr(error, 'sqlite_errorname') else 'a failure'}.",
        next_step="See that the disk has space for a second copy. The state is as it was.",
        where=file.name,
    )
