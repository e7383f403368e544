"""A case file as in August 2025, of any length: drawn batch by batch, so that its length costs no memory.

What is known of that file is in ``docs/explanation/why.md``: 1.28 million people, placeholders and bare ZIP Codes as
addresses, one official named as engaged in all of it. Nobody in this one is real.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from narrowgate.core.request.item import ITEM_COLUMNS
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.second_file import SecondFile, draw_second_file
from narrowgate.entrypoints.sandbox.synthetic import case_row, write_tax_file
from narrowgate.entrypoints.sandbox.synthetic_cases import Case, CaseFile, Truth
from narrowgate.entrypoints.sandbox.synthetic_paperwork import Paperwork

ITEMS_2025: Final = 1_280_000
"""People in the file of 2025."""

CASES: Final = "cases.csv"
TRUTH: Final = "truth.csv"

_TRUTH_COLUMNS: Final = ("item", "truth", "block", "passes_test_of_2025")
_BATCH: Final = 10_000
_OFFICERS: Final = 1
_OFFICERS_OF_ACT_TWO: Final = 3
_ITEMS_OF_ACT_TWO: Final = 40
_FILERS: Final = range(400, 50_001)
_FILERS_PER_ITEM: Final = 4
_ASKED_AGAIN: Final = 0.02
_FIVE_DIGITS: Final = re.compile(r"[0-9]{5}")


class Known(NamedTuple):
    """What is true of an item, whatever anybody answers.

    Args:
        item: its id.
        truth: what may be answered.
        block: what the item tries; a refused one's begins with the rule expected.
        passes_test_of_2025: whether the test of 2025 would have let an answer out: name and number are one filer's,
            and the text of the address holds five digits.
    """

    item: str
    truth: Truth
    block: str
    passes_test_of_2025: bool


@dataclass(frozen=True, slots=True)
class AugustFile:
    """A tax file and a case file about its filers.

    Args:
        directory: holds ``records.csv``, ``mapping.toml``, ``streets.csv``, ``cases.csv`` and ``truth.csv``.
        items: in the case file.
        filers: in the tax file.
        officers: every officer whom an item names.
        second: the few items of act two, about some of the same filers.
    """

    directory: Path
    items: int
    filers: int
    officers: tuple[str, ...]
    second: SecondFile

    @property
    def cases(self) -> Path:
        """The case file."""
        return self.directory / CASES

    def known(self) -> Iterator[Known]:
        """What is true of each item, in the order of the case file."""
        with (self.directory / TRUTH).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            for item, truth, block, passes in rows:
                yield Known(item, Truth(truth), block, passes == "yes")


def write_august_file(directory: Path, items: int, random: Random, today: date, report: Report) -> AugustFile:
    """The same arguments write the same files.

    Args:
        directory: exists.
        items: at least 2.
        random: drawn from in a fixed order.
        today: the day on which the file is handed over; every date lies at its distance from it.
        report: shows progress.
    """
    filers = min(max(_FILERS_PER_ITEM * items, _FILERS[0]), _FILERS[-1])
    world = write_tax_file(directory, filers, random, today)
    paperwork = Paperwork(random, today, _OFFICERS)
    drawer = CaseFile(world, random, paperwork, today.year - 1)
    with (
        (directory / CASES).open("w", encoding="utf-8", newline="") as cases,
        (directory / TRUTH).open("w", encoding="utf-8", newline="") as truth,
    ):
        rows, known = csv.writer(cases, lineterminator="\n"), csv.writer(truth, lineterminator="\n")
        rows.writerow(ITEM_COLUMNS)
        known.writerow(_TRUTH_COLUMNS)
        drawn = _draw(drawer, items, random)
        for number, case in enumerate(drawn, 1):
            item = f"C{number:07d}"
            rows.writerow(case_row(item, case, paperwork))
            known.writerow((item, case.truth, case.block, "yes" if passes_test_of_2025(case) else "no"))
            if number % _BATCH == 0 or number == items:
                report("case file", number, items)
    others = Paperwork(random, today, _OFFICERS_OF_ACT_TWO)
    second = draw_second_file(drawer, others, min(_ITEMS_OF_ACT_TWO, items - 1), random)
    return AugustFile(directory, items, filers, others.officers, second)


def passes_test_of_2025(case: Case) -> bool:
    """Whether name and number are one filer's and the address holds five digits: all that was looked at in 2025.

    Source: the reports named in ``docs/explanation/why.md``.
    """
    number = case.changes.get("tin", case.tin)
    own = {stay.tin for stay in case.person.stays}
    return number in own and _FIVE_DIGITS.search(" ".join(case.written)) is not None


def _draw(cases: CaseFile, count: int, random: Random) -> Iterator[Case]:
    """Exactly ``count`` cases, each batch in the mix of the whole; one in fifty is about the same person once more."""
    while count:
        batch = min(count, _BATCH)
        again = int(batch * _ASKED_AGAIN)
        drawn = cases.draw(batch - again)
        drawn += [replace(case, block=f"{case.block} (again)") for case in random.sample(drawn, again)]
        random.shuffle(drawn)
        yield from drawn
        count -= batch
