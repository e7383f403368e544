"""``make docs`` writes a man page of every command, which a formatter reads without a complaint."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.requests import PROJECT


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("man")
    subprocess.run([sys.executable, PROJECT / "tools" / "generate_man_pages.py", place], check=True)
    return place


def test_every_command_has_a_page_with_an_example_and_the_exit_codes(pages: Path) -> None:
    reference = (PROJECT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    commands = [line[4:-1] for line in reference.splitlines() if line.startswith("## `")]
    assert {path.stem for path in pages.iterdir()} == {command.replace(" ", "-") for command in commands}
    for path in pages.iterdir():
        text = path.read_text(encoding="utf-8")
        assert ".SH EXAMPLES\n.nf\n" in text
        assert "\\fB130\\fR" in text


@pytest.mark.skipif(not shutil.which("groff"), reason="MAN PAGES ARE NOT FORMATTED: needs groff")
def test_a_formatter_takes_every_page(pages: Path) -> None:
    files = sorted(map(str, pages.iterdir()))
    formatted = subprocess.run(
        ["groff", "-man", "-Tutf8", "-z", *files], capture_output=True, text=True, check=True
    )
    assert formatted.stderr == ""
