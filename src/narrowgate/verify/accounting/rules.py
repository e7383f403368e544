"""Which numbers of items refused by one rule are published: none below the threshold, and none that narrows another.

An item may be refused by several rules, so these numbers have no sum over rules; they have one over the months of a
year. A number is either told, or it is one of those below the threshold, zero among them. So each that is not told
could be anything from zero to the threshold less one, unless the numbers told leave too little for the others. Whether
they do is looked at here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from narrowgate.core.eligibility.ruleset import ITEM_CHECKS
from narrowgate.verify.accounting.table import YEAR, Cell, Place

BY_STATUTE: Final = ("R-10", "R-12", "R-18")
"""Rules that refuse what cites no statute that can be read: their numbers are nearly those of the statute ``other``."""
_RULES: Final = len(ITEM_CHECKS)
"""So many rules can refuse an item: its reader knows them."""


def told_rules(
    office: Place,
    rules: Mapping[Cell, Counter[str]],
    refused: Mapping[Cell, int],
    months: Sequence[str],
    withheld: Collection[Cell],
    threshold: int,
    *,
    is_over: bool,
) -> dict[Cell, dict[str, int]]:
    """Returns the numbers by rule that are published of one office, for each cell of which any is.

    Args:
        office: a place of an office.
        rules: items refused by each rule.
        refused: items refused, of every cell of the office.
        months: that are over and have a line, in order.
        withheld: cells of which nothing is published.
        threshold: the least number that is published.
        is_over: whether the year is.
    """
    most = threshold - 1
    closed = closed_cells(office, withheld)
    told: dict[Cell, dict[str, int]] = {}
    shown = [Cell(office, month) for month in months if Cell(office, month) not in withheld]
    for cell in shown:
        large = {
            rule: count
            for rule, count in sorted(rules.get(cell, {}).items())
            if count >= threshold and not (cell in closed and rule in BY_STATUTE)
        }
        if _leaves_room(refused.get(cell, 0), large, _RULES - len(large), most):
            told[cell] = large
    year = Cell(office, YEAR)
    if is_over and year not in withheld and len(shown) == len(months) and all(cell in told for cell in shown):
        sums = {
            rule: count
            for rule, count in sorted(rules.get(year, {}).items())
            if count >= threshold
            and not (rule in BY_STATUTE and any(cell in closed for cell in (*shown, year)))
            and _sum_narrows_nothing(rule, count, told, shown, most)
        }
        if all(
            _leaves_room(refused.get(cell, 0), told[cell], _RULES - len({*told[cell], *sums}), most)
            for cell in shown
        ):
            told[year] = sums
    return told


def closed_cells(office: Place, withheld: Collection[Cell]) -> frozenset[Cell]:
    """Cells of an office of which the line of one statute is withheld: what is refused by statute would reveal it."""
    return frozenset(Cell(office, cell.column) for cell in withheld if cell.place.parent == office)


def _leaves_room(refused: int, large: Mapping[str, int], others: int, most: int) -> bool:
    """Whether the rules not told can be any number, one of them zero, though each refused item has a rule."""
    return refused - sum(large.values()) <= (others - 1) * most


def _sum_narrows_nothing(
    rule: str, count: int, told: Mapping[Cell, Mapping[str, int]], months: Collection[Cell], most: int
) -> bool:
    """Whether the sum of a year leaves each month that is not told anything from zero to ``most``."""
    open_months = sum(rule not in told[cell] for cell in months)
    rest = count - sum(told[cell].get(rule, 0) for cell in months)
    return open_months == 0 or most <= rest <= (open_months - 1) * most
