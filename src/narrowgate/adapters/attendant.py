"""Slow work in a thread beside the gate's, which goes on looking for holds (``gate.ports.Attendant``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from time import monotonic
from typing import Final, TypeVar

Output = TypeVar("Output")

LOOK_SECONDS: Final = 0.2
"""Between two looks: a hold is in force within a second."""


class ThreadAttendant:
    """One thread does the work, and the caller's looks up from it.

    A look reads log and state, so that many short works would take less time than the looks between them: the next
    one is due when the time is up, whichever work is done then.

    Args:
        seconds: between two looks.
    """

    def __init__(self, seconds: float = LOOK_SECONDS) -> None:
        self._seconds = seconds
        self._looked = float("-inf")

    def wait(self, work: Callable[[], Output], look: Callable[[], None]) -> Output:
        """The result of the work; when ``look`` raises, the work ends first, and its result is dropped."""
        with ThreadPoolExecutor(1) as thread:
            return self._watched(thread.submit(work), look)

    def each(self, items: Iterable[Output], look: Callable[[], None]) -> Iterator[Output]:
        """The items in order; when ``look`` raises, no further one is made."""
        source = iter(items)

        def following() -> list[Output]:
            return list(islice(source, 1))

        with ThreadPoolExecutor(1) as thread:
            while made := self._watched(thread.submit(following), look):
                yield made[0]

    def _watched(self, work: Future[Output], look: Callable[[], None]) -> Output:
        while True:
            if monotonic() - self._looked >= self._seconds:
                look()
                self._looked = monotonic()
            if wait([work], self._seconds).done:
                return work.result()
