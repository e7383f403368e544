"""What libraries and threads would print of an unknown error is told as its type and place: its text may be a person's.

A traceback ends with the text of an exception, and that of a parser quotes what it could not read. uvicorn, asyncio and
Python's own hooks write tracebacks to stderr.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO

Report = Callable[[str, str], None]
"""Takes the type of an error and the place where it arose; the type is empty where a library only warned."""


class _Handler(logging.Handler):
    """Reports what a library logs, without its message."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Tell the type of the error, or the place that warned."""
        found = record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)
        kind = "" if found[0] is None else found[0].__name__
        place = f"{PurePath(record.pathname).name}:{record.lineno}"
        self._report(kind, place if found[2] is None else place_of(found[2]))


@contextmanager
def told_without_text(report: Report) -> Iterator[None]:
    """Within the block nothing but ``report`` tells of what libraries log and of errors that no caller takes.

    Args:
        report: called for each.
    """
    root, handler = logging.getLogger(), _Handler(report)
    before = root.handlers[:], threading.excepthook, sys.unraisablehook, warnings.showwarning

    def in_thread(hook: threading.ExceptHookArgs) -> None:
        report(hook.exc_type.__name__, place_of(hook.exc_traceback))

    def unraisable(hook: Any) -> None:
        report(hook.exc_type.__name__, place_of(hook.exc_traceback))

    def warned(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        report(category.__name__, f"{PurePath(filename).name}:{lineno}")

    root.handlers[:] = [handler]
    warnings.showwarning = warned
    threading.excepthook, sys.unraisablehook = in_thread, unraisable
    try:
        yield
    finally:
        root.handlers[:], threading.excepthook, sys.unraisablehook, warnings.showwarning = before


def place_of(trace: TracebackType | None) -> str:
    """Module and line where an error arose, such as ``app.py:12``; without the directories of this machine."""
    frames = traceback.extract_tb(trace)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
