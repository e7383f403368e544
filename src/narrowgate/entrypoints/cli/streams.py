"""The three standard streams as every command may rely on them, whatever the surroundings gave."""

from __future__ import annotations

import io
import os
import sys


def prepare_streams() -> None:
    """Standard input, output and error are there, and a letter that they cannot write stops no command.

    A closed one becomes the null device: otherwise the next file opened would take its number, and what is said on
    standard error would be written into it. What goes into a file or a pipe is UTF-8 (RFC 8259 section 8.1); a terminal
    with fewer letters shows a question mark. File names that are no text keep their bytes.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a stream of the process
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
