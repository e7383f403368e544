"""A table of counts over offices, statutes and months of one year, with every sum that a reader could form of it.

A cell lies at a place and in a column. Places form a tree: all offices, one office, one statute of one office. Columns
are the months of a year, and the year. A line is all counts of one cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

YEAR: Final = "year"
"""The column of the sums over all months."""


class Place(NamedTuple):
    """Where a line belongs: ``Place()`` is all offices, ``Place(office)`` one, ``Place(office, statute)`` a part of it.

    Args:
        office: id of the office; empty for all.
        statute: citation, or a word for what has none; empty for all.
    """

    office: str = ""
    statute: str = ""

    @property
    def parent(self) -> Place | None:
        """The place of which this one is a part; none of all offices."""
        if self.statute:
            return Place(self.office)
        return Place() if self.office else None


class Cell(NamedTuple):
    """A place in a column.

    Args:
        place: in the tree.
        column: a month as ``2026-03``, or ``YEAR``.
    """

    place: Place
    column: str


ALL_OFFICES: Final = Place()


@dataclass(frozen=True, slots=True)
class YearTable:
    """The counts of one year.

    Args:
        months: the months that are over, in order.
        counts: by the name of the count, the value of each cell; a cell that is missing is zero, and ``None`` says that
            the value is not known to anybody who reads what is published. Every sum is there.
    """

    months: tuple[str, ...]
    counts: Mapping[str, Mapping[Cell, int | None]]

    def value(self, count: str, cell: Cell) -> int | None:
        """The value of one count in one cell."""
        return self.counts[count].get(cell, 0)

    def places(self) -> list[Place]:
        """Every place of which there is a line, all offices first, each before its parts."""
        return sorted({cell.place for values in self.counts.values() for cell in values})

    def is_empty(self, cell: Cell) -> bool:
        """Whether every count of the cell is zero: it has no line, and its reader is told so."""
        return all(values.get(cell, 0) == 0 for values in self.counts.values())


def with_sums(months: Iterable[str], parts: Mapping[str, Mapping[Cell, int | None]]) -> YearTable:
    """Returns the table with the sum of each office, of all offices, and of the year; unknown parts make sums unknown.

    Args:
        months: that are over, in order.
        parts: by count, the values of the statutes of offices in months.
    """
    ordered = tuple(months)
    counts: dict[str, dict[Cell, int | None]] = {}
    for name, values in parts.items():
        sums: dict[Cell, int | None] = {}
        for cell, value in values.items():
            place: Place | None = cell.place
            while place is not None:
                for column in (cell.column, YEAR):
                    at = Cell(place, column)
                    before = sums.get(at, 0)
                    sums[at] = None if value is None or before is None else before + value
                place = place.parent
        counts[name] = sums
    return YearTable(ordered, counts)
