"""What an inspection found: reasons against, what is missing to judge, and what the reader must compare elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import NarrowgateError

MOST_REASONS: Final = 1_000
"""So many are kept with their words; the others are counted."""


class Verdict(StrEnum):
    """What an inspection comes to."""

    VALID = "VALID"
    INVALID = "INVALID"
    """Something contradicts something else; every reason is told."""
    INDETERMINATE = "INDETERMINATE"
    """Nothing contradicts, and not everything could be looked at; what is missing is told."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that does not fit.

    Args:
        what: happened.
        why: may be empty.
        where: entry, act or file, relative to the source.
    """

    what: str
    why: str
    where: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}{' ' + self.why if self.why else ''}"


@dataclass(slots=True)
class Findings:
    """Notes everything and goes on.

    Args:
        source: what is inspected; reasons name files relative to it.
        reasons: the first of them.
        left_off: how many more there are.
        missing: what could not be looked at, a sentence each.
        notes: what the reader should compare or look into, a sentence each.
        checked: subject to a sentence that says what was compared with what.
    """

    source: Path
    reasons: list[Reason] = field(default_factory=list)
    left_off: int = 0
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checked: dict[str, str] = field(default_factory=dict)

    def complain(self, error: NarrowgateError, where: str = "") -> None:
        """Notes a reason.

        Args:
            error: that a check would raise.
            where: entry or act, in place of what the error names.
        """
        if len(self.reasons) == MOST_REASONS:
            self.left_off += 1
            return
        place = (where or error.where).removeprefix(f"{self.source}/")
        self.reasons.append(Reason(error.what, error.why, place))

    @property
    def verdict(self) -> Verdict:
        """What all of it comes to."""
        if self.reasons:
            return Verdict.INVALID
        return Verdict.INDETERMINATE if self.missing else Verdict.VALID
