"""Entries that bear on a requirement, and findings that contradict one: counted, with where the first of them are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SHOWN_LEAVES: Final = 20
"""So many leaves of a kind of finding are named; all of them are counted."""


class Topic(StrEnum):
    """What can contradict a requirement."""

    FORM = "form"
    TIME = "time"
    UNRECEIVED = "unreceived"
    ORDER = "order"
    COUNTS = "counts"
    AGAIN = "again"
    OFFICE = "office"
    OFFICE_OFF = "office-off"
    OFFICE_KEY = "office-key"
    REVOKED = "revoked"
    AGREEMENT = "agreement"
    REGISTER = "register"
    INDEX = "index"
    RULES = "rules"
    HOLD = "hold"
    QUOTA = "quota"
    SLOT = "slot"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    RECALLED = "recalled"
    INCIDENT = "incident"
    DESTROYED = "destroyed"
    SIGNATURES = "signatures"
    PERSONS = "persons"
    SEQUENCE = "sequence"
    SECOND_PLACE = "second-place"
    WITNESSES = "witnesses"


SENTENCES: Final = {
    Topic.FORM: "An entry does not have the form of its kind.",
    Topic.TIME: "The times of the log go backwards.",
    Topic.UNRECEIVED: "An entry is about a package that was not received, or is not decided yet.",
    Topic.ORDER: "A row was decided twice, left out, or decided and never received.",
    Topic.COUNTS: "The counts of a decided package are not those of its items.",
    Topic.AGAIN: "A package was received, decided or released twice.",
    Topic.OFFICE: "A package was received of an office that is none of the two.",
    Topic.OFFICE_OFF: "A package was received of an office that was switched off.",
    Topic.OFFICE_KEY: "A package was signed with a key that its agreement does not bind to its office on that day.",
    Topic.REVOKED: "A package that a revoked key had signed was received, decided or released.",
    Topic.AGREEMENT: "A package was received under no agreement, or another than the one in force.",
    Topic.REGISTER: "A package was received under no register of officers, or another than the one in force.",
    Topic.INDEX: "A package was decided with an index that was not in force.",
    Topic.RULES: "A package was decided while no rule set was in force.",
    Topic.HOLD: "A package was received, decided or released while a hold covered it.",
    Topic.QUOTA: "A package was received that exceeds a quota of its agreement.",
    Topic.SLOT: "Answers were released or delayed before their slot, or for another one.",
    Topic.EXPIRED: "Answers were released after they had expired.",
    Topic.ABANDONED: "A package went on after it had been abandoned.",
    Topic.RECALLED: "Answers were released after they had been recalled.",
    Topic.INCIDENT: "An incident was not reported within 24 hours of its discovery.",
    Topic.DESTROYED: "The data key of a package was destroyed before its day, or before its answers ended.",
    Topic.SIGNATURES: "An act has fewer signatures than its kind needs.",
    Topic.PERSONS: "An act is signed by fewer persons of the charter than its kind needs, or by a stranger.",
    Topic.SEQUENCE: "An act does not follow the one before it, or contradicts what was in force.",
    Topic.WITNESSES: "Answers were released before the charter's witnesses had cosigned their decision.",
    Topic.SECOND_PLACE: "The log does not continue a checkpoint that was kept elsewhere.",
}


@dataclass(slots=True)
class Evidence:
    """Entries of one kind.

    Args:
        count: how many; of items, not of runs.
        first: index of the first.
        last: index of the last.
    """

    count: int = 0
    first: int = -1
    last: int = -1

    def add(self, leaf: int, count: int = 1, last: int | None = None) -> None:
        """Count entries, ``leaf`` being the first of them and ``last`` the last."""
        if self.first < 0:
            self.first = leaf
        self.last = leaf if last is None else last
        self.count += count


@dataclass(slots=True)
class Broken:
    """Findings of one topic.

    Args:
        count: how many.
        leaves: indexes of the first of them; none where a finding is of no single entry.
    """

    count: int = 0
    leaves: list[int] = field(default_factory=list)

    def add(self, leaf: int | None) -> None:
        """Count a finding at a leaf."""
        self.count += 1
        if leaf is not None and len(self.leaves) < SHOWN_LEAVES:
            self.leaves.append(leaf)


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which something was or was not in force.

    Args:
        what: it is about.
        start: RFC 3339.
        end: RFC 3339; empty while it lasts at the end of the log.
        act: number of the act that began it; 0 where none did.
    """

    what: str
    start: str
    end: str
    act: int = 0
