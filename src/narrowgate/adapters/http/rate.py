"""How often something may be done: evenly on average, and some of it at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Rate:
    """A bucket that is full at the beginning, and fills evenly.

    Args:
        per_minute: times on average.
        at_once: how many it holds.
        level: of the bucket.
        at: monotonic seconds of the last look.
    """

    per_minute: int
    at_once: float
    level: float = 0.0
    at: float = float("-inf")

    def take(self, now: float) -> float:
        """0 if it may be done now, or else the seconds until it may."""
        self.level = self.filled(now)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0.0
        return (1.0 - self.level) * 60 / self.per_minute

    def filled(self, now: float) -> float:
        """The level at a later time."""
        return min(max(1.0, self.at_once), self.level + (now - self.at) * self.per_minute / 60)
