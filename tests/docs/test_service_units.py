"""The units of systemd name commands that exist, are understood by systemd, and expose no more than the page says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.requests import PROJECT

FOLDER = PROJECT / "examples" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
PAGE = (PROJECT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="SKIPPED LOUDLY: systemd-analyze is not on this machine"
)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_command_of_a_unit_exists(unit: Path, narrowgate: CommandLine) -> None:
    (command,) = re.findall(r"^ExecStart=\S+/narrowgate (.+?) --config", unit.read_text(), re.MULTILINE)
    shown = narrowgate(*command.split(), "--help")
    assert shown.code == 0
    assert "--config" in shown.out


@needs_systemd
def test_systemd_finds_no_fault_in_any_unit(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/narrowgate/bin/narrowgate", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in checked.stderr.splitlines() if "narrowgate" in line] == []


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_exposes_no_more_than_the_page_says(unit: Path) -> None:
    (told,) = re.findall(rf"(?m)^\| `{unit.stem}` \|.*\| ([0-9.]+) \|", PAGE)
    checked = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={round(float(told) * 10)}",
            "--no-pager",
            unit,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-300:]
