"""Fixtures that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.postgresql import running_server
from support.spark_cluster import Cluster, running_cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """The socket directory of a PostgreSQL server that lives as long as the test run."""
    with running_server() as socket:
        yield socket


@pytest.fixture
def narrowgate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line."""
    return CommandLine(monkeypatch, capfd)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Spark on this machine; a test that needs it is skipped where it cannot run."""
    with running_cluster(tmp_path_factory.mktemp("spark")) as running:
        yield running
