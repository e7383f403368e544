"""Incidents: what is on record, since when it is known, and how long there is to report it.

A possible incident is reported within 24 hours of its discovery, without waiting for an inquiry (IRS Publication 1075,
"Reporting improper inspections or disclosures").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from narrowgate.core.base.times import TIME, format_time, parse_time

if TYPE_CHECKING:
    from narrowgate.core.governance.in_force import InForce, Placed

TO_REPORT: Final = timedelta(hours=24)
"""From discovery to report."""

DISCOVERED: Final = re.compile(rf"/{TIME.pattern}")


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident, as the acts say.

    Args:
        number: of the act that records it.
        scope: what it concerns, as a hold's.
        discovered: aware UTC time.
        recorded: time of the act's leaf.
        reported: time of the leaf that says that it was reported; ``None`` before it.
        closed: time of the leaf that closes it; ``None`` before it.
    """

    number: int
    scope: str
    discovered: datetime
    recorded: datetime
    reported: datetime | None = None
    closed: datetime | None = None

    @property
    def due(self) -> datetime:
        """Until when it is to be reported."""
        return self.discovered + TO_REPORT

    def left(self, at: datetime) -> timedelta:
        """How long there is to report it; negative where that time has passed. Its report ends the clock."""
        return self.due - (self.reported or at)


def incident_subject(scope: str, discovered: datetime) -> str:
    """The subject of the act that records an incident."""
    return f"{scope}/{format_time(discovered)}"


def incident_of(subject: str) -> tuple[str, datetime]:
    """Scope and time of discovery of such a subject.

    Raises:
        ValueError: the time is none, such as the 31st of February.
    """
    scope, _, discovered = subject.rpartition("/")
    return scope, parse_time(discovered)


def incidents_of(in_force: InForce) -> tuple[Incident, ...]:
    """Every incident on record, in the order of the acts."""
    found = []
    for placed in in_force.incidents:
        scope, discovered = incident_of(placed.subject)
        found.append(
            Incident(
                placed.number,
                scope,
                discovered,
                placed.start,
                _start(in_force.incidents_reported, placed.number),
                _start(in_force.incidents_closed, placed.number),
            )
        )
    return tuple(found)


def _start(placed: Mapping[str, Placed], number: int) -> datetime | None:
    found = placed.get(str(number))
    return None if found is None else found.start
