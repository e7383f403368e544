"""A run that is interrupted, told to end or killed leaves no world behind, and the next one works."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.command_line_cases import contents
from support.sandbox_files import SANDBOX, base_files

WORK = ".world.unfinished"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The base files in the working directory."""
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started() -> subprocess.Popen[str]:
    """A sandbox that has made its keys and whose index takes for ever."""
    command = (
        "import signal, time; from narrowgate.entrypoints.sandbox import world;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "world._build_index = lambda *_: time.sleep(600);"
        "from narrowgate.entrypoints.cli.main import main; main()"
    )
    arguments = SANDBOX.split()
    # A shell lets what runs in its background ignore Ctrl-C, and every child of a test run there would, too.
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    while not (Path(WORK) / "gate.toml").exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sandbox_clears_up_after_itself(number: signal.Signals, files: Path) -> None:
    before = contents(files)
    process = started()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.strip()) == (
        130,
        "",
        "narrowgate: Interrupted.\n  Nothing half-done stays.\n  Run the same command again.\n  (interrupted)",
    )
    assert contents(files) == before


def test_what_a_killed_sandbox_leaves_is_hidden_and_removed_by_the_next(
    files: Path, narrowgate: CommandLine
) -> None:
    process = started()
    try:
        busy = narrowgate(*SANDBOX.split())
        assert busy.code == 2
        assert "Another run is at work" in busy.err
        assert (files / WORK / "gate.toml").exists()
    finally:
        process.kill()
        process.communicate(timeout=30)
    assert not (files / "world").exists()
    assert narrowgate(*SANDBOX.split()).code == 0
    assert not (files / WORK).exists()
    assert (files / "world" / "answers.csv").exists()
