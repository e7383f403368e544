"""A world that commands of both agencies are tried in: made once by a worker, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.sandbox_files import BUILD, SANDBOX, SIGN, base_files


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base files, a world, and a signed package that its gate has not yet taken."""
    home = tmp_path_factory.mktemp("made")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        narrowgate = CommandLine(patch, None)
        for command in (SANDBOX, BUILD, SIGN):
            assert narrowgate(*command.split()).code == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the working directory."""
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    return copy
