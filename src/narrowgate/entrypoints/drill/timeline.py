"""When each thing happened after a wrong answer left, in the drill and in 2025."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from narrowgate.core.base.times import format_time


@dataclass(frozen=True, slots=True)
class Moment2025:
    """The same in 2025.

    Args:
        what: happened.
        on: the day.
        source: of the day.
    """

    what: str
    on: date
    source: str

    @property
    def days(self) -> int:
        """Since the addresses were sent."""
        return (self.on - SENT).days


SENT: Final = date(2025, 8, 7)
"""The addresses of 47,289 people were sent (FedScoop, October 2025)."""

RECIPIENT_TOLD: Final = Moment2025("the recipient is told", date(2026, 1, 23), "Capture Cascade; AP")
COURT_TOLD: Final = Moment2025("the court is told", date(2026, 2, 11), "Capture Cascade; AP")


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, and how long after the release.

    Args:
        what: happened, in a few words.
        who: did it.
        time: aware UTC time.
        after: since the answers left.
        then: the same in 2025; ``None`` where it did not happen, or is not known.
    """

    what: str
    who: str
    time: datetime
    after: timedelta
    then: Moment2025 | None = None


class Timeline:
    """Moments in order, counted from the release.

    Args:
        released: when the answers left.
    """

    def __init__(self, released: datetime) -> None:
        self._released = released
        self.moments: list[Moment] = []

    def add(self, what: str, who: str, time: datetime, then: Moment2025 | None = None) -> None:
        """One more moment, which is not before the last one."""
        self.moments.append(Moment(what, who, time, time - self._released, then))

    def as_json(self) -> list[dict[str, Any]]:
        """Each moment with its time and seconds since the release."""
        return [
            {
                "what": moment.what,
                "who": moment.who,
                "time": format_time(moment.time),
                "seconds_after_release": int(moment.after.total_seconds()),
                "days_in_2025": moment.then.days if moment.then else None,
            }
            for moment in self.moments
        ]


def in_words(span: timedelta) -> str:
    """A span of time in its largest fitting unit, such as ``12 s`` or ``169 days``."""
    seconds = int(span.total_seconds())
    for unit, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:,} {name}"
    return f"{seconds} s"
