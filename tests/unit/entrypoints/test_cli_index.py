"""``narrowgate index``: a build, a layer, a suppression and a merge, each in a new directory that verifies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.sandbox_files import base_files

KEY = ("--key", "file:index.key")
BUILD = ("--mapping", "mapping.toml", *KEY, "--as-of", "2026-01-31", "--workers", "1")


def test_an_index_is_built_extended_suppressed_merged_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine
) -> None:
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index.key").write_text("5a" * 32)
    (tmp_path / "index.key").chmod(0o600)
    (tmp_path / "persons.csv").write_text(
        "tin,given_names,surnames,birth_date\n219094711,William,Dreskovic,1979-11-30\n"
    )
    assert narrowgate("index", "build", "records.csv", "one", *BUILD).code == 0
    assert narrowgate("index", "add", "one", "records.csv", "two", *BUILD).code == 0
    assert narrowgate("index", "suppress", "two", "three", "--persons", "persons.csv", *KEY).code == 0
    assert narrowgate("index", "compact", "three", "four", *KEY).code == 0
    assert [layer["kind"] for layer in json.loads(narrowgate("index", "verify", "three").out)["layers"]] == [
        "records",
        "records",
        "suppression",
    ]
    assert len(json.loads(narrowgate("index", "verify", "four").out)["layers"]) == 1
    assert narrowgate("index", "build", "records.csv", "one", *BUILD).code == 4
