"""The command line in this process, for programs that are no tests."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Final
from unittest import mock

from narrowgate.entrypoints.cli import frame
from narrowgate.entrypoints.cli.main import cli
from support.command_line import Result

_BUFFERS: Final = (io.BytesIO(), io.BytesIO())
_STREAMS: Final = tuple(io.TextIOWrapper(buffer, encoding="utf-8", write_through=True) for buffer in _BUFFERS)
"""The same for every command: a library keeps each stream that it once wrote to, and a soak would seem to leak."""


def command(*arguments: object) -> Result:
    """What a command of ``narrowgate`` comes to."""
    for buffer in _BUFFERS:
        buffer.seek(0)
        buffer.truncate()
    nothing = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    code = 0
    with (
        mock.patch.object(sys, "argv", ["narrowgate", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", nothing),
        redirect_stdout(_STREAMS[0]),
        redirect_stderr(_STREAMS[1]),
    ):
        try:
            frame.run(cli)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    out, err = (buffer.getvalue().decode() for buffer in _BUFFERS)
    return Result(code, out, err)
