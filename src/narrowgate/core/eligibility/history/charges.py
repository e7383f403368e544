"""What a package adds to the history when it is committed: subjects, their facts and addresses, counts, answers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, compress, count, repeat
from typing import NamedTuple

from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.keys import (
    ADDRESS_COLUMN,
    BIRTH_DATE_COLUMN,
    QUESTION_COLUMN,
    REASON_COLUMN,
    TIN_COLUMN,
    HistoryKeys,
)


def keeps_subjects(limits: Limits) -> bool:
    """Whether subjects and addresses are charged at all; a lifted budget keeps no history."""
    return limits.distinct_addresses_per_subject is not None or limits.subjects_per_address is not None


class Facts(NamedTuple):
    """What every item of a subject agrees on: digests of the birth date and of the TIN, which may be ``ABSENT``."""

    birth_date: bytes
    tin: bytes


def root_of(merged: dict[int, int], subject: int) -> int:
    """The subject that ``subject`` has become; shortens the way, so a long chain costs once."""
    root = subject
    while (parent := merged.get(root)) is not None:
        root = parent
    while subject != root:
        merged[subject], subject = root, merged[subject]
    return root


def new_subject(row: int) -> int:
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
        facts: Mapping[int, Facts],
    ) -> None:
        self._keys = keys
        self._limits = limits
        self._charged = charged
        self._merged = merged
        self._addresses = addresses
        self._facts = facts
        self._answer: Callable[[int], bool | None] = _unanswered

    @property
    def items(self) -> int:
        """Admitted items, charged or not: no package has more new subjects, or more items with one reason."""
        return len(self._charged)

    def answer(self, answers: Callable[[int], bool | None]) -> None:
        """What the admitted items were answered, so that the same questions get the same answers again.

        Args:
            answers: from an item's ordinal to its answer.
        """
        self._answer = answers

    def answers(self) -> Iterator[tuple[bytes, int]]:
        """The digest of each question with its sealed answer; a pair may come several times."""
        keys = self._keys
        rows = zip(keys.ordinals, keys.column(QUESTION_COLUMN), keys.masks(), strict=True)
        for ordinal, question, mask in compress(rows, self._charged):
            answer = self._answer(ordinal)
            if answer is not None:
                yield question, answer ^ mask

    def facts(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Each charged subject once, with its birth date and TIN."""
        others: dict[int, Facts] = {}
        known: Mapping[int, tuple[bytes, bytes]] = self._facts
        columns = self._keys.column(BIRTH_DATE_COLUMN), self._keys.column(TIN_COLUMN)
        rows = zip(self._subjects(), *columns, strict=True)
        for new, (subject, birth_date, tin) in zip(map(new_subject, count()), rows, strict=False):
            if subject:
                found = known.get(subject, (birth_date, tin))
                if subject == new:
                    yield (subject, *found)
                elif subject > 0:
                    others[subject] = Facts(*found)
        yield from ((subject, *others[subject]) for subject in sorted(others))

    def subjects(self) -> Iterator[tuple[list[bytes], int]]:
        """Of each admitted item the identifiers, with its subject; a pair may come several times."""
        pairs = zip(self._keys.every_subject_digest(), self._subjects(), strict=True)
        return (pair for pair in pairs if pair[1])

    def addresses(self) -> Iterator[tuple[int, bytes]]:
        """Each subject with each address it was asked at; a pair may come several times."""
        pairs = zip(self._subjects(), self._keys.column(ADDRESS_COLUMN), strict=True)
        yield from ((subject, address) for subject, address in pairs if subject)
        for root in sorted({root_of(self._merged, subject) for subject in list(self._merged)}):
            for address in self._addresses.get(root, ()):
                yield root, address

    def merged(self) -> Iterator[tuple[int, int]]:
        """Each subject of the history that turned out to be another one, with that one."""
        for subject in sorted(self._merged):
            if subject > 0:
                yield subject, root_of(self._merged, subject)

    def open_items(self) -> Mapping[str, int]:
        """Items added to each officer's caseload."""
        if self._limits.caseload_per_officer is None:
            return {}
        return Counter(chain.from_iterable(compress(self._keys.officers, self._charged)))

    def reasons(self) -> Iterator[bytes]:
        """The reason of each admitted item."""
        if self._limits.identical_reasons is None:
            return iter(())
        return compress(self._keys.column(REASON_COLUMN), self._charged)

    def _subjects(self) -> Iterable[int]:
        """Of each item its subject; 0 where it is not charged to one."""
        merged = self._merged
        if not keeps_subjects(self._limits):
            return repeat(0, len(self._charged))
        if not merged:
            return self._charged
        return (root_of(merged, subject) if subject in merged else subject for subject in self._charged)


def _unanswered(_ordinal: int) -> None:
    """No item of the package has an answer."""
