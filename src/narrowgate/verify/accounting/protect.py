"""Which lines of an accounting are withheld, so that no arithmetic on what is published narrows a small number.

The promise: every withheld number from 1 to the threshold less one could be any of these, for all that is published of
its year says, the reports of single months and that of the whole year taken together. Months are decided one after
another, each from what was known when it was over, so that a report made then and one made at the end of the year
withhold the same; sums of the year come last, and only those that keep the promise. Sources and proof are in
``docs/adr/0025-small-numbers-are-withheld-in-whole-lines.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from narrowgate.core.base.errors import RefusedError
from narrowgate.verify.accounting.slack import Slack
from narrowgate.verify.accounting.table import ALL_OFFICES, YEAR, Cell, Place, YearTable

THRESHOLD: Final = 11
"""No number from 1 to 10 is published: as the CMS cell size suppression policy has it.

IRS Publication 1075 section 12.1 asks for three, and for ten below the level of a state.
"""

TAXPAYERS: Final = "taxpayers"
"""Not a sum: a person of two months is one of the year. It is withheld with its line, and moves with ``RELEASED``."""
RELEASED: Final = "released"


@dataclass(slots=True)
class Protection:
    """The pattern of one year, while it is found.

    Args:
        table: of the year, with every count that is published or can be formed from what is published.
        threshold: the least number that is published, at least 2.
        is_over: whether the year is; only then sums of the year are published.
        shown_before: cells that an earlier report has published, which cannot be withheld any more.
    """

    table: YearTable
    threshold: int
    is_over: bool
    shown_before: Collection[Cell] = ()
    withheld: set[Cell] = field(default_factory=set)

    def find(self) -> frozenset[Cell]:
        """Returns every cell of which no number is published.

        Raises:
            RefusedError: what was published before leaves a small number without protection.
        """
        lines = [cell for cell in self._cells() if not self.table.is_empty(cell)]
        self.withheld = {cell for cell in lines if cell.column == YEAR}
        for month in self.table.months:
            self.withheld |= {cell for cell in lines if cell.column == month and self._is_small(cell)}
            self._complete(month)
        if self.is_over:
            self._add_sums([cell for cell in lines if cell.column == YEAR])
        return frozenset(self.withheld)

    def unprotected(self) -> Iterator[Cell]:
        """Every withheld cell with a small number that a reader could narrow."""
        slack = {
            count: Slack(self.table, count, self.withheld)
            for count in self.table.counts
            if count != TAXPAYERS
        }
        for cell in sorted(self.withheld):
            if not all(self._is_free(slack, count, cell) for count in self.table.counts):
                yield cell

    def _is_free(self, slack: dict[str, Slack], count: str, cell: Cell) -> bool:
        value = self.table.value(count, cell)
        if value is None or not 1 <= value < self.threshold:
            return True
        if count != TAXPAYERS:
            return slack[count].can_rise(cell, self.threshold - 1 - value) and slack[count].can_fall(
                cell, value - self._least(count, cell)
            )
        # Fewer persons here are more elsewhere, who need answers there; more need no more answers than there are.
        released = self.table.value(RELEASED, cell)
        return released is None or released < self.threshold or slack[RELEASED].can_fall(cell, value - 1)

    def _least(self, count: str, cell: Cell) -> int:
        """What a sum cannot fall below: its reader sees that each line it is the sum of holds something."""
        parts = (
            self.table.value(count, Cell(place, month))
            for place in self.table.places()
            if place.statute and cell.place in {place, place.parent, ALL_OFFICES}
            for month in self.table.months
            if cell.column in {month, YEAR}
        )
        return max(1, sum(part is None or part > 0 for part in parts))

    def _cells(self) -> Iterator[Cell]:
        for place in self.table.places():
            for column in (*self.table.months, YEAR):
                yield Cell(place, column)

    def _is_small(self, cell: Cell) -> bool:
        if cell in self.shown_before:
            return False
        values = (self.table.value(count, cell) for count in self.table.counts)
        return any(value is not None and 1 <= value < self.threshold for value in values)

    def _complete(self, month: str) -> None:
        """Withhold more lines of a month until each small number of it is free."""
        while True:
            for cell in self.unprotected():
                if cell.column != month:
                    continue
                if not self._widen(cell):
                    raise _shown_too_much()
                break
            else:
                return

    def _widen(self, cell: Cell) -> bool:
        """Withhold one line that can give and take: beside the cell, else beside what it is a part of."""
        place: Place | None = cell.place
        while place is not None:
            beside = self._told(place.parent, cell.column)
            if beside:
                self._withhold(min(beside, key=self._cost))
                return True
            place = place.parent
        return False

    def _withhold(self, cell: Cell) -> None:
        """A sum whose parts are all told gives nothing, so one of them is withheld with it, down to a statute."""
        self.withheld.add(cell)
        parts = [each for each in self.table.places() if each.parent == cell.place]
        if not any(Cell(part, cell.column) in self.withheld for part in parts):
            told = self._told(cell.place, cell.column)
            if told:
                self._withhold(min(told, key=self._cost))

    def _told(self, parent: Place | None, column: str) -> list[Cell]:
        """The parts of a place, or all offices where there is none, that are told and may be withheld yet."""
        cells = (Cell(place, column) for place in self.table.places() if place.parent == parent)
        return [
            cell
            for cell in cells
            if cell not in self.withheld and cell not in self.shown_before and not self.table.is_empty(cell)
        ]

    def _cost(self, cell: Cell) -> tuple[int, int, Cell]:
        """What was withheld in months before is withheld again: then sums of the year can be published more often."""
        before = sum(
            Cell(cell.place, month) in self.withheld for month in self.table.months if month < cell.column
        )
        return (-before, self._size(cell), cell)

    def _size(self, cell: Cell) -> int:
        return sum(self.table.value(count, cell) or 0 for count in self.table.counts)

    def _add_sums(self, sums: list[Cell]) -> None:
        """Publish every sum of the year that leaves all small numbers free: all offices first, the largest first."""
        for cell in sorted(
            sums, key=lambda each: (len([*filter(None, each.place)]), -self._size(each), each)
        ):
            if cell in self.shown_before or not self._is_small(cell):
                self.withheld.discard(cell)
                if cell not in self.shown_before and next(self.unprotected(), None) is not None:
                    self.withheld.add(cell)
        if next(self.unprotected(), None) is not None:
            raise _shown_too_much()


def protect(
    table: YearTable, threshold: int, *, is_over: bool, shown_before: Collection[Cell] = ()
) -> frozenset[Cell]:
    """Returns the cells of a year that must be withheld, the year's own sums among them.

    Args:
        table: as ``Protection`` takes it.
        threshold: the least number that is published.
        is_over: whether the year is.
        shown_before: what earlier reports published.

    Raises:
        RefusedError: what was published before leaves a small number without protection.
    """
    return Protection(table, threshold, is_over, frozenset(shown_before)).find()


def _shown_too_much() -> RefusedError:
    return RefusedError(
        "What was published before leaves a small number without protection.",
        why="A line would have to be withheld that an earlier report has shown, or that is shown by its sums.",
        next_step="Publish no further report of this year from these openings; --full shows it to the inspector.",
        rule="R-33",
    )
