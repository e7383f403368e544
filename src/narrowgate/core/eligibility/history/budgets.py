"""What earlier questions leave to ask: budgets over packages and within one (R-24, R-25, R-28, R-29).

A yes or a no leaks by repetition: many addresses for one person, many persons for one address. So every
admitted item is charged, in item order, against four budgets that run over packages and within one:

- R-28: at most so many distinct addresses for one subject; the same address again is no new question.
- R-29: at most so many distinct subjects for one address.
- R-24: at most so many open items for one officer.
- R-25: at most so many items with one reason text.

A subject is whoever shares any identifier with an earlier item: the identifiers of admitted items that
share one grow together (connected components), so nobody gains a fresh budget by rotating numbers. Refused
items are neither charged nor connected. Nothing here is readable: identifiers, addresses and reasons are
keyed digests.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.keys import (
    ADDRESS_COLUMN,
    REASON_COLUMN,
    SUBJECT_COLUMNS,
    HistoryKeys,
)
from narrowgate.core.eligibility.rules import (
    r24_officers,
    r25_boilerplate,
    r28_distinct_addresses,
    r29_distinct_subjects,
)


def keeps_subjects(limits: Limits) -> bool:
    """Whether subjects and addresses are charged at all; a lifted budget keeps no history."""
    return limits.distinct_addresses_per_subject is not None or limits.subjects_per_address is not None


@dataclass(frozen=True, slots=True)
class Past:
    """What the history holds about some items' keys; a key it does not hold is missing from the mapping.

    Args:
        subjects: identifier digest to subject number (positive; connected subjects share one).
        addresses: subject number to the addresses it was asked at.
        occupants: address digest to the subject numbers asked there.
        open_items: officer to open items.
        reasons: reason digest to items.
    """

    subjects: Mapping[bytes, int] = field(default_factory=dict)
    addresses: Mapping[int, Collection[bytes]] = field(default_factory=dict)
    occupants: Mapping[bytes, Collection[int]] = field(default_factory=dict)
    open_items: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[bytes, int] = field(default_factory=dict)


class Ledger:
    """The budgets of one package over the history before it: exact, sequential, in the items' order.

    Only keys that occur twice in the package or stand in the history can conflict, so only those are
    remembered; the memory is one number for each key of the package and one entry for each repeated one.
    """

    def __init__(self, keys: HistoryKeys, limits: Limits) -> None:
        self._keys = keys
        self._limits = limits
        self._budgets = (
            (r24_officers.RULE.id, r24_officers.check_caseload, limits.caseload_per_officer),
            (r25_boilerplate.RULE.id, r25_boilerplate.check, limits.identical_reasons),
            (
                r28_distinct_addresses.RULE.id,
                r28_distinct_addresses.check,
                limits.distinct_addresses_per_subject,
            ),
            (r29_distinct_subjects.RULE.id, r29_distinct_subjects.check, limits.subjects_per_address),
        )
        self._groups = [keys.repeats(column) for column in SUBJECT_COLUMNS] if keeps_subjects(limits) else []
        # Most items share no identifier with another one of the package: one look tells.
        self._shares = bytearray(map(any, zip(*self._groups, strict=True)))
        self._address_groups = (
            keys.repeats(ADDRESS_COLUMN) if limits.subjects_per_address is not None else None
        )
        self._reason_groups = keys.repeats(REASON_COLUMN) if limits.identical_reasons is not None else None
        self._subject_of_group = [
            array("q", bytes(8 * (max(groups, default=0) + 1))) for groups in self._groups
        ]
        self._merged: dict[int, int] = {}
        self._addresses: dict[int, tuple[bytes, ...]] = {}
        self._occupants: dict[int, tuple[int, ...]] = {}
        self._officers: dict[str, int] = {}
        self._reasons: dict[int, int] = {}
        self._found: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._charged = array("q", bytes(8 * len(keys)))

    def judge(self, row: int, past: Past) -> tuple[str, ...]:
        """The rules that refuse item ``row``; none, and it is charged. Rows come once each, from 0 upwards.

        Args:
            row: position in the package's history keys.
            past: what the history holds about this row's keys, at least.
        """
        subjects = self._known_subjects(row, past) if self._groups else []
        addresses = self._addresses_with(row, subjects, past)
        counts = (
            self._caseload_with(row, past),
            self._reasons_with(row, past),
            len(addresses),
            self._occupants_with(row, subjects, past),
        )
        over = [
            rule
            for (rule, check, limit), count in zip(self._budgets, counts, strict=True)
            if check(count, limit)
        ]
        if not over:
            self._charge(row, subjects, addresses, past)
            return ()
        # A refused bulk file repeats a handful of findings a million times.
        findings = tuple(over)
        return self._found.setdefault(findings, findings)

    def charges(self) -> Charges:
        """What the admitted items add to the history."""
        return Charges(self._keys, self._limits, self._charged, self._merged, self._addresses)

    def _caseload_with(self, row: int, past: Past) -> int:
        """Open items of the busiest officer named, this item counted."""
        if self._limits.caseload_per_officer is None:
            return 0
        counts, open_items = self._officers, past.open_items
        return 1 + max(
            [counts.get(name, 0) + open_items.get(name, 0) for name in self._keys.officers[row]], default=0
        )

    def _reasons_with(self, row: int, past: Past) -> int:
        """Items with this item's reason, this item counted."""
        if self._reason_groups is None:
            return 0
        before = past.reasons.get(self._keys.digest(row, REASON_COLUMN), 0) if past.reasons else 0
        group = self._reason_groups[row]
        return 1 + before + (self._reasons.get(group, 0) if group else 0)

    def _known_subjects(self, row: int, past: Past) -> list[int]:
        """The distinct earlier subjects that share an identifier with the item."""
        found: list[int] = []
        if not self._shares[row] and not past.subjects:
            return found
        for column in SUBJECT_COLUMNS:
            group = self._groups[column][row]
            if group and (met := self._subject_of_group[column][group]):
                found.append(_root(self._merged, met))
            if past.subjects and (known := past.subjects.get(self._keys.digest(row, column))):
                found.append(_root(self._merged, known))
        return sorted(set(found)) if len(found) > 1 else found

    def _addresses_with(self, row: int, subjects: list[int], past: Past) -> tuple[bytes, ...]:
        """Every distinct address of the subjects, and this item's; nothing while R-28 is lifted."""
        if self._limits.distinct_addresses_per_subject is None:
            return ()
        address = self._keys.digest(row, ADDRESS_COLUMN)
        if not subjects:
            return (address,)
        union = {address}
        for subject in subjects:
            union.update(self._addresses.get(subject, ()), past.addresses.get(subject, ()))
        return tuple(sorted(union))

    def _occupants_with(self, row: int, subjects: list[int], past: Past) -> int:
        """Distinct subjects at the item's address, its own counted; 0 while R-29 is lifted."""
        if self._address_groups is None:
            return 0
        group = self._address_groups[row]
        if not group and not past.occupants:
            return 1
        others = set(past.occupants.get(self._keys.digest(row, ADDRESS_COLUMN), ()))
        others.update(self._occupants.get(group, ()))
        return 1 + len({_root(self._merged, other) for other in others}.difference(subjects))

    def _charge(self, row: int, subjects: list[int], addresses: tuple[bytes, ...], past: Past) -> None:
        if self._limits.caseload_per_officer is not None:
            for officer in self._keys.officers[row]:
                self._officers[officer] = self._officers.get(officer, 0) + 1
        if self._reason_groups is not None and (group := self._reason_groups[row]):
            self._reasons[group] = self._reasons.get(group, 0) + 1
        if keeps_subjects(self._limits):
            self._charged[row] = self._connect(row, subjects, addresses, past)
        else:
            self._charged[row] = _new_subject(row)

    def _connect(self, row: int, subjects: list[int], addresses: tuple[bytes, ...], past: Past) -> int:
        """Make the item's subjects one, remember what a later item can meet, and return the one's number."""
        known = [subject for subject in subjects if subject > 0]
        root = known[0] if known else (subjects[-1] if subjects else _new_subject(row))
        for subject in subjects:
            if subject != root:
                self._merged[subject] = root
        shares = self._shares[row]
        for column in SUBJECT_COLUMNS if shares else ():
            if group := self._groups[column][row]:
                self._subject_of_group[column][group] = root
        new_address = len(subjects) != 1 or self._keys.digest(row, ADDRESS_COLUMN) not in past.addresses.get(
            root, ()
        )
        if addresses and new_address and (shares or root > 0):
            self._addresses[root] = addresses
        if self._address_groups is not None and (group := self._address_groups[row]):
            before = self._occupants.get(group, ())
            if root not in before:
                self._occupants[group] = (*before, root)
        return root


def _root(merged: dict[int, int], subject: int) -> int:
    """The subject that ``subject`` has become; shortens the way, so a long chain costs once."""
    root = subject
    while (parent := merged.get(root)) is not None:
        root = parent
    while subject != root:
        merged[subject], subject = root, merged[subject]
    return root


def _new_subject(row: int) -> int:
    """A number for a subject first met in this package: negative until the history numbers it."""
    return -row - 1


class Charges:
    """What one package adds to the history, as rows; a subject below zero is new, the store numbers it."""

    def __init__(
        self,
        keys: HistoryKeys,
        limits: Limits,
        charged: array[int],
        merged: dict[int, int],
        addresses: Mapping[int, tuple[bytes, ...]],
    ) -> None:
        self._keys = keys
        self._limits = limits
        self._charged = charged
        self._merged = merged
        self._addresses = addresses

    def subjects(self) -> Iterator[tuple[bytes, int]]:
        """Each identifier of an admitted item with its subject; a pair may come several times."""
        for row, subject in self._rows():
            for digest in self._keys.subject_digests(row):
                yield digest, subject

    def addresses(self) -> Iterator[tuple[int, bytes]]:
        """Each subject with each address it was asked at; a pair may come several times."""
        for row, subject in self._rows():
            yield subject, self._keys.digest(row, ADDRESS_COLUMN)
        for root in sorted({_root(self._merged, subject) for subject in list(self._merged)}):
            for address in self._addresses.get(root, ()):
                yield root, address

    def merged(self) -> Iterator[tuple[int, int]]:
        """Each subject of the history that turned out to be another one, with that one."""
        for subject in sorted(self._merged):
            if subject > 0:
                yield subject, _root(self._merged, subject)

    def open_items(self) -> Mapping[str, int]:
        """Items added to each officer's caseload."""
        counts: dict[str, int] = {}
        if self._limits.caseload_per_officer is not None:
            for row, subject in enumerate(self._charged):
                for officer in self._keys.officers[row] if subject else ():
                    counts[officer] = counts.get(officer, 0) + 1
        return counts

    def reasons(self) -> Iterator[bytes]:
        """The reason of each admitted item."""
        if self._limits.identical_reasons is not None:
            for row, subject in enumerate(self._charged):
                if subject:
                    yield self._keys.digest(row, REASON_COLUMN)

    def _rows(self) -> Iterator[tuple[int, int]]:
        if keeps_subjects(self._limits):
            for row, subject in enumerate(self._charged):
                if subject:
                    yield row, _root(self._merged, subject)
