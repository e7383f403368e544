"""``gate work`` through the command line: one after the other, killed and started again, one worker at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from narrowgate.adapters import token_process
from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.files.worker_progress import (
    WorkerProgress,
    WorkerState,
    read_progress,
    write_progress,
)
from narrowgate.adapters.state.work_lock import work_lock
from narrowgate.core.base.errors import InUseError, NarrowgateError
from narrowgate.entrypoints.bootstrap import state_url
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.worker import Worker
from support.command_line import CommandLine
from support.handed_over import hand_over
from support.postgresql import sqlalchemy_url
from support.sandbox_acts import put_in_force
from support.sandbox_files import BUILD, SIGN, VERIFY

WORK = ("gate", "work", "--config", "world")


@contextmanager
def worker(*options: str) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, which ends with the block."""
    command = [sys.executable, "-m", "narrowgate", *WORK, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns as soon as it is so."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


def progress(home: Path) -> WorkerProgress:
    """What the worker told last."""
    told = read_progress(home / "world" / "progress.json")
    return told or WorkerProgress(WorkerState.ENDED, "")


def reached(home: Path) -> int:
    """The step that the worker is at; 0 where it is at none."""
    return int((progress(home).step or "0").split()[0])


def handed_over(home: Path, narrowgate: CommandLine, *names: str) -> list[str]:
    """Packages that wait in the intake's queue; their ids."""
    ids = []
    for name in names:
        if not (home / name).exists():
            assert narrowgate(*BUILD.replace("package-2", name).split()).code == 0
            assert narrowgate(*SIGN.replace("package-2", name).split()).code == 0
        ids.append(hand_over(home / "world", home / name, SystemClock().now()).package_id)
    return ids


def test_what_waits_is_decided_in_order_and_then_nothing_waits(home: Path, narrowgate: CommandLine) -> None:
    ids = handed_over(home, narrowgate, "package-2", "package-3")
    done = narrowgate(*WORK, "--once", "--json")
    assert done.code == 0, done.err
    told = [json.loads(part) for part in done.out.replace("}\n{", "}\x00{").split("\x00")]
    assert told == [{"package": one, "ending": "decided"} for one in ids]
    assert all((home / "world" / "answers" / one / "receipt.json").exists() for one in ids)
    assert narrowgate(*WORK, "--once").code == 3
    told_to_others = [home / "world" / "progress.json", *(home / "world" / "notices").rglob("*.json")]
    told_to_others += (home / "world" / "intake" / "queue").iterdir()
    assert len(told_to_others) >= 6
    people = {row.split(",")[2] for row in (home / "cases.csv").read_text().splitlines()[1:]}
    assert people
    for path in told_to_others:
        assert not [one for one in people if one in path.read_text()], f"{path.name} names a person"
        assert "CONFIRMED" not in path.read_text().upper()
    assert narrowgate(*VERIFY.split()).code == 0


def test_killed_anywhere_and_started_again_every_package_is_decided_once(
    home: Path, narrowgate: CommandLine
) -> None:
    ids = handed_over(home, narrowgate, "package-2", "package-3")
    killed_at = []
    for step in (1, 6, 12):
        (home / "world" / "progress.json").unlink(missing_ok=True)
        with worker() as process:
            wait_until(lambda step=step: reached(home) >= step or progress(home).state is WorkerState.IDLE)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.wait()
        killed_at.append(reached(home))
    assert killed_at[0], "it was at work when it was killed"
    done = narrowgate(*WORK, "--once")
    assert done.code in {0, 3}, done.err
    verified = narrowgate(*VERIFY.split())
    assert verified.code == 0, verified.err
    assert {path.name for path in (home / "world" / "answers").iterdir()} > set(ids)


def test_a_worker_takes_what_comes_tells_how_far_it_is_and_ends_when_asked(
    home: Path, narrowgate: CommandLine
) -> None:
    with worker() as process:
        wait_until(lambda: progress(home).state is WorkerState.IDLE)
        assert progress(home).queue == 0
        other = narrowgate(*WORK, "--once")
        assert (other.code, "Another worker" in other.err) == (1, True)
        (one,) = handed_over(home, narrowgate, "package-2")
        wait_until((home / "world" / "answers" / one / "receipt.json").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    told = json.loads((home / "world" / "progress.json").read_bytes())
    assert told["state"] == "ended"
    assert set(told) == {
        "schema",
        "state",
        "updated",
        "queue",
        "package_id",
        "office",
        "step",
        "done",
        "total",
        "problem",
    }


def test_a_second_package_finds_the_process_with_the_key_and_a_failed_turn_leaves_none(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Counted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(token_process.subprocess, "Popen", Counted)
    at_work = Worker(read_settings(home / "world"), SystemClock(), lambda _: False)
    handed_over(home, narrowgate, "package-2", "package-3")
    assert len(at_work.run_once()) == 2
    assert [process.poll() for process in started] == [0]
    handed_over(home, narrowgate, "package-4")
    (home / "world" / "keys" / "commitment.key").unlink()
    with pytest.raises(NarrowgateError):
        at_work.run_once()
    assert [process.poll() for process in started] == [0] * len(started)


def test_what_a_power_cut_took_of_the_progress_is_no_progress(tmp_path: Path) -> None:
    (tmp_path / "progress.json").touch()
    assert read_progress(tmp_path / "progress.json") is None


def test_an_idle_worker_tells_the_intake_the_slots_of_an_agreement_that_comes_into_force(
    home: Path, narrowgate: CommandLine
) -> None:
    settings = read_settings(home / "world")
    notices = NoticeDirectory(settings.notices)
    acts = iter((lambda: None, lambda: amend(home), lambda: age(settings.log / "checkpoint")))

    def ended(seconds: float) -> bool:
        """Each look into the future is a step of the test; the worker sees to it."""
        terms = notices.terms()
        if terms is not None and terms.release.schedule:
            return True
        if seconds:
            next(acts)()
        return False

    Worker(settings, SystemClock(), ended).run()
    terms = notices.terms()
    assert terms is not None
    assert terms.release.schedule == ("06:00", "18:00")


def amend(home: Path) -> None:
    """An agreement with a schedule is in force."""
    path = home / "world" / "agreement.toml"
    path.write_text(path.read_text().replace('schedule = "at once"', 'schedule = ["06:00", "18:00"]'))
    put_in_force(home / "world", "agreement")


def age(path: Path) -> None:
    """The file was written a minute ago."""
    before = path.stat().st_mtime - 60
    os.utime(path, (before, before))


def test_a_worker_that_only_stands_by_does_not_speak_for_the_one_that_works(
    home: Path, narrowgate: CommandLine
) -> None:
    settings = read_settings(home / "world")
    write_progress(settings.progress, WorkerProgress(WorkerState.WORKING, "2026-01-01T00:00:00Z", 3))
    looks = iter((False, False, True))
    with work_lock(state_url(settings)):
        Worker(settings, SystemClock(), lambda seconds: not seconds and next(looks)).run()
    assert progress(home).state is WorkerState.WORKING


def test_a_package_that_comes_while_a_hold_is_in_force_is_refused_and_told_so(
    home: Path, narrowgate: CommandLine
) -> None:
    from narrowgate.core.governance.kinds import Kind
    from support.sandbox_acts import commanded

    (one,) = handed_over(home, narrowgate, "package-2")
    assert commanded(narrowgate, Kind.HOLD, "all").code == 0
    assert narrowgate(*WORK, "--once").code == 0
    told = json.loads(
        (home / "world" / "notices" / "secretary_of_homeland_security" / f"{one}.json").read_bytes()
    )
    assert (told["ending"], told["problem"][0]["rules"]) == ("refused", ["R-52"])


def test_one_works_at_a_time_on_two_machines_that_share_a_server(postgresql: Path) -> None:
    url = sqlalchemy_url(postgresql)
    with work_lock(url) as lock:
        lock.require_held()
        with pytest.raises(InUseError, match="Another worker"), work_lock(url):
            pass
        lock.require_held()
    with work_lock(url):
        pass


def test_one_works_at_a_time_over_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    with work_lock(url) as lock, pytest.raises(InUseError, match="Another worker"), work_lock(url):
        lock.require_held()
    with work_lock(url):
        assert (tmp_path / "state.db.worker").stat().st_mode & 0o077 == 0
