"""The gate's steps as lines of the journal: the first seven with their time, and of the rest nothing.

Steps 1 to 7 are computed without the tax records, and so is how long they take. From step 8 on the time depends on the
index, and the moment at which a package is done with it: so no line is written of a step after the seventh, and
the line about the package itself comes with the next full minute (``entrypoints.worker``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import Event, Key, named
from narrowgate.gate.run import Progress

LAST_TIMED: Final = 7
"""The last step that reads no tax record."""


class JournalledSteps:
    """Watches the steps of one package (``gate.run.Progress``) beside another watcher.

    Args:
        inner: the other watcher.
        journal: gets a line for each of the steps 1 to 7 that has ended.
        package_id: of the package.
        office: of the package.
        monotonic: seconds that never go back.
    """

    def __init__(
        self, inner: Progress, journal: Journal, package_id: str, office: str, monotonic: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._journal = journal
        self._told = {Key.PACKAGE: named(package_id), Key.OFFICE: office}
        self._monotonic = monotonic
        self._step = 0
        self._began = 0.0

    def begin(self, step: str) -> None:
        """A step begins; the one before it has ended."""
        self._inner.begin(step)
        now = self._monotonic()
        if 1 <= self._step <= LAST_TIMED:
            milliseconds = round((now - self._began) * 1000)
            self._journal.write(
                Event.STEP, {**self._told, Key.STEP: self._step, Key.MILLISECONDS: milliseconds}
            )
        self._step, self._began = int(step.split(maxsplit=1)[0]), now

    def advance(self, done: int, total: int) -> None:
        """So many items of the step are done."""
        self._inner.advance(done, total)
