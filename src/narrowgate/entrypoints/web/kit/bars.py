"""A bar chart as a table: each row has its bar as a small picture, and the figures are there to be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart.

    Args:
        label: what is counted.
        number: how many.
        note: more words on the label; may be empty.
        href: page that shows what was counted; may be empty.
    """

    label: str
    number: int
    note: str = ""
    href: str = ""


def widths(bars: Iterable[Bar]) -> tuple[tuple[Bar, int], ...]:
    """Each bar with its width in percent: 100 for the largest number, at least 1 for any, 0 for none.

    Args:
        bars: in the order in which they are shown.
    """
    taken = tuple(bars)
    most = max((bar.number for bar in taken), default=0)
    return tuple((bar, max(1, round(100 * bar.number / most)) if bar.number else 0) for bar in taken)
