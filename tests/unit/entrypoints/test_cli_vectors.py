"""Every folder of ``tests/vectors/command_line`` runs through the command line and comes to what it says."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from support.command_line import CommandLine
from support.command_line_cases import (
    ANSWERS,
    FOLDER,
    Case,
    apply,
    cases,
    contents,
    copy_files,
    on_day,
    personal_values,
)
from support.sandbox_files import BUILD, SANDBOX, SIGN, base_files

NOW = SystemClock().now()
TODAY = NOW.date()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base files, the world that they make, and a second package for its gate, signed and not yet run."""
    home = tmp_path_factory.mktemp("base")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for command in (SANDBOX, BUILD, SIGN):
            assert CommandLine(patch, None)(*command.split()).code == 0
    return home


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_command_line_does_what_the_case_says(
    case: Case, world: Path, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    prepare(case, world, home)
    monkeypatch.chdir(home)
    before: dict[str, bytes | None] = {}
    for number, command in enumerate(case.run, 1):
        if case.days_later and number == len(case.run):
            later = NOW + timedelta(days=case.days_later)
            monkeypatch.setattr(SystemClock, "now", lambda _, later=later: later)
        before = contents(home, case.may_change)
        result = narrowgate(*words(command, home))
        if number < len(case.run):
            assert result.code == 0, result.err
    assert result.code == case.code, result.err
    for text in case.says:
        assert text in result.err
    for text in case.out:
        assert text in result.out
    shown = result.err.upper()
    assert [value for value in personal_values(FOLDER / case.name) if value in shown] == []
    if case.fails:
        assert result.out == ""
        assert contents(home, case.may_change) == before
    if (FOLDER / case.name / ANSWERS).exists():
        expected = (FOLDER / case.name / ANSWERS).read_text(encoding="utf-8")
        assert (home / "world" / ANSWERS).read_text(encoding="utf-8") == expected


def prepare(case: Case, world: Path, home: Path) -> None:
    """The directory in which the case's commands run."""
    if case.start == "world":
        shutil.copytree(world, home)
    else:
        home.mkdir()
        base_files(home)
    copy_files(FOLDER / case.name, home, TODAY)
    for change in case.change:
        apply(change, home, TODAY)


def words(command: str, home: Path) -> list[str]:
    """The words of a command; ``{answers}`` is the directory of the one package answered in the world."""
    if "{answers}" in command:
        (answered,) = (home / "world" / "answers").glob("p-*")
        command = command.replace("{answers}", answered.relative_to(home).as_posix())
    return on_day(command, TODAY).split()


def test_every_case_that_fails_is_named_so() -> None:
    assert [case.name for case in cases() if case.fails is not (case.code != 0)] == []


def test_every_case_says_why_it_is_there() -> None:
    assert [case.name for case in cases() if not case.why.endswith(".")] == []
