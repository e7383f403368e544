"""Processes that are killed, refused something or short of room: copies of one that has loaded all it needs.

To start Python anew for each would cost more than what the copy does. The one that is copied is a child of the caller,
so that the processor time of all of them is counted with the caller's when it has ended.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Self

from narrowgate.core.base.errors import OperationalError

Tell = Callable[[object], None]

_FAILED: Final = 1


class Copies:
    """Runs functions, each in a process of its own that is a copy of one in which nothing has happened.

    No thread runs in that one, and no engine, log or state was opened in it: a copy is as good as a new process.
    """

    def __init__(self) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=serve_copies, args=(theirs,))
        self._process.start()
        theirs.close()

    def run(self, target: Callable[..., object], *arguments: object) -> tuple[list[Any], int]:
        """What a function told in a copy, and how the copy ended: 0, or below 0 by the signal that killed it.

        Args:
            target: a function of a module; its first argument is called with whatever it tells.
            arguments: the others.

        Raises:
            OperationalError: the one that is copied has ended.
        """
        told: list[Any] = []
        try:
            self._ours.send((target, arguments))
            while True:
                what, value = self._ours.recv()
                if what == "ended":
                    return told, value
                told.append(value)
        except (EOFError, BrokenPipeError) as error:
            raise OperationalError(
                "The process that is copied for each try has ended.",
                why="It was killed, or memory ran out.",
                next_step="Run the check again.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.close()
        self._process.join()


def serve_copies(theirs: Connection) -> None:
    """What the process does that is copied, until its caller has gone."""
    while True:
        try:
            target, arguments = theirs.recv()
        except EOFError:
            return
        copy = os.fork()
        if copy == 0:
            code = _FAILED
            try:
                target(lambda value: theirs.send(("told", value)), *arguments)
                code = 0
            finally:
                os._exit(code)  # what the process that was copied does at its end is not done twice
        theirs.send(("ended", os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])))
