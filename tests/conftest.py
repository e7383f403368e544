"""Fixtures that tests of several rooms share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from support.command_line import CommandLine
from support.postgresql import running_server
from support.release_world import TurnedClock
from support.requests import NOW
from support.running_intake import RunningIntake, Sample, running_intake, sample_of
from support.spark_cluster import Cluster, running_cluster

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the directory itself: what is made in it has names of its own
_ENOUGH = 4 << 30


def _serves(directory: Path) -> bool:
    """Whether temporary files may be there: it can be written to, has room, and programs in it may run."""
    if not os.access(directory, os.W_OK):
        return False
    return shutil.disk_usage(directory).free > _ENOUGH and not os.statvfs(directory).f_flag & os.ST_NOEXEC


# A gate syncs every file it writes, and half of the time of a run was spent waiting for the disk to do it. The calls
# are the same on a file system in memory. TMPDIR chooses another place.
if "TMPDIR" not in os.environ and _serves(_IN_MEMORY):
    os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)

# How long one example takes is for --durations to say: on a busy machine no test fails for it.
settings.register_profile(
    "narrowgate", settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("narrowgate")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """With ``-n``: tests that share what is dear to make run in one worker."""
    from support.side_by_side import SideBySide

    return SideBySide(config, log)


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


@pytest.fixture(scope="session")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningIntake]:
    """One intake for all tests: each has packages of its own, and puts the clock back."""
    with running_intake(tmp_path_factory.mktemp("intake"), TurnedClock(NOW)) as running:
        yield running


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """A signed package that no other test has."""
    return sample_of(tmp_path / "sample", str(tmp_path).encode())
