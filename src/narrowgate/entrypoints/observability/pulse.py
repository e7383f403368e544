"""Whether the worker still comes round: every look around during slow work, and every turn without, is a beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from narrowgate.gate.ports import Attendant

Output = TypeVar("Output")

SILENT_SECONDS: Final = 900.0
"""Without a beat for so long it hangs: the longest work without a look around is the logging of a million items."""


class Pulse:
    """When there was a beat last.

    Args:
        monotonic: seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last = monotonic()

    def beat(self) -> None:
        """There is one now."""
        self._last = self._monotonic()

    def is_alive(self) -> bool:
        """Whether the last one is not too long ago."""
        return self._monotonic() - self._last <= SILENT_SECONDS


class BeatingAttendant:
    """An ``Attendant`` whose every look is a beat.

    Args:
        attendant: that looks.
        pulse: of the worker.
    """

    def __init__(self, attendant: Attendant, pulse: Pulse) -> None:
        self._attendant = attendant
        self._pulse = pulse

    def wait(self, work: Callable[[], Output], look: Callable[[], None]) -> Output:
        """See ``Attendant.wait``."""
        return self._attendant.wait(work, self._beating(look))

    def each(self, items: Iterable[Output], look: Callable[[], None]) -> Iterator[Output]:
        """See ``Attendant.each``."""
        return self._attendant.each(items, self._beating(look))

    def _beating(self, look: Callable[[], None]) -> Callable[[], None]:
        def beat_and_look() -> None:
            self._pulse.beat()
            look()

        return beat_and_look
