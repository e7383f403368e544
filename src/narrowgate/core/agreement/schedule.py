"""The slots at which answers leave: times of day in one time zone, known when a package arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from narrowgate.core.agreement.model import Release

GRACE: Final = timedelta(minutes=10)
"""How long after its slot a release still counts as made at it: the time to copy the answers into place."""

_DAYS_AHEAD: Final = 3
"""Every day has each time of the schedule once, so that the next slot lies within two days and a zone's leap."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When answers leave.

    Args:
        times: of day, in the zone; none means *at once*, which only a sandbox agreement can say.
        zone: its rules, such as a ``zoneinfo.ZoneInfo``.
        processing: the least time between receipt and slot.
    """

    times: tuple[time, ...]
    zone: tzinfo
    processing: timedelta

    @property
    def is_at_once(self) -> bool:
        """Whether there are no slots: a package leaves when it is done."""
        return not self.times

    def slot_of(self, received: datetime) -> datetime:
        """The slot of a package: the first one that lies at least the processing time after its receipt.

        Args:
            received: aware time, whole seconds.

        Returns:
            An aware UTC time; without a schedule the time of the receipt itself.
        """
        if self.is_at_once:
            return received.astimezone(UTC)
        earliest = received + self.processing
        return min(slot for slot in self._around(earliest) if slot >= earliest)

    def slot_after(self, arrived: datetime, now: datetime) -> datetime:
        """The slot of a package that is taken up some time after it arrived: its own, or the next if that has come.

        Args:
            arrived: aware time, whole seconds; one that lies ahead counts as ``now``.
            now: aware time at which it is taken up.
        """
        slot = self.slot_of(min(arrived, now))
        if slot > now:
            return slot
        return now.astimezone(UTC) if self.is_at_once else self.next_slot(now)

    def next_slot(self, moment: datetime) -> datetime:
        """The first slot later than ``moment``, which takes a package that missed its own; UTC.

        Raises:
            ValueError: there is no schedule.
        """
        if self.is_at_once:
            raise ValueError("a release at once has no slots")
        return min(slot for slot in self._around(moment) if slot > moment)

    def _around(self, moment: datetime) -> Iterator[datetime]:
        """The slots of the days around a moment, none left out that may be the next.

        A time of day that a day leaves out is counted by the offset before the leap, and one that it has twice is the
        first of the two: RFC 5545 section 3.3.5, which is ``fold=0`` of PEP 495.
        """
        today = moment.astimezone(self.zone).date()
        for days in range(-1, _DAYS_AHEAD):
            for at in self.times:
                yield datetime.combine(today + timedelta(days), at, self.zone).astimezone(UTC)


def schedule_of(release: Release, zone: tzinfo) -> Schedule:
    """The schedule of an agreement.

    Args:
        release: its terms.
        zone: the rules of the time zone that they name.
    """
    times = tuple(time.fromisoformat(text) for text in release.schedule)
    return Schedule(times, zone, timedelta(hours=release.processing_hours))
