"""From what became of packages to counts by office, statute and month, and to their sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import ACT, ANSWERS_EXPIRED
from narrowgate.verify.accounting.protect import RELEASED, TAXPAYERS
from narrowgate.verify.accounting.table import YEAR, Cell, Place, YearTable, with_sums
from narrowgate.verify.accounting.tally import NOT_OPENED, OpenedItems, PackageTally, Tally

ITEMS: Final = "items"
ANSWERED: Final = "answered"
REFUSED: Final = "refused"
CONFIRMED: Final = "confirmed"
NOT_CONFIRMED: Final = "not_confirmed"
"""Not published, and formed by any reader from two counts that are: so it is protected with them."""

SHOWN: Final = (ITEMS, ANSWERED, REFUSED, RELEASED, CONFIRMED, TAXPAYERS)
"""The counts of a line, in the order in which they are written."""
_SUMS: Final = (ITEMS, ANSWERED, REFUSED, RELEASED, CONFIRMED, NOT_CONFIRMED)

PACKAGES: Final = ("received", "refused_whole", "decided", "abandoned", "released", "expired")
"""The counts of packages, in the order in which they are written; each in the month of its own leaf."""


@dataclass(frozen=True, slots=True)
class Year:
    """Everything that a report says of one year.

    Args:
        year: as ``2026``.
        table: counts of items.
        rules: items refused by each rule, by office and column.
        packages: counts of packages, by office and column.
        whole: packages refused whole by each rule, by office and column.
    """

    year: str
    table: YearTable
    rules: Mapping[Cell, Counter[str]]
    packages: Mapping[Cell, Counter[str]]
    whole: Mapping[Cell, Counter[str]]


@dataclass(slots=True)
class _Parts:
    months: set[str] = field(default_factory=set)
    counts: dict[str, dict[Cell, int | None]] = field(default_factory=lambda: {name: {} for name in _SUMS})
    persons: dict[Cell, set[bytes] | None] = field(default_factory=dict)
    rules: dict[Cell, Counter[str]] = field(default_factory=dict)
    packages: dict[Cell, Counter[str]] = field(default_factory=dict)
    whole: dict[Cell, Counter[str]] = field(default_factory=dict)

    def add(self, name: str, cell: Cell, value: int | None) -> None:
        """A part that is zero makes no line; one that is unknown makes its sum unknown."""
        if value == 0:
            return
        counts = self.counts[name]
        before = counts.get(cell, 0)
        counts[cell] = None if value is None or before is None else before + value

    def add_persons(self, cell: Cell, persons: set[bytes] | None) -> None:
        for place in _with_parents(cell.place):
            for column in (cell.column, YEAR):
                at = Cell(place, column)
                before = self.persons.setdefault(at, set())
                if persons is None or before is None:
                    self.persons[at] = None
                else:
                    before.update(persons)


def years_of(tally: Tally, through: str = "") -> list[Year]:
    """Returns the counts of each year, in order.

    What a leaf says counts in the month of that leaf (UTC): items where their package was received, answers and
    refusals where it was decided, answers released, confirmations and taxpayers where it was released. So what was
    counted for a month that is over never changes.

    Args:
        tally: of a log.
        through: the last month that is counted, as ``2026-03``; empty for all.
    """
    years = _Years(through)
    for package in tally.packages.values():
        statutes = _by_statute(package)
        _add_received(years, package, statutes)
        if year := years.of(package.decided):
            for statute, opened in statutes.items():
                cell = _cell(package, statute, package.decided)
                year.add(ANSWERED, cell, opened.answered)
                year.add(REFUSED, cell, opened.refused)
            _count(year.rules, package.office, package.decided, package.rules)
        if (year := years.of(package.released)) and not package.abandoned:
            for statute, opened in statutes.items():
                _add_released(year, _cell(package, statute, package.released), opened)
    for kind, office, month in _package_events(tally):
        if year := years.of(month):
            _count(year.packages, office, month, Counter({kind: 1}))
    for month, office, rules in tally.refused_whole:
        if year := years.of(month):
            _count(year.packages, office, month, Counter({"refused_whole": 1}))
            _count(year.whole, office, month, Counter(rules))
    return [_year(name, found) for name, found in sorted(years.found.items())]


class _Years:
    """The parts of each year, as far as it is counted."""

    def __init__(self, through: str) -> None:
        self._through = through
        self.found: dict[str, _Parts] = {}

    def of(self, month: str) -> _Parts | None:
        """The year of a month; nothing where the month is not counted, or nothing happened."""
        if not month or (self._through and month > self._through):
            return None
        year = self.found.setdefault(month[:4], _Parts())
        year.months.add(month)
        return year


def _add_received(years: _Years, package: PackageTally, statutes: Mapping[str, OpenedItems]) -> None:
    year = years.of(package.received)
    if year is None:
        return
    rest = package.rows
    for statute, opened in statutes.items():
        if statute != NOT_OPENED:
            items = opened.answered + opened.refused
            rest -= items
            year.add(ITEMS, _cell(package, statute, package.received), items)
    year.add(ITEMS, _cell(package, NOT_OPENED, package.received), rest)


def _package_events(tally: Tally) -> Iterable[tuple[str, str, str]]:
    """Kind, office and month of everything that is counted of a package that was received."""
    for package in tally.packages.values():
        yield "received", package.office, package.received
        yield "decided", package.office, package.decided
        yield "released", package.office, "" if package.abandoned else package.released
    for _, fields in tally.events:
        month = fields["time"][:7]
        if fields["type"] == ANSWERS_EXPIRED:
            yield "expired", tally.packages[fields["package"]].office, month
        elif fields["type"] == ACT and fields["act"] == Kind.PACKAGE_ABANDONED:
            yield "abandoned", tally.packages[fields["subject"]].office, month


def _by_statute(package: PackageTally) -> dict[str, OpenedItems]:
    """All decided items of a package: those opened by their statute, the others as not opened."""
    found = dict(package.opened)
    rest = replace(found.pop(NOT_OPENED, OpenedItems()))
    rest.answered = package.answered - sum(opened.answered for opened in found.values())
    rest.refused = package.refused - sum(opened.refused for opened in found.values())
    return {**found, NOT_OPENED: rest}


def _add_released(year: _Parts, cell: Cell, opened: OpenedItems) -> None:
    if not opened.answered:
        return
    year.add(RELEASED, cell, opened.answered)
    is_known = opened.outcomes == opened.answered
    year.add(CONFIRMED, cell, opened.confirmed if is_known else None)
    year.add(NOT_CONFIRMED, cell, opened.answered - opened.confirmed if is_known else None)
    year.add_persons(cell, opened.persons if opened.rows == opened.answered else None)


def _cell(package: PackageTally, statute: str, month: str) -> Cell:
    return Cell(Place(package.office, statute), month)


def _with_parents(place: Place) -> list[Place]:
    found = [place]
    while (parent := found[-1].parent) is not None:
        found.append(parent)
    return found


def _count(table: dict[Cell, Counter[str]], office: str, month: str, counts: Counter[str]) -> None:
    for place in (Place(office), Place()):
        for column in (month, YEAR):
            table.setdefault(Cell(place, column), Counter()).update(counts)


def _year(name: str, parts: _Parts) -> Year:
    table = with_sums(sorted(parts.months), parts.counts)
    persons = {cell: None if found is None else len(found) for cell, found in parts.persons.items()}
    return Year(
        name,
        YearTable(table.months, {**table.counts, TAXPAYERS: persons}),
        parts.rules,
        parts.packages,
        parts.whole,
    )
