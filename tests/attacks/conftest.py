"""The world that the attacks are run on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.attacked_world import AttackedWorld, made_world
from support.budgeted_world import BudgetedWorld, made_budgeted_world
from support.command_line import CommandLine


@pytest.fixture(scope="session")
def untouched_world() -> Iterator[Path]:
    """The world before any attack."""
    with made_world() as home:
        yield home


@pytest.fixture
def world(
    untouched_world: Path, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> AttackedWorld:
    """A copy of it as the working directory."""
    home = tmp_path / "home"
    shutil.copytree(untouched_world, home)
    monkeypatch.chdir(home)
    return AttackedWorld(home, narrowgate)


@pytest.fixture(scope="session")
def untouched_budgeted_world() -> Iterator[Path]:
    """The world with the budgets of a real agreement before any attack."""
    with made_budgeted_world() as home:
        yield home


@pytest.fixture
def budgeted(
    untouched_budgeted_world: Path, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> BudgetedWorld:
    """A copy of it as the working directory."""
    home = tmp_path / "home"
    shutil.copytree(untouched_budgeted_world, home)
    monkeypatch.chdir(home)
    return BudgetedWorld(home, narrowgate)
