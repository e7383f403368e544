"""Everything that is wrong with the form of a case file, collected: one entry for one fault in many places."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Final

from narrowgate.core.base.errors import RefusedError

PLACES_SHOWN: Final = 5
_TOLD: Final = 20
MOST_FAULTS: Final = 1_000
"""Different faults that are kept; a file with more of them is another kind of file."""


NO_LINE: Final[Container[int]] = frozenset[int]()
EVERY_LINE: Final[Container[int]] = range(1 << 62)


@dataclass(slots=True)
class FormFault:
    """One thing that is wrong, and where; in words that repeat no cell.

    Args:
        rule: id of the rule, R-10 or R-18.
        problem: a sentence.
        hint: what to do about it; may be empty.
        line: of the first place, from 1; 0 where it is the whole file.
        places: the first places, lines or cells, such as ``7`` or ``K7``.
        count: of all places.
        column: that it is about, where the places are cells.
    """

    rule: str
    problem: str
    hint: str
    line: int
    places: list[str] = field(default_factory=list)
    count: int = 0
    column: str = ""

    def __str__(self) -> str:
        more = self.count - len(self.places)
        where = ", ".join(self.places) + (f" and {more:,} more" if more > 0 and self.places else "")
        if where and not self.column:
            where = f"line{'s' if self.count > 1 else ''} {where}"
        if self.column:
            return f"{where} ({self.column}) {self.problem}"
        return f"{where}: {self.problem}" if where else self.problem


class FormFaults:
    """Collects faults of a case file; the same fault in other places is counted, not told again.

    Args:
        places_shown: places of one fault that are told.
    """

    def __init__(self, places_shown: int = PLACES_SHOWN) -> None:
        self._places_shown = places_shown
        self._faults: dict[tuple[str, str, str], FormFault] = {}
        self._left_out = 0
        self._settled = NO_LINE

    def but_for(self, lines: Container[int]) -> FormFaults:
        """Notes into the same collection, but for rows that something else stands for: theirs are no faults any more.

        Args:
            lines: on which the rows begin; the whole file and its headings are never among them.
        """
        other = FormFaults(self._places_shown)
        other._faults, other._settled = self._faults, lines
        return other

    def is_settled(self, line: int) -> bool:
        """Whether something else stands for the row of that line."""
        return line > 1 and line in self._settled

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def places(self) -> int:
        """In how many places something is wrong."""
        return sum(fault.count for fault in self) + self._left_out

    def __iter__(self) -> Iterator[FormFault]:
        return iter(self._faults.values())

    def add(
        self, rule: str, problem: str, line: int, hint: str = "", cell: str = "", column: str = ""
    ) -> None:
        """Note one fault.

        Args:
            rule: id of the rule.
            problem: a sentence that repeats no cell; of a cell what it is or holds, without a subject.
            line: from 1; 0 for the whole file.
            hint: what to do about it.
            cell: its name, such as ``K7``; else the place is the line.
            column: of the cell.
        """
        if self.is_settled(line):
            return
        key = (rule, problem, column)
        fault = self._faults.get(key)
        if fault is None:
            if len(self._faults) == MOST_FAULTS:
                self._left_out += 1
                return
            fault = self._faults[key] = FormFault(rule, problem, hint, line, column=column)
        fault.count += 1
        if len(fault.places) < self._places_shown and (cell or line):
            fault.places.append(cell or str(line))

    def require_none(self, file: str) -> None:
        """Returns only if nothing was noted.

        Args:
            file: the name of the case file.

        Raises:
            RefusedError: one fault with its place, or all of them, one a line.
        """
        faults = list(self)
        if not faults:
            return
        first = faults[0]
        if len(faults) == 1 and first.count == 1:
            raise RefusedError(
                str(first) if first.column else first.problem,
                next_step=first.hint or "Correct the case file.",
                where=f"{file}:{first.line}" if first.line and not first.column else file,
                rule=first.rule,
            )
        more = [f"and {len(faults) - _TOLD:,} other faults"] if len(faults) > _TOLD else []
        hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
        raise RefusedError(
            f"The case file cannot be read as it is: {self.places:,} places are wrong.",
            why="\n  ".join([*map(str, faults[:_TOLD]), *more]),
            next_step=" ".join(hints) or "Correct the case file.",
            where=f"{file}:{first.line}" if first.line and not first.column else file,
            rule=" ".join(dict.fromkeys(fault.rule for fault in faults)),
        )
