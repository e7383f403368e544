"""The small case file of act two: items in the usual mix, and the one to which a wrong answer is planted."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from narrowgate.entrypoints.sandbox.synthetic import case_row
from narrowgate.entrypoints.sandbox.synthetic_cases import Case, CaseFile, Truth
from narrowgate.entrypoints.sandbox.synthetic_homes import standard
from narrowgate.entrypoints.sandbox.synthetic_paperwork import Paperwork

SECOND_CASES: Final = "second-cases.csv"

_POOL: Final = 200
"""Cases drawn to choose from: one in fifty asks about another address, as in 2025."""

_ANOTHER_ADDRESS: Final = "August: another address"


@dataclass(frozen=True, slots=True)
class SecondFile:
    """The items of act two.

    Args:
        items: in order.
        truth: of each item, by its id.
        planted: place, from 0, of the item that asks about an address that is not the person's.
        on_file: the delivery point that this person filed from.
    """

    items: tuple[Item, ...]
    truth: dict[str, Truth]
    planted: int
    on_file: DeliveryPoint

    def write(self, path: Path) -> None:
        """The case file, for whoever wants to read it."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(ITEM_COLUMNS)
            writer.writerows(self.items)


def draw_second_file(cases: CaseFile, paperwork: Paperwork, count: int, random: Random) -> SecondFile:
    """Some items about some of the filers, one of them with a number and another's address.

    Args:
        cases: of the world.
        paperwork: for these items.
        count: how many, at least 1.
        random: drawn from in a fixed order.
    """
    pool = cases.draw(_POOL)
    planted = next(case for case in pool if case.block == _ANOTHER_ADDRESS)
    others = [case for case in pool if case.person is not planted.person][: count - 1]
    place = random.randrange(len(others) + 1)
    chosen = [*others[:place], planted, *others[place:]]
    named = {f"S{number:03d}": case for number, case in enumerate(chosen, 1)}
    return SecondFile(
        items=tuple(Item(*case_row(item, case, paperwork)) for item, case in named.items()),
        truth={item: case.truth for item, case in named.items()},
        planted=place,
        on_file=_filed_from(planted),
    )


def _filed_from(case: Case) -> DeliveryPoint:
    """Where the person filed from in a year that the case names."""
    homes = (stay.home for stay in case.person.stays if set(stay.years) & set(case.years))
    point = examine_address(RawAddress(*standard(next(homes)))).delivery_point
    if point is None:
        raise OperationalError("An address of the synthetic tax file is none.", next_step=REPORT_IT)
    return point
