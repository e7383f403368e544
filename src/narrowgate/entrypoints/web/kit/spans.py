"""What holds from one time to another, as spans on one common line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from narrowgate.core.base.times import format_time


@dataclass(frozen=True, slots=True)
class Span:
    """One span of the line.

    Args:
        label: what holds.
        note: more words; may be empty.
        start: RFC 3339, UTC.
        until: RFC 3339, UTC; empty where it does not end by itself.
        left: where it begins, in percent of the line.
        width: in percent, at least 1.
    """

    label: str
    note: str
    start: str
    until: str
    left: int
    width: int


def spans(held: Iterable[tuple[str, str, datetime, datetime | None]], end: datetime) -> tuple[Span, ...]:
    """The spans in their order, on a line from the first beginning to ``end``.

    Args:
        held: label, note, beginning, and end or ``None``.
        end: aware UTC time at which the line ends; what ends later reaches to it.
    """
    taken = list(held)
    begin = min([end, *(start for _, _, start, _ in taken)])
    whole = max((end - begin).total_seconds(), 1)

    def percent(at: datetime) -> int:
        return round(100 * min(1, max(0, (at - begin).total_seconds() / whole)))

    made = []
    for label, note, start, until in taken:
        left = min(99, percent(start))
        width = max(1, percent(until or end) - left)
        made.append(Span(label, note, format_time(start), format_time(until) if until else "", left, width))
    return tuple(made)
