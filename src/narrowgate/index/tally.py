"""What a build counts and sets aside: everything read is loaded or quarantined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row, or a person or address of it, that does not enter the index; no value of it is kept.

    Args:
        row: number in the source, from 1.
        person: which person of the row, from 1; 0 when the fault is the row's.
        address: which address of the row, from 1; 0 when the fault is not an address's.
        reasons: ids, at least one; the first is the one counted.
    """

    row: int
    person: int
    address: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A person or an address that gives no entry.

    Args:
        reasons: ids; none where nothing is written.
    """

    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts of a build that must add up.

    Entries loaded whose TIN cannot be one and that are kept under the birth date, and those whose state contradicts ZIP
    Code and city and that are kept under the ZIP Code, are counted beside.
    """

    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: Counter[str] = field(default_factory=Counter)
    entries_read: int = 0
    entries_loaded: int = 0
    entries_quarantined: Counter[str] = field(default_factory=Counter)
    suppressed_unidentified: int = 0
    tins_passed_over: int = 0
    states_passed_over: int = 0

    def count_row(self, entries: int, faults: Sequence[Quarantined]) -> None:
        """Counts one row read, of so many entries, with the faults found in it.

        Args:
            entries: persons times addresses; 0 when the row itself is the fault.
            faults: of the row; it is loaded when at least one entry has none.
        """
        self.rows_read += 1
        self.entries_read += entries
        if entries > len(faults):
            self.rows_loaded += 1
        else:
            self.rows_quarantined[faults[0].reasons[0]] += 1
        if entries:
            self.entries_loaded += entries - len(faults)
            self.entries_quarantined.update(fault.reasons[0] for fault in faults)

    def count_loaded(self, rows: int) -> None:
        """Counts rows read and loaded, of one entry each."""
        self.rows_read += rows
        self.rows_loaded += rows
        self.entries_read += rows
        self.entries_loaded += rows

    def add(self, other: Tally) -> None:
        """Adds the counts of ``other``."""
        self.rows_read += other.rows_read
        self.rows_loaded += other.rows_loaded
        self.rows_quarantined += other.rows_quarantined
        self.entries_read += other.entries_read
        self.entries_loaded += other.entries_loaded
        self.entries_quarantined += other.entries_quarantined
        self.suppressed_unidentified += other.suppressed_unidentified
        self.tins_passed_over += other.tins_passed_over
        self.states_passed_over += other.states_passed_over

    def as_counts(self) -> dict[str, Any]:
        """The counts by name, as the manifest holds them."""
        return {
            "rows_read": self.rows_read,
            "rows_loaded": self.rows_loaded,
            "rows_quarantined": dict(sorted(self.rows_quarantined.items())),
            "entries_read": self.entries_read,
            "entries_loaded": self.entries_loaded,
            "entries_quarantined": dict(sorted(self.entries_quarantined.items())),
            "suppressed_unidentified": self.suppressed_unidentified,
            "tins_passed_over": self.tins_passed_over,
            "states_passed_over": self.states_passed_over,
        }

    def adds_up(self) -> bool:
        """Whether everything read was loaded or quarantined."""
        rows = self.rows_loaded + self.rows_quarantined.total()
        entries = self.entries_loaded + self.entries_quarantined.total()
        return rows == self.rows_read and entries == self.entries_read
