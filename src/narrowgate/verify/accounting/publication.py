"""The accounting as it is published: every number told, withheld, or not known, and where it comes from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from narrowgate.core.base.errors import ConfigurationError, UsageError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.request.office import agency_of
from narrowgate.verify.accounting.lines import PACKAGES, REFUSED, SHOWN, Year
from narrowgate.verify.accounting.protect import protect
from narrowgate.verify.accounting.rules import BY_STATUTE, closed_cells, told_rules
from narrowgate.verify.accounting.table import YEAR, Cell, Place
from narrowgate.verify.accounting.tally import Tally

SCHEMA: Final = "narrowgate/accounting/v1"
WITHHELD: Final = "withheld"
NOT_OPENED: Final = "not opened"
ALL_OFFICES: Final = "all offices"
ALL_STATUTES: Final = "all statutes"

Value = int | str
"""A count, or the word that says why there is none."""


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of items of one office, statute and period.

    Args:
        agency: of the office.
        office: id of the office, or ``ALL_OFFICES``.
        statute: citation, a word for what has none, or ``ALL_STATUTES``.
        period: a month as ``2026-03``, or a year as ``2026``.
        counts: by name, in the order of ``lines.SHOWN``.
    """

    agency: str
    office: str
    statute: str
    period: str
    counts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PackageLine:
    """The counts of packages of one office and period, and why packages were refused whole.

    Args:
        agency: of the office.
        office: id of the office, or ``ALL_OFFICES``.
        period: a month or a year.
        counts: by name, in the order of ``lines.PACKAGES``.
        refused_whole_by_rule: packages refused whole, by rule; a package may count under several.
    """

    agency: str
    office: str
    period: str
    counts: Mapping[str, Value]
    refused_whole_by_rule: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How many items one rule refused.

    Args:
        agency: of the office.
        office: id of the office.
        period: a month or a year.
        rule: id of the rule.
        items: refused by it; an item may count under several rules. Withheld where it would reveal a statute's line.
    """

    agency: str
    office: str
    period: str
    rule: str
    items: Value


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything that a report says.

    Args:
        origin: of the log.
        size: of the log, leaves.
        root: of the log, hexadecimal.
        threshold: the least number that is told; 1 where everything is.
        through: the last month that is counted.
        is_full: whether nothing is withheld: for the inspector alone.
        openings: how many were checked against their leaves; withheld where there are any, unless everything is told:
            all items of the months have two each, so that the rest of those told is the small number that is withheld.
        orders: the documents that allow them, by SHA-256, with the number of openings, which is withheld likewise.
        lines: counts of items.
        packages: counts of packages.
        rules: items refused by each rule that is told.
        rules_withheld: office and period of which no number by rule is told.
    """

    origin: str
    size: int
    root: str
    threshold: int
    through: str
    is_full: bool
    openings: Value
    orders: Mapping[str, Value]
    lines: tuple[Line, ...]
    packages: tuple[PackageLine, ...]
    rules: tuple[RuleLine, ...]
    rules_withheld: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """Returns everything by its name, for JSON."""
        return {
            "schema": SCHEMA,
            "log": {"origin": self.origin, "size": self.size, "root": self.root},
            "threshold": self.threshold,
            "through": self.through,
            "full": self.is_full,
            "openings": {"checked": self.openings, "orders": dict(self.orders)},
            "lines": [
                {
                    "agency": line.agency,
                    "office": line.office,
                    "statute": line.statute,
                    "period": line.period,
                    **line.counts,
                }
                for line in self.lines
            ],
            "packages": [
                {
                    "agency": line.agency,
                    "office": line.office,
                    "period": line.period,
                    **line.counts,
                    "refused_whole_by_rule": dict(line.refused_whole_by_rule),
                }
                for line in self.packages
            ],
            "refusals": [
                {
                    "agency": line.agency,
                    "office": line.office,
                    "period": line.period,
                    "rule": line.rule,
                    "items": line.items,
                }
                for line in self.rules
            ],
            "refusals_withheld": [
                {"office": office, "period": period} for office, period in self.rules_withheld
            ],
        }


def publish(
    tally: Tally,
    years: list[Year],
    checkpoint: Checkpoint,
    threshold: int,
    through: str,
    *,
    is_full: bool,
    before: Collection[Mapping[str, Any]] = (),
) -> Publication:
    """Returns what may be published of these years, or everything where it is for the inspector alone.

    Args:
        tally: of the log.
        years: counted through ``through``.
        checkpoint: of the log.
        threshold: the least number that is told.
        through: the last month that is counted; a year is over if its December is.
        is_full: withhold nothing.
        before: reports published before, as ``as_dict`` gives them.

    Raises:
        RefusedError: what was published before leaves a small number without protection.
        UsageError: a report published before tells other numbers.
    """
    lines: list[Line] = []
    packages: list[PackageLine] = []
    rules: list[RuleLine] = []
    rules_withheld: list[tuple[str, str]] = []
    shown_before = _shown(before)
    for year in years:
        is_over = is_full or through >= f"{year.year}-12"
        shown = frozenset(_cell_of(year.year, key) for key in shown_before if key[2][:4] == year.year)
        _require_same(year, shown_before)
        withheld = (
            frozenset() if is_full else protect(year.table, threshold, is_over=is_over, shown_before=shown)
        )
        columns = [*year.table.months, *([YEAR] if is_over else [])]
        for place in year.table.places():
            lines += [
                _line(year, Cell(place, column), withheld)
                for column in columns
                if not year.table.is_empty(Cell(place, column))
            ]
        packages += _package_lines(year, columns, withheld)
        for place in year.table.places():
            if place.office and not place.statute:
                told, hidden = _rule_lines(year, place, withheld, threshold, is_over=is_over, is_full=is_full)
                rules += told
                rules_withheld += hidden
    return Publication(
        checkpoint.origin,
        checkpoint.size,
        checkpoint.root.hex(),
        1 if is_full else threshold,
        through,
        is_full,
        tally.openings if is_full or not tally.openings else WITHHELD,
        tally.orders if is_full else dict.fromkeys(tally.orders, WITHHELD),
        tuple(sorted(lines, key=lambda line: (line.period, line.office, line.statute))),
        tuple(sorted(packages, key=lambda line: (line.period, line.office))),
        tuple(sorted(rules, key=lambda line: (line.period, line.office, line.rule))),
        tuple(sorted(rules_withheld)),
    )


def in_figures(value: Value) -> str:
    """The number, or the word that says why there is none."""
    return f"{value:,}" if isinstance(value, int) else value


def parse_published(data: bytes, where: str) -> dict[str, Any]:
    """The report that ``--json`` wrote before.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        value = json.loads(data)
        is_published = value["schema"] == SCHEMA and value["full"] is False
        keys = [_key(line) for line in value["lines"]]
        is_published &= all(isinstance(word, str) for key in keys for word in key)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _not_published(where) from error
    if not is_published:
        raise _not_published(where)
    return dict(value)


def _not_published(where: str) -> ConfigurationError:
    return ConfigurationError(
        "The file is no published accounting.",
        why="It is not JSON of this schema, or it is a report for the inspector alone.",
        next_step="Name what 'narrowgate inspector accounting --json' wrote without --full.",
        where=where,
    )


def _key(line: Mapping[str, Any]) -> tuple[str, str, str]:
    office, statute, period = line["office"], line["statute"], line["period"]
    return ("" if office == ALL_OFFICES else office, "" if statute == ALL_STATUTES else statute, period)


def _shown(before: Collection[Mapping[str, Any]]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {
        _key(line): line for report in before for line in report["lines"] if line.get("items") != WITHHELD
    }


def _cell_of(year: str, key: tuple[str, str, str]) -> Cell:
    return Cell(Place(key[0], key[1]), YEAR if key[2] == year else key[2])


def _require_same(year: Year, shown: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> None:
    for key, line in shown.items():
        if key[2][:4] != year.year:
            continue
        for name in SHOWN:
            value = year.table.value(name, _cell_of(year.year, key))
            if isinstance(line.get(name), int) and value is not None and line[name] != value:
                raise UsageError(
                    "A report published before tells other numbers.",
                    why="It is of another log, of another time, or of other openings.",
                    next_step="Name only reports made from this log; otherwise keep both, and report it.",
                    where=f"{key[2]}, {name}",
                )


def _line(year: Year, cell: Cell, withheld: Collection[Cell]) -> Line:
    counts: dict[str, Value] = {}
    for name in SHOWN:
        value = year.table.value(name, cell)
        counts[name] = WITHHELD if cell in withheld else NOT_OPENED if value is None else value
    return Line(
        agency_of(cell.place.office) if cell.place.office else "all",
        cell.place.office or ALL_OFFICES,
        cell.place.statute or ALL_STATUTES,
        year.year if cell.column == YEAR else cell.column,
        counts,
    )


def _package_lines(year: Year, columns: list[str], withheld: Collection[Cell]) -> list[PackageLine]:
    """A package holds an item at least, so a sum that has withheld parts is withheld, too."""
    found = []
    places = sorted({cell.place for cell in year.packages})
    for place in places:
        for column in columns:
            counts = year.packages.get(Cell(place, column), Counter())
            if not counts:
                continue
            parts = {
                Cell(each, month)
                for each in ([place] if place.office else places)
                for month in (year.table.months if column == YEAR else (column,))
            }
            hidden = any(cell in withheld for cell in parts | {Cell(place, column)})
            found.append(
                PackageLine(
                    agency_of(place.office) if place.office else "all",
                    place.office or ALL_OFFICES,
                    year.year if column == YEAR else column,
                    {
                        name: WITHHELD if hidden and name != "refused_whole" else counts[name]
                        for name in PACKAGES
                    },
                    dict(sorted(year.whole.get(Cell(place, column), Counter()).items())),
                )
            )
    return found


def _rule_lines(
    year: Year, place: Place, withheld: Collection[Cell], threshold: int, *, is_over: bool, is_full: bool
) -> tuple[list[RuleLine], list[tuple[str, str]]]:
    cells = [Cell(place, column) for column in (*year.table.months, *([YEAR] if is_over else []))]
    cells = [cell for cell in cells if year.table.value(REFUSED, cell)]
    closed = closed_cells(place, withheld)
    if is_full:
        told: Mapping[Cell, Mapping[str, int]] = {
            cell: dict(sorted(year.rules[cell].items())) for cell in cells
        }
    else:
        told = told_rules(
            place,
            year.rules,
            {cell: year.table.value(REFUSED, cell) or 0 for cell in cells},
            [cell.column for cell in cells if cell.column != YEAR],
            withheld,
            threshold,
            is_over=is_over,
        )
    agency = agency_of(place.office)
    found: list[RuleLine] = []
    hidden: list[tuple[str, str]] = []
    for cell in cells:
        period = year.year if cell.column == YEAR else cell.column
        if cell not in told:
            hidden.append((place.office, period))
            continue
        numbers: dict[str, Value] = dict(told[cell])
        if cell in closed:
            numbers.update(dict.fromkeys(BY_STATUTE, WITHHELD))
        found += [RuleLine(agency, place.office, period, rule, numbers[rule]) for rule in sorted(numbers)]
    return found, hidden
