"""Fixtures that tests of several rooms share."""

from __future__ import annotations

import pytest

from support.command_line import CommandLine


@pytest.fixture
def narrowgate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line."""
    return CommandLine(monkeypatch, capfd)
