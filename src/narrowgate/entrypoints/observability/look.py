"""One look at a service: what is measured, and what keeps it from its work; taken once a minute."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from narrowgate.adapters.files.intake_directory import queued
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.meters import Directory, Reading
from narrowgate.entrypoints.revocation_checkup import newest_evidence
from narrowgate.gate.ports import Clock


class Check(StrEnum):
    """What must be so before a service is ready."""

    IN_FORCE = "in-force"
    STATE = "state"
    SCHEMA = "schema"
    LOG = "log"
    DISK = "disk"
    REVOCATION = "revocation"
    QUEUE = "queue"
    TERMS = "terms"
    WORKER = "worker"
    SOURCE = "source"


Seen = Iterator[Reading | Check]
"""What was measured, and each check that failed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw.

    Args:
        readings: what was measured.
        failed: checks that failed, each once.
    """

    readings: tuple[Reading, ...]
    failed: tuple[Check, ...]


Tried = tuple[Check, Callable[[datetime], Seen]]
"""What is looked at, and the check that fails where it cannot be."""


def look(tried: tuple[Tried, ...], now: datetime) -> Look:
    """Everything that can be seen now; what cannot be seen fails its check, and hides nothing else.

    Args:
        tried: what is looked at.
        now: aware UTC time.
    """
    readings: list[Reading] = []
    failed: dict[Check, None] = {}
    for check, seen in tried:
        try:
            for each in seen(now):
                if isinstance(each, Check):
                    failed[each] = None
                else:
                    readings.append(each)
        except (NarrowgateError, OSError, ValueError):
            # Its text may name a file of this machine; the doctor tells it to whoever may know.
            failed[check] = None
    return Look(tuple(readings), tuple(failed))


class MinuteLook:
    """Looks at most once in each minute of the clock, so that no moment within one can be read from it.

    Args:
        tried: what is looked at.
        clock: asked at each call.
    """

    def __init__(self, tried: tuple[Tried, ...], clock: Clock) -> None:
        self._tried = tried
        self._clock = clock
        self._minute: datetime | None = None
        self._seen = Look((), ())
        self._one_at_a_time = threading.Lock()

    def __call__(self) -> Look:
        """What was seen last, in this minute."""
        with self._one_at_a_time:
            now = self._clock.now()
            minute = now.replace(second=0, microsecond=0)
            if minute != self._minute:
                self._seen = look(self._tried, now)
                self._minute = minute
            return self._seen


def to_the_minute(moment: datetime) -> float:
    """POSIX seconds of the full minute before."""
    return moment.replace(second=0, microsecond=0).timestamp()


def queue(intake: Path, told: NoticeDirectory, now: datetime) -> Seen:
    """How many packages wait, and for how long; how many the gate is done with, by how it was."""
    waiting = [each for each in queued(intake) if told.notice(each.office, each.package_id) is None]
    yield Reading(meters.WAITING, len(waiting))
    oldest = min((each.arrived for each in waiting), default=now)
    yield Reading(meters.OLDEST, max(0.0, (now - oldest).total_seconds()))
    for ending, count in told.endings().items():
        yield Reading(meters.DONE, count, {"ending": ending.value})


def disks(floor: int, directories: dict[Directory, Path]) -> Seen:
    """What is free on each disk; below the floor the check fails.

    Args:
        floor: bytes.
        directories: that are looked at; one that is not there yet is looked at where it will be.
    """
    for name, directory in directories.items():
        place = next(place for place in (directory, *directory.absolute().parents) if place.exists())
        free = shutil.disk_usage(place).free
        yield Reading(meters.FREE, free, {"directory": name.value})
        if free < floor:
            yield Check.DISK


def revocation(directory: RevocationDirectory | None, now: datetime) -> Seen:
    """When the oldest of the newest lists was issued and the first one ends; a late one fails the check."""
    if directory is None:
        return  # only a sandbox looks at none
    newest = newest_evidence(directory.read())
    if not newest:
        yield Check.REVOCATION
        return
    issued, ends = min(each.issued for each in newest.values()), min(each.ends for each in newest.values())
    yield Reading(meters.REVOCATION_ISSUED, issued.timestamp())
    yield Reading(meters.REVOCATION_ENDS, ends.timestamp())
    if ends < now:
        yield Check.REVOCATION
