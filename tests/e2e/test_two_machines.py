"""Two machines share directories and a PostgreSQL server; one takes over, and the other, asleep, wakes too late.

Each machine is a mount of its own of one directory, which knows no locks of the other's, and a worker in a process of
its own. A machine that is asleep is stopped (SIGSTOP) and its sessions on the server are ended, as the server ends
those of a machine that does not answer.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.worker_progress import WorkerState, read_progress
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.state.tables import METADATA, SCHEMA, WRITER
from narrowgate.core.log.leaf import PACKAGE_DECIDED, PACKAGE_RECEIVED, PACKAGE_RELEASED
from narrowgate.verify.entries import LogEntries
from support.command_line import CommandLine
from support.handed_over import hand_over
from support.postgresql import sqlalchemy_url
from support.requests import PROJECT
from support.sandbox_files import BUILD, SANDBOX, SIGN, base_files
from support.shared_directory import mounted

SLEEPY = PROJECT / "tests" / "support" / "sleepy_worker.py"
ONCE = ("gate", "work", "--once", "--config")
NUMBERS = count(1)


@dataclass(frozen=True)
class Made:
    """A world with a package that waits, and the database of its state."""

    world: Path
    package_id: str
    postgresql: Path


@dataclass(frozen=True)
class Site:
    """The shared directory, and a mount of it for each of two machines.

    Args:
        shared: as the server that shares it sees it.
        first, second: as the machines do.
        package_id: waits.
        postgresql: socket of the server.
        database: of the state.
    """

    shared: Path
    first: Path
    second: Path
    package_id: str
    postgresql: Path
    database: str

    def environment(self, machine: Path) -> dict[str, str]:
        """Of a process on one of the machines."""
        url = sqlalchemy_url(self.postgresql, self.database) + f"&application_name={machine.name}"
        return os.environ | {"STATE_URL": url, "SLEEPS": str(self.shared.parent / "sleeps")}

    def run(self, machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command on one of the machines, which ends."""
        command = [sys.executable, "-m", "narrowgate", *arguments, str(machine)]
        environment = self.environment(machine)
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def sleepy(self, machine: Path, when: int) -> subprocess.Popen[str]:
        """A worker on one of the machines that goes to sleep before its change number ``when``."""
        command = [sys.executable, str(SLEEPY), str(machine), str(when), *ONCE, str(machine)]
        return subprocess.Popen(
            command, env=self.environment(machine), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def cut_off(self, machine: Path) -> int:
        """How many sessions of the machine the server gives up."""
        ended = text(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = :name"
        )
        engine = create_engine(sqlalchemy_url(self.postgresql, self.database))
        with engine.connect() as connection:
            sessions = connection.execute(ended, {"name": machine.name}).all()
        engine.dispose()
        return len(sessions)

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Every file that is shared, with the time of its last change."""
        return {
            path.relative_to(self.shared).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in self.shared.rglob("*")
            if path.is_file()
        }

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything that the state holds, but how often it was opened."""
        engine = create_engine(sqlalchemy_url(self.postgresql, self.database))
        with engine.connect() as connection:
            found = {
                table.name: sorted(
                    (
                        tuple(row)
                        for row in connection.execute(
                            select(*(column for column in table.c if column is not WRITER.c.epoch))
                        )
                    ),
                    key=repr,
                )
                for table in METADATA.sorted_tables
            }
        engine.dispose()
        return found

    def require_answered_once(self, *package_ids: str) -> None:
        """Each package has its leaves once, its answers are in place, and nothing waits."""
        told = Counter(
            (entry.fields["type"], entry.fields.get("package")) for entry in LogEntries(self.shared / "log")
        )
        for one in package_ids:
            for kind in (PACKAGE_RECEIVED, PACKAGE_DECIDED, PACKAGE_RELEASED):
                assert told[kind, one] == 1, (kind, told)
            assert (self.shared / "answers" / one / "receipt.json").exists()
        again = self.run(self.second, *ONCE)
        assert again.returncode == 3, again.stderr
        verified = self.run(self.second, "log", "verify")
        assert verified.returncode == 0, verified.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, postgresql: Path) -> Made:
    home = tmp_path_factory.mktemp("two-machines")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        narrowgate = CommandLine(patch, None)
        for command in (SANDBOX, BUILD, SIGN):
            result = narrowgate(*command.split())
            assert result.code == 0, result.err
    world = home / "world"
    arrival = hand_over(world, home / "package-2", SystemClock().now())
    administer(postgresql, "CREATE DATABASE two_machines")
    move_state(world / "state.sqlite", sqlalchemy_url(postgresql, "two_machines"))
    settings = (world / "gate.toml").read_text()
    (world / "gate.toml").write_text(settings.replace('"state.sqlite"', '"env:STATE_URL"'))
    return Made(world, arrival.package_id, postgresql)


def administer(postgresql: Path, *statements: str) -> None:
    """Runs statements outside of a transaction."""
    engine = create_engine(sqlalchemy_url(postgresql), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def move_state(file: Path, url: str) -> None:
    """The state of a file is that of a database."""
    SqlState.open(url).close()
    source, target = create_engine(f"sqlite:///{file}"), create_engine(url)
    with source.connect() as old, target.begin() as new:
        for table in METADATA.sorted_tables:
            rows = [row._asdict() for row in old.execute(table.select())]
            if rows and table not in {SCHEMA, WRITER}:
                new.execute(insert(table), rows)
    source.dispose()
    target.dispose()


@pytest.fixture
def site(made: Made, tmp_path: Path) -> Iterator[Site]:
    with two_machines(made, tmp_path) as site:
        yield site


@contextmanager
def two_machines(made: Made, tmp_path: Path) -> Iterator[Site]:
    """A copy of the world with its own database, mounted twice."""
    shared = tmp_path / "shared"
    shutil.copytree(made.world, shared)
    database = f"two_machines_{os.getpid()}_{next(NUMBERS)}"
    administer(made.postgresql, f"CREATE DATABASE {database} TEMPLATE two_machines")
    with mounted(shared, tmp_path / "machine-1") as first, mounted(shared, tmp_path / "machine-2") as second:
        yield Site(shared, first, second, made.package_id, made.postgresql, database)
    administer(made.postgresql, f"DROP DATABASE {database} WITH (FORCE)")


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns as soon as it is so."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


def is_stopped(process: subprocess.Popen[str]) -> bool:
    """Whether it is asleep."""
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


def overtake(site: Site, when: int) -> tuple[str, str]:
    """The first machine falls asleep before its change ``when``, the second takes over, and the first wakes.

    Returns:
        Before what it fell asleep, and what it said at its end.
    """
    first = site.sleepy(site.first, when)
    try:
        wait_until(lambda: is_stopped(first) or first.poll() is not None)
        assert first.poll() is None, f"it never slept: {first.communicate()[1]}"
        held = site.cut_off(site.first)
        second = site.run(site.second, *ONCE)
        # 3: the first was done with everything, and had not said so yet.
        assert second.returncode in {0, 3}, second.stderr
        files, rows = site.files(), site.rows()
        first.send_signal(signal.SIGCONT)
        _, said = first.communicate(timeout=60)
        assert first.returncode != 0, "it believes that it did the work"
        if held:  # before it held anything, it was not overtaken: it comes later, and finds nothing to do
            assert site.files() == files
            assert site.rows() == rows
    finally:
        first.kill()
        first.communicate()
    return (site.shared.parent / "sleeps").read_text(), said


def test_a_worker_killed_in_mid_package_is_replaced_by_the_one_on_the_other_machine(site: Site) -> None:
    def worker(machine: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "narrowgate", "gate", "work", "--config", str(machine)]
        return subprocess.Popen(command, env=site.environment(machine), stderr=subprocess.DEVNULL)

    def reached(step: int) -> bool:
        told = read_progress(site.shared / "progress.json")
        return told is not None and int((told.step or "0").split()[0]) >= step

    first = worker(site.first)
    second = None
    try:
        wait_until(lambda: reached(6))
        second = worker(site.second)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert not (site.shared / "answers" / site.package_id).exists(), "it was killed in mid-package"
        notice = site.shared / "notices" / "secretary_of_homeland_security" / f"{site.package_id}.json"
        wait_until(notice.exists)
        second.terminate()
        assert second.wait(60) == 0
        told = read_progress(site.shared / "progress.json")
        assert told is not None
        assert told.state is WorkerState.ENDED
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.wait()
    site.require_answered_once(site.package_id)


@pytest.fixture(scope="module")
def changes(made: Made, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many changes a worker makes that is not disturbed."""
    home = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(made.world, home / "shared")
    administer(
        made.postgresql,
        "DROP DATABASE IF EXISTS undisturbed",
        "CREATE DATABASE undisturbed TEMPLATE two_machines",
    )
    site = Site(home / "shared", home / "shared", home / "shared", "", made.postgresql, "undisturbed")
    worker = site.sleepy(home / "shared", 0)
    _, said = worker.communicate(timeout=120)
    assert worker.returncode == 0, said
    return int((home / "sleeps").read_text())


@pytest.mark.parametrize("part", [0.3, 0.75])
def test_a_worker_that_was_asleep_while_another_took_over_writes_nothing_more(
    site: Site, changes: int, part: float
) -> None:
    before, said = overtake(site, round(changes * part))
    assert "Internal error" not in said, (before, said)
    site.require_answered_once(site.package_id)


@pytest.mark.scale
def test_asleep_before_any_of_its_changes_a_worker_writes_nothing_more(
    made: Made, changes: int, tmp_path: Path
) -> None:
    seen = {}
    for when in range(1, changes + 1, int(os.environ.get("NARROWGATE_EVERY", "1"))):
        place = tmp_path / str(when)
        place.mkdir()
        with two_machines(made, place) as one:
            before, said = overtake(one, when)
            seen[when] = (before, said)
            (tmp_path / "seen").write_text("".join(f"{key} {value}\n" for key, value in seen.items()))
            assert "Internal error" not in said, (when, before, said)
            one.require_answered_once(one.package_id)
        shutil.rmtree(place, ignore_errors=True)
    assert len(seen) > 30
