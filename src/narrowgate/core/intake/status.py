"""What a requester may know of a package, as a function of arrival, clock, schedule, notice and released answers.

Before the slot the arrival and the clock alone decide, so that two worlds that differ in their tax records only cannot
be told apart; from the slot on there is what the log says, too. ``docs/reference/protocol/intake.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from narrowgate.core.agreement.schedule import Schedule
from narrowgate.core.base.times import format_time
from narrowgate.core.intake.documents import Arrival, Ending, Notice, Problem


class Stage(StrEnum):
    """Where a package is, as its requester sees it."""

    UPLOADING = "uploading"
    RECEIVED = "received"
    WAITING = "waiting"
    DECIDED = "decided"
    RELEASED = "released"
    EXPIRED = "expired"
    REFUSED = "refused"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Status:
    """One package, as its requester sees it.

    Args:
        package_id: of the package.
        stage: where it is.
        arrived: when its last byte was there; None while it is uploaded.
        slot: when its answers leave, or left; None where that is not known.
        problem: why it was refused whole; None where it was not.
    """

    package_id: str
    stage: Stage
    arrived: datetime | None = None
    slot: datetime | None = None
    problem: Problem | None = None

    def as_json(self) -> dict[str, Any]:
        """The status as one JSON object; what is not known is left out."""
        told: dict[str, Any] = {"package": self.package_id, "state": self.stage.value}
        if self.arrived is not None:
            told["arrived"] = format_time(self.arrived)
        if self.slot is not None:
            told["released" if self.stage is Stage.RELEASED else "slot"] = format_time(self.slot)
        if self.problem is not None:
            problem = self.problem
            told["problem"] = {
                "id": problem.id,
                "what": problem.what,
                "why": problem.why,
                "next_step": problem.next_step,
                "rules": list(problem.rules),
            }
        return told


def status_of(
    arrival: Arrival,
    notice: Notice | None,
    released: datetime | None,
    schedule: Schedule | None,
    now: datetime,
) -> Status:
    """What the requester may know of a package that has arrived.

    Args:
        arrival: of the package.
        notice: what the gate said of it, whether it may be seen yet or not.
        released: the slot for which its answers left; None while they are not in place.
        schedule: under the terms in force; None where none are known.
        now: aware UTC time.
    """
    package_id, arrived = arrival.package_id, arrival.arrived
    slot = arrival.slot or (None if schedule is None else schedule.slot_of(arrived))
    seen = slot is None or now >= slot
    if seen and released is not None:
        return Status(package_id, Stage.RELEASED, arrived, released)
    if seen and notice is not None and now >= notice.shown_from:
        return _ended(arrival, notice, now)
    if slot is None:
        return Status(package_id, Stage.RECEIVED, arrived)
    if seen and schedule is not None and not schedule.is_at_once:
        slot = schedule.next_slot(now)
    return Status(package_id, Stage.WAITING, arrived, slot)


def _ended(arrival: Arrival, notice: Notice, now: datetime) -> Status:
    if notice.ending is Ending.REFUSED:
        return Status(arrival.package_id, Stage.REFUSED, arrival.arrived, problem=notice.problem)
    if notice.ending is Ending.ABANDONED:
        return Status(arrival.package_id, Stage.ABANDONED, arrival.arrived)
    expired = notice.expires is not None and now >= notice.expires
    return Status(arrival.package_id, Stage.EXPIRED if expired else Stage.DECIDED, arrival.arrived)
