"""Nothing readable of a record stands in what the gate keeps or releases, and no key outside its own file."""

from __future__ import annotations

import csv
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.entrypoints.sandbox.synthetic import write_world
from narrowgate.entrypoints.sandbox.world import Sources, build_world

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic world, decided; logging at every level goes to a file of it."""
    home = tmp_path_factory.mktemp("plaintext") / "world"
    home.mkdir()
    handler = logging.FileHandler(home / "everything.log")
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        write_world(home, 300, 150, 5, NOW.date())
        sources = Sources(home / "records.csv", home / "mapping.toml", home / "cases.csv")
        build_world(home, sources, FixedClock(NOW), SeededEntropy(b"plaintext"), 1, lambda *_: None)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    return home


def kept(home: Path) -> dict[str, bytes]:
    """Everything the custodian keeps or releases; not the two sides' own files, and not the keys."""
    own = {
        "records.csv",
        "cases.csv",
        "truth.csv",
        "mapping.toml",
        "streets.csv",
        "package",
        "keys",
        "officers",
        "answers.csv",
    }
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.relative_to(home).parts[0] not in own
    }


def test_no_value_of_a_record_is_in_index_log_state_answers_or_logging(world: Path) -> None:
    with (world / "records.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    present = [column for column in rows[0] if any(part in column.upper() for part in ("SSN", "NAME", "TIN"))]
    columns = present + [
        column for column in rows[0] if "STREET" in column.upper() or "ADDR" in column.upper()
    ]
    assert len(columns) >= 3
    values = {row[column].strip() for row in rows for column in columns}
    canaries = {value.encode() for value in values if len(value) >= 7}
    assert len(canaries) > 300
    files = kept(world)
    assert {name.split("/", maxsplit=1)[0] for name in files} >= {"index", "log", "answers", "state.sqlite"}
    found = {
        name
        for name, data in files.items()
        for canary in canaries
        if canary in data or canary.upper() in data.upper()
    }
    assert found == set()


def test_no_key_is_in_any_file_but_its_own(world: Path) -> None:
    keys = [path.read_text(encoding="ascii").strip() for path in (world / "keys").glob("*.key")]
    assert len(keys) == 4
    secrets = [form for key in keys for form in (key.encode(), bytes.fromhex(key))]
    everywhere = {
        path: path.read_bytes()
        for path in world.rglob("*")
        if path.is_file() and path.parent.name not in {"keys", "officers"}
    }
    assert [path for path, data in everywhere.items() if any(secret in data for secret in secrets)] == []
