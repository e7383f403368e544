"""What earlier questions leave to ask: budgets over packages and within one (R-24, R-25, R-28, R-29, R-73, R-74).

A yes or a no leaks by repetition: many addresses for one person, many persons for one address. So every
admitted item is charged, in item order, against budgets that run over packages and within one:

- R-28: at most so many distinct addresses for one subject.
- R-29: at most so many distinct subjects for one address.
- R-24: at most so many open items for one officer.
- R-25: at most so many items with one reason text.

A subject is one person, as far as the items tell: an item belongs to the subject of an earlier item that has its TIN,
its alien number or its removal order number, or its birth date with one of its given names and one of its surnames.
Subjects that one item connects grow together (connected components), so nobody gains a fresh budget by rotating
numbers. All items of a subject have one birth date, and no two TINs: an item that would give a subject a second one is
refused (R-73) and connects nothing. Two persons with one name, one birth date and two TINs are two subjects.

Over packages, a subject and an address are asked about in one way only (R-74), so that two answers can never be
compared. Refused items are neither charged nor connected. Nothing here is readable: identifiers, addresses and reasons
are keyed digests.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import not_
from typing import NamedTuple

from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.charges import (
    Charges,
    Facts,
    keeps_subjects,
    new_subject,
    root_of,
)
from narrowgate.core.eligibility.history.keys import (
    ABSENT,
    ADDRESS_COLUMN,
    BIRTH_DATE_COLUMN,
    NUMBER_COLUMNS,
    QUESTION_COLUMN,
    REASON_COLUMN,
    TIN_COLUMN,
    HistoryKeys,
)
from narrowgate.core.eligibility.rules import (
    r24_officers,
    r25_boilerplate,
    r28_distinct_addresses,
    r29_distinct_subjects,
    r73_contradiction,
    r74_asked_before,
)

_UNKNOWN = Facts(ABSENT, ABSENT)


@dataclass(frozen=True, slots=True)
class Past:
    """What the history holds about some items' keys; a key it does not hold is missing from the mapping.

    Args:
        subjects: identifier digest to subject numbers (positive; connected subjects share one).
        facts: subject number to birth date and TIN.
        addresses: subject number to the addresses it was asked at.
        occupants: address digest to the subject numbers asked there.
        open_items: officer to open items.
        reasons: reason digest to items.
        answers: question digest to the sealed answer of the first time, 0 or 1.
    """

    subjects: Mapping[bytes, Collection[int]] = field(default_factory=dict)
    facts: Mapping[int, Facts] = field(default_factory=dict)
    addresses: Mapping[int, Collection[bytes]] = field(default_factory=dict)
    occupants: Mapping[bytes, Collection[int]] = field(default_factory=dict)
    open_items: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[bytes, int] = field(default_factory=dict)
    answers: Mapping[bytes, int] = field(default_factory=dict)


class Met(NamedTuple):
    """The earlier subjects that an item is about, ascending, and whether its identifiers contradict theirs."""

    subjects: list[int]
    contradicts: bool


_MET_NOBODY = Met([], contradicts=False)


class BudgetLedger:
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
        self._keeps_subjects = keeps_subjects(limits)
        self._groups = [keys.repeats(column) for column in NUMBER_COLUMNS] if self._keeps_subjects else []
        self._repeated_names = keys.repeated_names() if self._keeps_subjects else {}
        # Most items share no identifier with another one of the package: one look tells.
        self._shares = bytearray(len(keys))
        for row in chain(*map(_rows_in, self._groups), self._repeated_names):
            self._shares[row] = True
        self._address_groups = (
            keys.repeats(ADDRESS_COLUMN) if limits.subjects_per_address is not None else None
        )
        self._reason_groups = keys.repeats(REASON_COLUMN) if limits.identical_reasons is not None else None
        self._is_alone = bytearray(map(not_, self._shares))
        for row in chain(_rows_in(self._address_groups or ()), _rows_in(self._reason_groups or ())):
            self._is_alone[row] = False
        self._subject_of_group = [
            array("q", bytes(8 * (max(groups, default=0) + 1))) for groups in self._groups
        ]
        self._subjects_of_name: dict[bytes, tuple[int, ...]] = {}
        self._facts: dict[int, Facts] = {}
        self._merged: dict[int, int] = {}
        self._addresses: dict[int, tuple[bytes, ...]] = {}
        self._asked_before: dict[int, frozenset[bytes]] = {}
        self._occupants: dict[int, tuple[int, ...]] = {}
        self._officers: dict[str, int] = {}
        self._reasons: dict[int, int] = {}
        self._found: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._charged = array("q", bytes(8 * len(keys)))

    def judge_all(self, rows: range, past: Past) -> dict[int, tuple[str, ...]]:
        """The rules that refuse each of these items, for those that some rule refuses; the others are charged.

        Args:
            rows: positions in the package's history keys; each comes once, from 0 upwards.
            past: what the history holds about these rows' keys, at least.
        """
        if past.subjects or past.occupants or past.reasons:
            return {row: found for row in rows if (found := self.judge(row, past))}
        # Most items of a package are the first about their subject, at their address and with their reason. The limits
        # of these are 1 at least, so that only the officers' caseloads count.
        refused: dict[int, tuple[str, ...]] = {}
        is_alone, charged = self._is_alone, self._charged
        for row in rows:
            if is_alone[row] and self._takes_one_more(row, past):
                charged[row] = new_subject(row)
            elif found := self.judge(row, past):
                refused[row] = found
        return refused

    def judge(self, row: int, past: Past) -> tuple[str, ...]:
        """The rules that refuse item ``row``; none, and it is charged. Rows come once each, from 0 upwards.

        Args: as for ``judge_all``, of one row.
        """
        met = self._meet(row, past) if self._keeps_subjects else _MET_NOBODY
        # An item that contradicts earlier ones is about nobody known: what it would be charged to is not counted.
        addresses = () if met.contradicts else self._addresses_with(row, met.subjects, past)
        occupants = 0 if met.contradicts else self._occupants_with(row, met.subjects, past)
        counts = (self._caseload_with(row, past), self._reasons_with(row, past), len(addresses), occupants)
        over = [
            rule
            for (rule, check, limit), count in zip(self._budgets, counts, strict=True)
            if check(count, limit)
        ]
        if r73_contradiction.check(contradicts=met.contradicts):
            over.append(r73_contradiction.RULE.id)
        elif r74_asked_before.check(asked_in_other_words=self._asked_in_other_words(row, met.subjects, past)):
            over.append(r74_asked_before.RULE.id)
        if not over:
            self._charge(row, met.subjects, addresses, past)
            return ()
        # A refused bulk file repeats a handful of findings a million times.
        findings = tuple(over)
        return self._found.setdefault(findings, findings)

    def charges(self) -> Charges:
        """What the admitted items add to the history."""
        return Charges(self._keys, self._limits, self._charged, self._merged, self._addresses, self._facts)

    def _takes_one_more(self, row: int, past: Past) -> bool:
        """Whether every officer named may get one more item; each has it then."""
        limit = self._limits.caseload_per_officer
        if limit is None:
            return True
        counts, open_items, named = self._officers, past.open_items, self._keys.officers[row]
        for name in named:
            if r24_officers.check_caseload(1 + counts.get(name, 0) + open_items.get(name, 0), limit):
                return False
        for name in named:
            counts[name] = counts.get(name, 0) + 1
        return True

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

    def _meet(self, row: int, past: Past) -> Met:
        """The distinct earlier subjects that share an identifier with the item; namesakes with another TIN do not."""
        if not self._shares[row] and not past.subjects:
            return _MET_NOBODY
        by_number, by_name = self._by_number(row, past), self._by_name(row, past)
        if not by_number and not by_name:
            return _MET_NOBODY
        own = self._own_facts(row)
        facts = {subject: self._facts_of(subject, past) for subject in by_number | by_name}
        namesakes = {
            subject
            for subject in by_name - by_number
            if own.tin != ABSENT and facts[subject].tin not in (own.tin, ABSENT)
        }
        subjects = sorted((by_number | by_name) - namesakes)
        together = [own, *(facts[subject] for subject in subjects)]
        births = {known.birth_date for known in together} - {ABSENT}
        tins = {known.tin for known in together} - {ABSENT}
        return Met(subjects, contradicts=len(births) > 1 or len(tins) > 1)

    def _by_number(self, row: int, past: Past) -> set[int]:
        """The subjects that have one of the item's numbers."""
        found: set[int] = set()
        for column in NUMBER_COLUMNS:
            group = self._groups[column][row]
            if group and (met := self._subject_of_group[column][group]):
                found.add(met)
            if past.subjects:
                found.update(past.subjects.get(self._keys.digest(row, column), ()))
        return {root_of(self._merged, subject) for subject in found}

    def _by_name(self, row: int, past: Past) -> set[int]:
        """The subjects that have the item's birth date with one of its given names and one of its surnames."""
        found: set[int] = set()
        for digest in self._repeated_names.get(row, ()):
            found.update(self._subjects_of_name.get(digest, ()))
        if past.subjects:
            for digest in self._keys.names(row):
                found.update(past.subjects.get(digest, ()))
        return {root_of(self._merged, subject) for subject in found}

    def _own_facts(self, row: int) -> Facts:
        return Facts(self._keys.digest(row, BIRTH_DATE_COLUMN), self._keys.digest(row, TIN_COLUMN))

    def _facts_of(self, subject: int, past: Past) -> Facts:
        return self._facts.get(subject) or past.facts.get(subject, _UNKNOWN)

    def _asked_in_other_words(self, row: int, subjects: list[int], past: Past) -> bool:
        """Whether an earlier package asked about the subjects at this address, and not this very question (R-74)."""
        if self._limits.distinct_addresses_per_subject is None:
            return False
        if not any(subject > 0 for subject in subjects):
            return False
        if self._keys.digest(row, QUESTION_COLUMN) in past.answers:
            return False
        address = self._keys.digest(row, ADDRESS_COLUMN)
        return any(address in self._before(subject, past) for subject in subjects)

    def _before(self, subject: int, past: Past) -> Collection[bytes]:
        """The addresses at which earlier packages asked about a subject."""
        known = self._asked_before.get(subject)
        return past.addresses.get(subject, ()) if known is None else known

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
        return 1 + len({root_of(self._merged, other) for other in others}.difference(subjects))

    def _charge(self, row: int, subjects: list[int], addresses: tuple[bytes, ...], past: Past) -> None:
        self._count_officers(row)
        if self._reason_groups is not None and (group := self._reason_groups[row]):
            self._reasons[group] = self._reasons.get(group, 0) + 1
        if self._keeps_subjects:
            self._charged[row] = self._connect(row, subjects, addresses, past)
        else:
            self._charged[row] = new_subject(row)

    def _count_officers(self, row: int) -> None:
        if self._limits.caseload_per_officer is not None:
            counts = self._officers
            for officer in self._keys.officers[row]:
                counts[officer] = counts.get(officer, 0) + 1

    def _connect(self, row: int, subjects: list[int], addresses: tuple[bytes, ...], past: Past) -> int:
        """Make the item's subjects one, remember what a later item can meet, and return the one's number."""
        known = [subject for subject in subjects if subject > 0]
        root = known[0] if known else (subjects[-1] if subjects else new_subject(row))
        shares = self._shares[row]
        if shares or root > 0:
            self._remember_facts(row, subjects, root, past)
        if len(known) > 1:
            self._asked_before[root] = frozenset().union(*(self._before(subject, past) for subject in known))
        for subject in subjects:
            if subject != root:
                self._merged[subject] = root
        if shares:
            self._remember_identifiers(row, root)
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

    def _remember_facts(self, row: int, subjects: list[int], root: int, past: Past) -> None:
        together = [self._own_facts(row), *(self._facts_of(subject, past) for subject in subjects)]
        birth_dates, tins = zip(*together, strict=True)
        # They agree, or the item would have been refused: the greatest is the one that is not absent.
        self._facts[root] = Facts(max(birth_dates), max(tins))

    def _remember_identifiers(self, row: int, root: int) -> None:
        for column in NUMBER_COLUMNS:
            if group := self._groups[column][row]:
                self._subject_of_group[column][group] = root
        for digest in self._repeated_names.get(row, ()):
            others = {root_of(self._merged, other) for other in self._subjects_of_name.get(digest, ())}
            self._subjects_of_name[digest] = tuple(sorted({*others, root}))


def _rows_in(groups: Sequence[int]) -> Iterator[int]:
    """The rows that are in a group."""
    return compress(range(len(groups)), groups)
