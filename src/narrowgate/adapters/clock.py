"""Clocks: the machine's, and one that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


class SystemClock:
    """The machine's time; no other line of Narrowgate asks for it."""

    def now(self) -> datetime:
        """An aware time in UTC, whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the one place that asks the clock


@dataclass(frozen=True, slots=True)
class FixedClock:
    """The same time at every question, so that two runs can be compared byte for byte.

    Args:
        at: an aware time in UTC, whole seconds.
    """

    at: datetime

    def now(self) -> datetime:
        """The time the clock was made with."""
        return self.at
