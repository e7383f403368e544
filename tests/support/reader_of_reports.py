"""A reader who wants to know more than reports tell: every relation between their numbers, and an integer solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

PARTS = ("refused", "confirmed", "not_confirmed")
SUMS: Mapping[str, tuple[str, ...]] = {
    "items": PARTS,
    "answered": ("confirmed", "not_confirmed"),
    "released": ("confirmed", "not_confirmed"),
    "refused": ("refused",),
    "confirmed": ("confirmed",),
    "not_confirmed": ("not_confirmed",),
}
MOST = 10_000
Line = Mapping[str, Any]


class Reader:
    """Knows the reports, that everything was decided and released in the month it came in, and what is a sum of what.

    Args:
        reports: as ``inspector accounting --json`` writes them; what any of them tells is known.
    """

    def __init__(self, reports: Iterable[Mapping[str, Any]]) -> None:
        self.lines: dict[tuple[str, str, str], Line] = {}
        for line in (line for report in reports for line in report["lines"]):
            key = (line["office"], line["statute"], line["period"])
            if line["items"] != "withheld" or key not in self.lines:
                self.lines[key] = line
        self._cells = [
            key
            for key in self.lines
            if "all offices" not in key and "all statutes" not in key and len(key[2]) == 7
        ]
        self._parts = {
            (cell, part): number
            for number, (cell, part) in enumerate(
                (cell, part) for cell in self._cells for part in (*PARTS, "taxpayers")
            )
        }
        self._rows: list[dict[int, float]] = []
        self._low: list[float] = []
        self._high: list[float] = []
        for key, line in self.lines.items():
            self._know(key, line)
        for cell in self._cells:  # persons are no more than answers
            about = {self._parts[cell, part]: 1.0 for part in SUMS["released"]}
            self._add({**about, self._parts[cell, "taxpayers"]: -1.0}, 0, np.inf)
        matrix = lil_matrix((len(self._rows), len(self._parts)))
        for number, row in enumerate(self._rows):
            for place, factor in row.items():
                matrix[number, place] = factor
        self._known = LinearConstraint(matrix.tocsr(), self._low, self._high)

    def range_of(self, key: tuple[str, str, str], count: str) -> tuple[int, int]:
        """The least and the largest number that a line can have, for all that the reports tell."""
        goal = np.zeros(len(self._parts))
        for place in self._sum(key, SUMS.get(count, (count,))):
            goal[place] = 1
        return round(self._best(goal)), round(-self._best(-goal))

    def withheld(self) -> list[tuple[str, str, str]]:
        return [key for key, line in self.lines.items() if line["items"] == "withheld"]

    def lines_in(self, key: tuple[str, str, str]) -> int:
        """How many lines of one statute, office and month a line is the sum of."""
        return len(self._within(key))

    def _best(self, goal: Any) -> float:
        found = milp(
            goal,
            constraints=self._known,
            integrality=np.ones(len(self._parts)),
            bounds=Bounds(0, MOST),
        )
        assert found.status == 0, found.message
        return float(found.fun)

    def _within(self, key: tuple[str, str, str]) -> list[tuple[str, str, str]]:
        office, statute, period = key
        return [
            cell
            for cell in self._cells
            if office in {cell[0], "all offices"}
            and statute in {cell[1], "all statutes"}
            and cell[2].startswith(period)
        ]

    def _sum(self, key: tuple[str, str, str], parts: Sequence[str]) -> dict[int, float]:
        return {self._parts[cell, part]: 1.0 for cell in self._within(key) for part in parts}

    def _know(self, key: tuple[str, str, str], line: Line) -> None:
        if line["items"] == "withheld":
            self._add(self._sum(key, PARTS), 1, np.inf)  # a line is not empty
            return
        for count in ("items", "answered", "refused", "released", "confirmed"):
            if isinstance(line[count], int):
                self._add(self._sum(key, SUMS[count]), line[count], line[count])
        if isinstance(line["taxpayers"], int):
            self._add(self._sum(key, ("taxpayers",)), line["taxpayers"], np.inf)
            for cell in self._within(key):
                self._add({self._parts[cell, "taxpayers"]: 1.0}, 0, line["taxpayers"])
            if self._within(key) == [key]:
                self._add(self._sum(key, ("taxpayers",)), line["taxpayers"], line["taxpayers"])

    def _add(self, row: dict[int, float], low: float, high: float) -> None:
        self._rows.append(row)
        self._low.append(low)
        self._high.append(high)


def narrowed(
    reports: Sequence[Mapping[str, Any]], full: Mapping[str, Any], threshold: int, say: Callable[[str], None]
) -> int:
    """How many withheld small numbers a reader of the reports can narrow; ``say`` is told of each."""
    reader = Reader(reports)
    truth = {(line["office"], line["statute"], line["period"]): line for line in full["lines"]}
    found = 0
    for key in reader.withheld():
        for count in (*SUMS, "taxpayers"):
            line = truth[key]
            value = line["released"] - line["confirmed"] if count == "not_confirmed" else line[count]
            if not 1 <= value < threshold:
                continue
            low, high = reader.range_of(key, count)
            least = max(1, reader.lines_in(key) * len(SUMS.get(count, "1")))
            if low > min(value, least) or high < threshold - 1:
                found += 1
                say(f"{key} {count} is {value}: {low} to {high}")
    return found
