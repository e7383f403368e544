"""States that older programs wrote become this one's, whole or not at all; the old one is kept."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, insert, inspect, text

from narrowgate.adapters.state.schema_version import SCHEMA_VERSION
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.state.tables import (
    GOVERNANCE,
    LOOKED_THROUGH,
    METADATA,
    RELEASES,
    WRITER,
)
from narrowgate.adapters.state.upgrade import OLDEST, upgrade_state
from narrowgate.core.base.errors import (
    ConfigurationError,
    NothingToProcessError,
    OperationalError,
    UnavailableError,
    UsageError,
)
from narrowgate.gate.ports import ReleaseStage, StoredReceipt
from narrowgate.gate.start import parse_start
from narrowgate.gate.step_07_history import examine_history
from support.history_items import Asked, keys_of, limits
from support.postgresql import sqlalchemy_url
from support.requests import PROJECT

STATES = PROJECT / "tests" / "vectors" / "states"
OLD = sorted(int(re.findall(r"\d+", path.stem)[0]) for path in STATES.glob("schema-*.sql"))
BUDGETS = limits(addresses=1, subjects=5, caseload=100, reasons=100)
RECEIVED = datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC)


def old_state(directory: Path, version: int) -> Path:
    """A file as the program of that schema left it."""
    path = directory / "state.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((STATES / f"schema-{version}.sql").read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = wal")
    return path


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def require_everything_is_there(state: SqlState) -> None:
    """Receipts, budgets, answers, holds, refusals and the past of the log are what they were."""
    assert state.stored_receipt("package-1") == StoredReceipt(
        b"manifest of package-1", b"receipt of package-1"
    )
    begun = state.known_package("package-2")
    assert begun is not None
    assert state.package_in_progress() is None
    assert state.is_abandoned("package-3")
    assert state.holds() == {"secretary_of_homeland_security"}
    waiting = [each.package_id for each in state.releases(ReleaseStage.WAITING)]
    assert waiting in ([], ["package-4"])
    assert (state.refusal_leaf(b"r" * 32), state.log_size()) == (4, 15 if waiting else 11)
    again = examine_history(
        keys_of([Asked(tin="t1", address="another"), Asked(tin="new")]), BUDGETS, "term", state
    )
    assert list(again.findings) == [0], "the budget that was used up before the upgrade is used up after it"
    first = state.known_package("package-1")
    assert first is not None
    start = parse_start(first.resume)
    assert (start.received_at, start.slot) == (RECEIVED, RECEIVED)
    assert not state.releases(ReleaseStage.RELEASED)


def test_there_is_a_state_of_every_schema_that_can_be_upgraded() -> None:
    assert list(range(OLDEST, SCHEMA_VERSION)) == OLD


@pytest.mark.parametrize("version", OLD)
def test_a_state_of_an_older_program_goes_on_after_the_upgrade_and_not_before(
    version: int, tmp_path: Path
) -> None:
    path = old_state(tmp_path, version)
    with pytest.raises(ConfigurationError, match=f"version {version}.*") as refused:
        SqlState.open(url(path))
    assert "state upgrade" in refused.value.next_step
    result = upgrade_state(url(path), backed_up=False)
    assert (result.before, result.after) == (version, SCHEMA_VERSION)
    with SqlState.open(url(path)) as state:
        require_everything_is_there(state)
    assert result.kept is not None
    with closing(sqlite3.connect(result.kept)) as kept:
        assert kept.execute("SELECT version FROM schema_version").fetchall() == [(version,)]
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(NothingToProcessError):
        upgrade_state(url(path), backed_up=False)


@pytest.mark.parametrize("version", OLD)
def test_after_the_upgrade_the_tables_are_those_of_a_new_state(version: int, tmp_path: Path) -> None:
    path = old_state(tmp_path, version)
    upgrade_state(url(path), backed_up=False)
    assert differences(url(path)) == []


def test_a_new_state_has_the_tables_that_the_code_names(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    SqlState.open(url(path)).close()
    assert differences(url(path)) == []


def differences(address: str) -> list[object]:
    """What Alembic would change in a database to make it what the code names."""
    engine = create_engine(address)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()
    return list(found)


@pytest.fixture
def server(postgresql: Path, tmp_path: Path) -> Iterator[str]:
    """A server whose state the program of schema 3 wrote: its tables were these, without those that came later."""
    address = sqlalchemy_url(postgresql)
    engine = create_engine(address)
    everything = MetaData()
    everything.reflect(engine)
    everything.drop_all(engine)
    later = {RELEASES, GOVERNANCE, LOOKED_THROUGH, WRITER}
    tables = [table for table in METADATA.sorted_tables if table not in later]
    with engine.begin() as connection:
        METADATA.create_all(connection, tables=tables)
        source = create_engine(url(old_state(tmp_path, 3)))
        with source.connect() as old:
            for table in tables:
                rows = [row._asdict() for row in old.execute(table.select())]
                if rows:
                    connection.execute(insert(table), rows)
        source.dispose()
    engine.dispose()
    yield address
    engine = create_engine(address)
    everything = MetaData()
    everything.reflect(engine)
    everything.drop_all(engine)
    engine.dispose()


def test_on_a_server_it_is_one_transaction_and_the_back_up_is_the_callers(server: str) -> None:
    with pytest.raises(UsageError, match="back-up"):
        upgrade_state(server, backed_up=False)
    engine = create_engine(server)
    damage = text("UPDATE packages SET resume = :resume WHERE package_id = 'package-3'")
    with engine.begin() as connection:
        whole = connection.execute(
            text("SELECT resume FROM packages WHERE package_id = 'package-3'")
        ).scalar_one()
        connection.execute(damage, {"resume": b"no start"})
    with pytest.raises(ValueError, match="Expecting value"):
        upgrade_state(server, backed_up=True)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).scalar_one() == 3
        assert not inspect(connection).has_table("governance"), "what revision 4 made is gone with revision 5"
        connection.execute(damage, {"resume": whole})
    engine.dispose()
    result = upgrade_state(server, backed_up=True)
    assert (result.before, result.kept) == (3, None)
    with SqlState.open(server) as state:
        require_everything_is_there(state)
    assert differences(server) == []


def test_a_package_in_progress_is_finished_by_the_program_that_began_it(tmp_path: Path) -> None:
    path = old_state(tmp_path, 4)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM abandoned")
    with pytest.raises(UsageError, match="in progress"):
        upgrade_state(url(path), backed_up=False)
    with pytest.raises(ConfigurationError, match="version 4"):
        SqlState.open(url(path))


@pytest.mark.parametrize("version", [1, 2, 99])
def test_a_schema_that_cannot_go_on_is_refused(version: int, tmp_path: Path) -> None:
    path = old_state(tmp_path, 4)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE schema_version SET version = ?", (version,))
    with pytest.raises(ConfigurationError, match="cannot be upgraded"):
        upgrade_state(url(path), backed_up=False)


def test_nothing_is_upgraded_where_there_is_no_state_or_another_process_holds_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no state"):
        upgrade_state(url(tmp_path / "none.db"), backed_up=False)
    path = tmp_path / "state.db"
    with SqlState.open(url(path)), pytest.raises(UnavailableError, match="holds the state"):
        upgrade_state(url(path), backed_up=False)


@pytest.mark.parametrize("at", ["link", "replace"])
def test_cut_off_anywhere_the_state_is_the_old_one_and_the_next_upgrade_is_whole(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_state(tmp_path, 4)

    def stop(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "link") if at == "link" else (Path, "replace")), stop)
        with pytest.raises(OperationalError):
            upgrade_state(url(path), backed_up=False)
    with pytest.raises(ConfigurationError, match="version 4"):
        SqlState.open(url(path))
    assert upgrade_state(url(path), backed_up=False).before == 4
    with SqlState.open(url(path)) as state:
        require_everything_is_there(state)
    assert sorted(one.name for one in tmp_path.iterdir() if "schema" in one.name) == ["state.db.schema-4"]
