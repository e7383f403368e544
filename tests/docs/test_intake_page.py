"""The page about the intake is run as it is written, with curl, over loopback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.journey import steps_of, walk
from support.requests import PROJECT

PAGE = PROJECT / "docs" / "how-to" / "intake.md"


@pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("openssl", "curl")),
    reason="openssl or curl is not installed",
)
def test_the_page_is_what_happens(tmp_path: Path) -> None:
    walk(steps_of(PAGE.read_text(encoding="utf-8")), tmp_path / "here")
