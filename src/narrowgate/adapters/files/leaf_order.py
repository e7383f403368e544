"""Times in a log never go backwards: looked at before a leaf is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from narrowgate.core.base.errors import OperationalError
from narrowgate.core.log.leaf import may_hold_time, time_in_leaf
from narrowgate.core.log.tiles import TILE_WIDTH, decode_bundle


class LeafOrder:
    """The order of the leaves of one log.

    Args:
        where: the log, for messages.
        newest: the newest time in it, as it is written; empty where it has none.
    """

    def __init__(self, where: str, newest: bytes) -> None:
        self._where = where
        self._newest = newest

    def require(self, entries: bytes, width: int) -> None:
        """Returns only if no leaf is older than one before it; leaves of items have no time, and cost nothing.

        Args:
            entries: the next leaves, as a bundle has them.
            width: how many.

        Raises:
            OperationalError: one is.
        """
        if not may_hold_time(entries):
            return
        for time in filter(None, map(time_in_leaf, decode_bundle(entries, width, self._where))):
            if time < self._newest:
                raise OperationalError(
                    "The clock is behind the last entry of the log.",
                    why="Times in the log never go backwards; nothing was written.",
                    next_step="Correct the clock, then run the package again.",
                    where=self._where,
                )
            self._newest = time


def newest_time(leaves: Callable[[int, int], Iterator[bytes]], size: int) -> bytes:
    """The newest time in a log of so many leaves, which is that of its last leaf that has one; or nothing.

    Args:
        leaves: gives those from one index up to another.
        size: number of leaves.
    """
    end = size
    while end:
        start = (end - 1) // TILE_WIDTH * TILE_WIDTH
        times = [time for time in map(time_in_leaf, leaves(start, end)) if time]
        if times:
            return times[-1]
        end = start
    return b""
