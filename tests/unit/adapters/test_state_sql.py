"""The state in SQLite: durable, held by one process, all or nothing, and free of personal data."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from narrowgate.adapters.state import connection
from narrowgate.adapters.state.connection import open_engine
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.state.tables import METADATA
from narrowgate.core.address.keys import keys as address_keys
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.base.errors import ConfigurationError, OperationalError, UnavailableError
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.eligibility.history.keys import HistoryKeys
from narrowgate.core.person.model import Person
from narrowgate.gate.ports import PackageStart
from narrowgate.gate.step_07_history import HistoryVerdict, examine_history
from support.history_items import Asked, keys_of, limits
from support.releases import planned

START = PackageStart("package-1", b"manifest", "an_office", 3, date(2026, 3, 2), b"resume")
BUDGETS = limits(addresses=1, subjects=5, caseload=100, reasons=100)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def url(database: Path) -> str:
    return f"sqlite:///{database}"


def examine(state: SqlState, *items: Asked) -> HistoryVerdict:
    return examine_history(keys_of(items), BUDGETS, "term", state)


def test_every_connection_is_durable_and_checks_references(database: Path) -> None:
    engine = open_engine(url(database))
    with engine.connect() as connection:
        found = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_what_was_committed_is_there_after_opening_again(database: Path) -> None:
    with SqlState.open(url(database)) as state:
        state.begin_package(START)
        verdict = examine(state, Asked(tin="t", address="first"))
        state.commit_package("package-1", b"manifest", b"receipt", "term", verdict.charges, 7, planned())
    with SqlState.open(url(database)) as state:
        assert state.stored_receipt("package-1") is not None
        assert list(examine(state, Asked(tin="t", address="second")).findings) == [0]


def test_one_process_holds_the_state_at_a_time(database: Path) -> None:
    with SqlState.open(url(database)), pytest.raises(UnavailableError):
        SqlState.open(url(database))
    SqlState.open(url(database)).close()


def test_a_state_in_memory_is_refused_because_a_crash_would_forget_it() -> None:
    for forgetful in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ConfigurationError):
            SqlState.open(forgetful)


def test_a_directory_that_is_not_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="directory"):
        SqlState.open(url(tmp_path / "missing" / "state.db"))


def test_a_text_that_is_no_url_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        SqlState.open("state.db")


def test_a_state_of_another_version_is_refused(database: Path) -> None:
    SqlState.open(url(database)).close()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(ConfigurationError, match="version 99"):
        SqlState.open(url(database))


def test_a_file_that_is_no_database_is_an_error_and_stays_as_it_is(database: Path) -> None:
    database.write_bytes(b"not a database" * 100)
    with pytest.raises(UnavailableError):
        SqlState.open(url(database))
    assert database.read_bytes() == b"not a database" * 100


def test_only_the_owner_can_read_the_state(database: Path) -> None:
    with SqlState.open(url(database)):
        assert database.stat().st_mode & 0o077 == 0


def test_a_commit_that_fails_half_way_charges_nothing_and_can_be_done_again(database: Path) -> None:
    with SqlState.open(url(database)) as state:
        state.begin_package(START)
        charges = examine(state, Asked(tin="t", address="first")).charges
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON receipts BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        with pytest.raises(UnavailableError):
            state.commit_package("package-1", b"manifest", b"receipt", "term", charges, 7, planned())
        assert state.stored_receipt("package-1") is None
        assert not examine(state, Asked(tin="t", address="second")).findings
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("DROP TRIGGER full")
        state.commit_package("package-1", b"manifest", b"receipt", "term", charges, 7, planned())
        assert list(examine(state, Asked(tin="t", address="second")).findings) == [0]


def test_an_error_of_the_database_shows_no_values(database: Path) -> None:
    with SqlState.open(url(database)) as state:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("DROP TABLE holds")
        with pytest.raises(UnavailableError) as caught:
            state.place_hold("secret scope")
    shown = f"{caught.value} {caught.value.__cause__}"
    assert "secret scope" not in shown


def test_the_same_tables_can_be_made_in_postgresql() -> None:
    statements = [
        str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in METADATA.sorted_tables
    ]
    assert len(statements) == len(METADATA.tables)
    assert any("BYTEA" in statement for statement in statements)


def test_nothing_readable_of_a_person_an_address_or_a_reason_is_stored(database: Path) -> None:
    person = Person(("CANARYGIVEN",), ("CANARYSURNAME",), birth_date="1971-02-03", tin="900715432")
    street = DeliveryPoint(AddressClass.STREET, number="7788", street_name="CANARYSTREET", zip5="74115")
    digester = HistoryDigester(b"k" * 32, b"term")
    keys = HistoryKeys()
    numbers = ("A099887766", "RO-554433")
    record = digester.record(person, numbers, address_keys(street), (2022,), "A canary reason.")
    keys.append(0, record, ("OFF-1",))
    with SqlState.open(url(database)) as state:
        state.begin_package(START)
        verdict = examine_history(keys, BUDGETS, "term", state)
        verdict.charges.answer(lambda _: True)
        state.commit_package("package-1", b"manifest", b"receipt", "term", verdict.charges, 7, planned())
        stored = b"".join(path.read_bytes() for path in database.parent.iterdir())
    assert b"OFF-1" in stored
    for canary in (b"CANARY", b"canary", b"1971-02-03", b"900715432", b"99887766", b"554433"):
        assert canary not in stored


def test_a_state_that_could_not_be_opened_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.sqlite"
    SqlState.open(f"sqlite:///{file}").close()
    before = open_files(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_PRAGMAS", {"journal_mode": "wal", "synchronous": 17})
        with pytest.raises(OperationalError) as not_durable:
            SqlState.open(f"sqlite:///{file}")
    with sqlite3.connect(file) as other:
        other.execute("UPDATE schema_version SET version = version + 1")
    other.close()
    with pytest.raises(ConfigurationError) as another_version:
        SqlState.open(f"sqlite:///{file}")
    assert open_files(tmp_path) == before, (not_durable, another_version)


def open_files(directory: Path) -> list[str]:
    """Of this process, below a directory."""
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [name for name in links if name.startswith(str(directory))]
