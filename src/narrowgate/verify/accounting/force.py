"""What was in force over time, as spans for a picture; from the acts in a log alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import ACT

_PLACES: Final = {
    Kind.AGREEMENT_IN_FORCE: "agreement",
    Kind.INDEX_IN_FORCE: "index",
    Kind.REGISTER_IN_FORCE: "register of officers",
    Kind.FACILITIES_IN_FORCE: "list of facilities",
    Kind.RULES_IN_FORCE: "rules",
}
_WITHDRAWS: Final = {Kind.AGREEMENT_WITHDRAWN: "agreement", Kind.INDEX_WITHDRAWN: "index"}

_STOPS: Final = {Kind.HOLD: "hold", Kind.OFFICE_OFF: "office off"}
_LIFTS: Final = {Kind.HOLD_LIFTED: "hold", Kind.OFFICE_ON: "office off"}


@dataclass(frozen=True, slots=True)
class Period:
    """A time during which one thing was in force.

    Args:
        what: such as ``agreement``, or ``hold all``.
        subject: of the act that began it.
        act: number of that act.
        start: RFC 3339.
        end: RFC 3339; empty while it holds.
    """

    what: str
    subject: str
    act: int
    start: str
    end: str


def periods(events: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[Period, ...]:
    """Returns everything that acts put in force and took out of force, ordered by what it is and when it began.

    One thing ends where an act withdraws it, another of its kind begins, or its own time is over.

    Args:
        events: index and fields of the leaves of a log that are no item's, in order.
    """
    found = _Found({}, [])
    for _, fields in events:
        if fields["type"] == ACT:
            found.take(fields)
    for what in list(found.open):
        found.end(what, "")
    return tuple(sorted(found.ended, key=lambda period: (period.what, period.start, period.act)))


@dataclass(slots=True)
class _Found:
    open: dict[str, Mapping[str, Any]]
    ended: list[Period]

    def take(self, act: Mapping[str, Any]) -> None:
        kind, start = act["act"], act["from"] or act["time"]
        if kind in _PLACES:
            self.end(_PLACES[kind], start)
            self.open[_PLACES[kind]] = act
        elif kind in _WITHDRAWS:
            self.end(_WITHDRAWS[kind], start)
        elif kind in _STOPS:
            self.open[f"{_STOPS[kind]} {act['subject']}"] = act
        elif kind in _LIFTS:
            self.end(f"{_LIFTS[kind]} {act['subject']}", act["time"])

    def end(self, what: str, at: str) -> None:
        """What was in force ended then, or by itself before; at no time, if it is in force still."""
        act = self.open.pop(what, None)
        if act is None:
            return
        start = act["from"] or act["time"]
        finish = min(filter(None, (at, act["until"])), default="")
        if not finish or finish > start:
            self.ended.append(Period(what, act["subject"], act["number"], start, finish))
