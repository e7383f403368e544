"""The commands of the page on proving an answer, run as they are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.requests import PROJECT
from support.sandbox_files import SANDBOX, base_files

PAGE = PROJECT / "docs" / "how-to" / "prove-an-answer.md"


def test_the_page_leads_from_opened_answers_to_a_proof_that_a_court_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine
) -> None:
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert narrowgate(*SANDBOX.split()).code == 0
    (answers,) = Path("world/answers").glob("p-*")
    shutil.copytree(answers, "answers/p-1")
    shutil.copytree("world/package", "package")
    for name in ("officers/1.pem", "officers/1.key.pem", "log/log.vkey"):
        shutil.copy(Path("world") / name, Path(name).name)
    commands = re.findall(r"```sh\nnarrowgate (.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = [narrowgate(*command.split()) for command in commands]
    assert [result.code for result in shown] == [0, 0, 0]
    assert "Larkmeadow" in shown[0].out
    assert shown[2].out.startswith("PROVED: ")
