"""One look at a state that another process may hold: no lock is taken, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, create_engine, func, inspect, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from narrowgate.adapters.state.connection import connect_arguments, database_file, failing_closed
from narrowgate.adapters.state.schema_version import SCHEMA_VERSION
from narrowgate.adapters.state.tables import RELEASES, SCHEMA
from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.core.base.times import parse_time
from narrowgate.gate.ports import ReleaseStage


@dataclass(frozen=True, slots=True)
class StateLook:
    """What one look saw.

    Args:
        schema: version of the state's schema.
        slots: aware UTC times of the slots that decided packages wait for; none where the schema is another version's.
        released: packages whose answers are in place; 0 where the schema is another version's.
    """

    schema: int
    slots: tuple[datetime, ...]
    released: int

    @property
    def is_current(self) -> bool:
        """Whether the schema is this version's."""
        return self.schema == SCHEMA_VERSION


def look_at_state(url: str) -> StateLook:
    """What is seen of the state now, with all that was committed and nothing of what was not.

    Args:
        url: an SQLAlchemy URL.

    Raises:
        ConfigurationError: no usable URL.
        UnavailableError: there is no state, or it cannot be reached.
    """
    with failing_closed("looking at it"), _reading(url) as connection:
        if not inspect(connection).has_table(SCHEMA.name):
            raise _none_there()
        version = connection.execute(select(func.max(SCHEMA.c.version))).scalar_one()
        if version != SCHEMA_VERSION:
            return StateLook(version or 0, (), 0)
        waiting = select(RELEASES.c.slot).where(RELEASES.c.stage == ReleaseStage.WAITING)
        slots = tuple(parse_time(slot) for slot in connection.execute(waiting).scalars())
        released = select(func.count()).where(RELEASES.c.stage == ReleaseStage.RELEASED)
        return StateLook(version, slots, connection.execute(released).scalar_one())


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    """A connection of its own that can write nothing."""
    file = database_file(url)
    if file is not None and not file.exists():
        raise _none_there()
    try:
        engine = create_engine(
            url, hide_parameters=True, poolclass=NullPool, connect_args=connect_arguments(url)
        )
    except (ArgumentError, ImportError):
        raise ConfigurationError(
            "There is no driver for the state's database URL.",
            why="PostgreSQL needs an extra that is not installed, or the URL names another driver.",
            next_step="Install narrowgate[postgresql], and begin the URL with postgresql+psycopg://.",
        ) from None
    try:
        with engine.connect() as connection:
            if file is None:
                connection = connection.execution_options(postgresql_readonly=True)  # noqa: PLW2901
            else:
                connection.exec_driver_sql("PRAGMA query_only = 1")
            yield connection
    finally:
        engine.dispose()


def _none_there() -> UnavailableError:
    return UnavailableError(
        "There is no state.",
        why="No package was decided yet, or the settings name another place.",
        next_step="See 'state' in gate.toml; 'narrowgate doctor' opens everything.",
    )
