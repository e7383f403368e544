"""The runbooks of a gate's keys are run as they are written: each page's commands, in order, with its output."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.journey import steps_of, walk
from support.requests import PROJECT

HOW_TO = PROJECT / "docs" / "how-to"

RUNBOOKS = (
    "back-up-and-restore",
    "begin-a-new-log",
    "replace-a-custody-officer",
    "replace-an-office-key",
    "rotate-the-index-key",
    "what-it-costs",
)

pytestmark = pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("openssl", "flock")),
    reason="openssl or flock is not installed",
)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_runbook_is_what_happens(name: str, tmp_path: Path) -> None:
    steps = steps_of((HOW_TO / f"{name}.md").read_text(encoding="utf-8"))
    assert len(steps) >= 10, "a runbook of fewer steps tells nothing"
    walk(steps, tmp_path / "here")
