"""The port ``gate.ports.Attendant`` without a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Output = TypeVar("Output")


class SerialAttendant:
    """No thread: looks before and after each piece of work."""

    def wait(self, work: Callable[[], Output], look: Callable[[], None]) -> Output:
        """The result of the work."""
        look()
        result = work()
        look()
        return result

    def each(self, items: Iterable[Output], look: Callable[[], None]) -> Iterator[Output]:
        """The items in order."""
        for item in items:
            look()
            yield item
