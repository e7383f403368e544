"""Whoever waits at a terminal sees how far the work is, how fast it goes and how long it will take."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.index_worlds import MAPPING_TEXT, Row, write_rows

ROWS = 70_000
"""More than four batches: a rate needs two."""

BUILD = (
    "index build records.csv index --mapping mapping.toml --key file:index.key --as-of 2026-01-31 --workers 1"
)
MERGE = "index compact index merged --key file:index.key --unsigned-base"

_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING_TEXT)
    (tmp_path / "index.key").write_text("5f" * 32)
    (tmp_path / "index.key").chmod(0o600)
    return tmp_path


def records(home: Path, rows: int) -> None:
    """A file of so many filers."""
    people = (
        Row(f"2{number:08}", "MARIA", "LOPEZ", "1980-01-02", f"{number} ORCHID ST")
        for number in range(1, rows + 1)
    )
    write_rows(home / "records.csv", people)


def at_a_terminal(home: Path, *arguments: str, columns: int = 140, kind: str = "xterm") -> list[str]:
    """The lines that a command draws, as they stood before they were drawn anew; controls are left out."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": kind, "COLUMNS": str(columns)}
    command = [sys.executable, "-c", "from narrowgate.entrypoints.cli.main import main; main()", *arguments]
    with subprocess.Popen(
        command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=theirs
    ) as running:
        os.close(theirs)
        drawn = b""
        while chunk := _read(ours):
            drawn += chunk
    os.close(ours)
    assert running.returncode == 0, drawn.decode()
    return re.split(r"[\r\n]+", _CONTROLS.sub("", drawn.decode()))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody writes there any more
        return b""


def test_a_build_shows_rows_rate_and_time_left_and_then_what_is_sorted(home: Path) -> None:
    records(home, ROWS)
    lines = at_a_terminal(home, *BUILD.split())
    read = [line for line in lines if "records" in line]
    under_way = re.compile(r" (32768|49152|65536)/\d+ +[\d,]+/s 0:00:\d\d 0:00:\d\d")
    assert any(under_way.search(line) for line in read), read
    assert any(re.search(rf" {ROWS}/{ROWS} ", line) for line in read), read
    assert "persons and streets" in "".join(lines)
    assert any(re.search(r"parts of guards .* 1/1 ", line) for line in lines), lines


def test_a_merge_and_a_check_show_how_far_they_are(home: Path) -> None:
    records(home, 1_000)
    at_a_terminal(home, *BUILD.split())
    merged = at_a_terminal(home, *MERGE.split())
    assert any(re.search(r"parts of tokens .* 1/1 ", line) for line in merged), merged
    checked = at_a_terminal(home, "index", "verify", "merged")
    assert any(re.search(r"bytes .* (\d+)/\1 ", line) for line in checked), checked


def test_forty_columns_are_enough_for_what_runs_its_share_and_its_time(home: Path) -> None:
    records(home, 1_000)
    lines = at_a_terminal(home, *BUILD.split(), columns=40)
    assert max(len(line) for line in lines if "0:00:" in line) <= 40
    assert any(re.search(r"records +100% +0:00:\d\d", line) for line in lines), lines


def test_a_terminal_that_cannot_draw_gets_a_line_for_each_stage(home: Path) -> None:
    records(home, 1_000)
    lines = at_a_terminal(home, *BUILD.split(), kind="dumb")
    assert any(re.fullmatch(r".*records: 1,000, \d+\.\d s", line) for line in lines), lines
    assert not any("\x1b" in line for line in lines)


def test_quiet_shows_no_progress(home: Path) -> None:
    records(home, 1_000)
    lines = at_a_terminal(home, *BUILD.split(), "--quiet")
    assert not any("records" in line for line in lines), lines
