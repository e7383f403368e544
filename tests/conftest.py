"""Fixtures that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.postgresql import running_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """The socket directory of a PostgreSQL server that lives as long as the test run."""
    with running_server() as socket:
        yield socket


@pytest.fixture
def narrowgate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line."""
    return CommandLine(monkeypatch, capfd)
