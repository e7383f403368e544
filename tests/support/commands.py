"""The command line in this process, for programs that are no tests."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from narrowgate.entrypoints.cli import frame
from narrowgate.entrypoints.cli.main import cli
from support.command_line import Result


def command(*arguments: object) -> Result:
    """What a command of ``narrowgate`` comes to."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    nothing = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    code = 0
    with (
        mock.patch.object(sys, "argv", ["narrowgate", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", nothing),
        redirect_stdout(streams[0]),
        redirect_stderr(streams[1]),
    ):
        try:
            frame.run(cli)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return Result(code, out, err)
