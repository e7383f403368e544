"""Charges become the same rows of the state however they are parted, packed and made ready."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from narrowgate.adapters.state import charging, packed_rows
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.gate.ports import PackageStart
from narrowgate.gate.step_07_history import examine_history
from support.history_items import Asked, keys_of, limits
from support.releases import planned

START = PackageStart("package-1", b"manifest", "an_office", 3, date(2026, 3, 2), b"resume")
BUDGETS = limits(addresses=4, subjects=90, caseload=200, reasons=90)
TABLES = ("subject_keys", "subjects", "subject_addresses", "reasons", "first_answers", "open_items")


def asked(package: int, number: int) -> Asked:
    """Item ``number`` of a package: some have no TIN, several names, a shared reason, address or subject."""
    person = f"{package if number % 4 else 0} {number}"
    return Asked(
        tin=f"tin {person}" if number % 3 else "",
        alien=f"alien {person}",
        order=f"order {person}" if number % 5 else "",
        name=f"name-{person}".replace(" ", "-") + (" second" if number % 7 == 0 else ""),
        birth_date=f"born {person}",
        address=f"address {package if number % 6 else 0} {number % 50}",
        reason="a shared reason" if number % 9 == 0 else f"reason {package} {number}",
        officers=("OFF-1", f"OFF-{number % 8}"),
    )


def commit(database: Path, packages: int = 2, items: int = 60) -> list[Charges]:
    charged = []
    with SqlState.open(f"sqlite:///{database}") as state:
        for package in range(1, packages + 1):
            name = f"package-{package}"
            state.begin_package(replace(START, package_id=name))
            keys = keys_of(asked(package, number) for number in range(items))
            charges = examine_history(keys, BUDGETS, "term", state).charges
            charges.answer(lambda ordinal: None if ordinal % 10 == 0 else ordinal % 2 == 0)
            state.commit_package(name, b"manifest", b"receipt", "term", charges, 7, planned(name))
            charged.append(charges)
    return charged


def rows_of(database: Path) -> dict[str, set[tuple[object, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return {table: set(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}  # noqa: S608 constants


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every part is small, so that a package has many, and a thread makes them."""
    monkeypatch.setattr(charging, "_FEW_ITEMS", 0)
    monkeypatch.setattr(charging, "_PARTS_AHEAD", 2)
    monkeypatch.setattr(charging, "_ADDRESSES_AT_ONCE", 9)
    monkeypatch.setattr(charging, "_SORTED_AT_ONCE", 5)
    monkeypatch.setattr(charging, "ROWS_AT_ONCE", 11)
    monkeypatch.setattr(packed_rows, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(packed_rows, "_STEPS", 3)
    packed_rows.statement.cache_clear()
    yield
    packed_rows.statement.cache_clear()


def test_the_rows_are_those_of_the_charges_one_by_one(tmp_path: Path) -> None:
    (charges,) = commit(tmp_path / "state.db", packages=1)
    rows = rows_of(tmp_path / "state.db")
    keys = {(digest, -subject) for digests, subject in charges.subjects() for digest in digests}
    assert rows["subject_keys"] == keys
    assert rows["subjects"] == {(-subject, *facts) for subject, *facts in charges.facts()}
    assert rows["subject_addresses"] == {(-subject, address) for subject, address in charges.addresses()}
    assert rows["reasons"] == set(Counter(charges.reasons()).items())
    assert max(count for _, count in Counter(charges.reasons()).items()) > 1
    assert rows["first_answers"] == set(charges.answers())
    assert rows["open_items"] == {("term", *counts) for counts in charges.open_items().items()}


def test_rows_in_many_parts_made_by_a_thread_are_those_in_one(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    commit(tmp_path / "one.db")
    request.getfixturevalue("small_parts")
    commit(tmp_path / "many.db")
    assert rows_of(tmp_path / "many.db") == rows_of(tmp_path / "one.db")


@pytest.mark.usefixtures("small_parts")
def test_a_database_that_fails_between_two_parts_keeps_none_of_them(tmp_path: Path) -> None:
    database = tmp_path / "state.db"
    with SqlState.open(f"sqlite:///{database}"), closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON first_answers BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(UnavailableError):
        commit(database, packages=1)
    assert not any(rows_of(database).values())
