"""A machine that fails or dies at any system call leaves a log that verifies and lacks nothing acknowledged.

The method is that of Trillian Tessera's fault test, on ``strace -e inject``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fault.log_appender import main as append
from fault.log_appender import second_place
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.verify.log_directory import verify_log
from support.log_world import SIGNER, numbered

APPENDER = Path(__file__).with_name("log_appender.py")
TESTS = Path(__file__).parents[1]
CALLS = ("openat", "write", "fsync", "rename", "mkdir", "close")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed: NO FAULT WAS INJECTED INTO THE LOG"
)


def run(directory: Path, *strace: str) -> subprocess.CompletedProcess[str]:
    """The appender in a process of its own, under ``strace``."""
    trace = ["strace", "-f", "-qq", "-o", str(directory.parent / "trace")]
    path = os.pathsep.join([str(TESTS), *sys.path])
    return subprocess.run(
        [*trace, *strace, sys.executable, str(APPENDER), str(directory)],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def calls_on_the_log(directory: Path) -> list[tuple[str, int]]:
    """Each call of an undisturbed run that concerns the log: its name, and its number among those of that name."""
    undisturbed = run(directory, "-y", "-e", f"trace={','.join(CALLS)}")
    assert undisturbed.returncode == 0, undisturbed.stderr
    seen: Counter[str] = Counter()
    found = []
    for line in (directory.parent / "trace").read_text(errors="replace").splitlines():
        name = line.split(maxsplit=1)[1].partition("(")[0]
        if name in CALLS:
            seen[name] += 1
            if str(directory) in line:
                found.append((name, seen[name]))
    remove(directory)
    return found


def remove(directory: Path) -> None:
    """The log and its second place."""
    shutil.rmtree(directory)
    second_place(directory).unlink()


def inject(directory: Path, name: str, number: int, fault: str) -> None:
    """One run with one fault; then the log verifies, holds what was acknowledged, and goes on."""
    result = run(directory, "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}")
    acknowledged = max((int(line) for line in result.stdout.split()), default=0)
    where = f"{fault} at {name} {number}: {result.stderr}"
    print(where)  # noqa: T201 - shown where the append that follows fails
    if (directory / "checkpoint").exists():
        report = verify_log(directory, str(SIGNER.key))
        assert report.size >= acknowledged, where
    else:
        assert acknowledged == 0, where
    assert "Traceback" not in result.stderr, where
    append(directory)
    assert verify_log(directory, str(SIGNER.key)).unfinished == 0, where
    with TileLog.open(directory, SIGNER, CheckpointFile(second_place(directory))) as log:
        assert list(log.leaves(0, log.size())) == numbered(0, 300), where
    remove(directory)


def sweep(directory: Path, every: int) -> int:
    points = [(call, fault) for call in calls_on_the_log(directory) for fault in FAULTS]
    for (name, number), fault in points[::every]:
        inject(directory, name, number, fault)
    return len(points)


@needs_strace
def test_a_fault_at_sampled_calls_of_an_append_leaves_a_log_that_verifies(tmp_path: Path) -> None:
    assert sweep(tmp_path / "log", every=23) > 200


@needs_strace
@pytest.mark.scale
def test_a_fault_at_any_call_of_an_append_leaves_a_log_that_verifies(tmp_path: Path) -> None:
    assert sweep(tmp_path / "log", every=1) > 200
