"""The command line as a program sees it: arguments in, exit code, stdout and stderr out."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest

from narrowgate.entrypoints.cli import frame
from narrowgate.entrypoints.cli.main import cli


@dataclass(frozen=True)
class Result:
    """What one command came to."""

    code: int
    out: str
    err: str


class CommandLine:
    """Runs ``narrowgate`` in this process, so that coverage sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    def __call__(self, *arguments: object, stdin: bytes = b"") -> Result:
        """Run one command."""
        self._capfd.readouterr()
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["narrowgate", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            with pytest.raises(SystemExit) as caught:
                frame.run(cli)
        captured = self._capfd.readouterr()
        return Result(int(caught.value.code or 0), captured.out, captured.err)
