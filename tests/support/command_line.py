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
    """Runs ``narrowgate`` in this process, so that coverage sees it.

    Args:
        monkeypatch: sets arguments and standard input.
        capfd: catches what is written; None where only the exit code matters, as in fixtures of a module.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str] | None) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    def __call__(self, *arguments: object, stdin: bytes = b"") -> Result:
        """Run one command."""
        if self._capfd:
            self._capfd.readouterr()
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["narrowgate", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            with pytest.raises(SystemExit) as caught:
                frame.run(cli)
        code = int(caught.value.code or 0)
        if self._capfd is None:
            return Result(code, "", "")
        captured = self._capfd.readouterr()
        return Result(code, captured.out, captured.err)
