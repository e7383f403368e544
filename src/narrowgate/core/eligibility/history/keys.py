"""The items of one package as the history sees them: keyed digests side by side, nothing readable."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from operator import itemgetter

from narrowgate.core.base.errors import OperationalError

DIGEST_SIZE = 16
"""Bytes of a truncated HMAC-SHA-256 (NIST SP 800-107 section 5.3.2: 128 bits and more)."""

ABSENT = bytes(DIGEST_SIZE)
"""In place of an identifier that the item does not have; it equals nothing, itself included."""

KINDS = ("tin", "alien number", "removal order number", "birth date", "address", "reason", "question")
TIN_COLUMN = 0
NUMBER_COLUMNS = range(3)
"""Numbers that one person has: two items that share one are about one person, or contradict each other (R-73)."""
BIRTH_DATE_COLUMN = 3
ADDRESS_COLUMN = 4
REASON_COLUMN = 5
QUESTION_COLUMN = 6
MASK_AT = DIGEST_SIZE * len(KINDS)
"""Where the byte lies that hides the answer to the question in the state."""
HEAD_SIZE = MASK_AT + 1
"""Bytes before the digests of the names, of which an item may have any number."""

_MOST_MARKS = 1 << 26
"""Bits for the digests of names: 8 MB."""

_MARKS_PER_ITEM = 64
"""Where these are fewer: an item has some four digests, so that one in twenty is looked at twice for nothing."""

_CUTS = [slice(start, start + DIGEST_SIZE) for start in range(0, MASK_AT, DIGEST_SIZE)]

_FIRST_NAME = slice(HEAD_SIZE, HEAD_SIZE + DIGEST_SIZE)

_MASKS = (b"\x00", b"\x01")

_NUMBER_CUTS = [_CUTS[column] for column in NUMBER_COLUMNS]


def record_of(columns: Iterable[bytes], mask: int, names: Iterable[bytes]) -> bytes:
    """The digests of one item as ``HistoryKeys`` keeps them.

    Args:
        columns: one digest for each of ``KINDS``.
        mask: 0 or 1, secret: the sealed answer is the answer changed by it.
        names: digests of birth date, given name and surname, one for each way to write the two.
    """
    return b"".join((*columns, _MASKS[mask], *names))


class HistoryKeys:
    """The admitted items of one package in item order, about 200 bytes each."""

    def __init__(self) -> None:
        self.ordinals = array("Q")
        self.officers: list[tuple[str, ...]] = []
        self._records: list[bytes] = []
        self._known_officers: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self.ordinals)

    def append(self, ordinal: int, record: bytes, officers: tuple[str, ...]) -> None:
        """Add the next admitted item.

        Args:
            ordinal: the item's place in the package, higher than the last one's.
            record: its digests, from ``HistoryDigester.record``.
            officers: ids of the officers named in the item.

        Raises:
            OperationalError: the item is out of order, or its record has another size.
        """
        out_of_order = self.ordinals and ordinal <= self.ordinals[-1]
        if out_of_order or len(record) < HEAD_SIZE or (len(record) - HEAD_SIZE) % DIGEST_SIZE:
            raise OperationalError(
                "An item out of order, or one without its digests, reached the history.",
                why="Budgets are charged in item order, and to somebody.",
                next_step="This is a defect of the program: report it.",
            )
        named = self._known_officers.get(officers)
        if named is None:
            named = tuple(sorted(set(officers)))
            self._known_officers[officers] = self._known_officers.setdefault(named, named)
        self.ordinals.append(ordinal)
        self.officers.append(named)
        self._records.append(record)

    def digest(self, row: int, column: int) -> bytes:
        """One digest of one item; ``ABSENT`` where the item has no such value."""
        return self._records[row][_CUTS[column]]

    def column(self, column: int) -> Iterator[bytes]:
        """The digest of each item, as ``digest`` gives it."""
        return map(itemgetter(_CUTS[column]), self._records)

    def masks(self) -> Iterator[int]:
        """The bit of each item, as ``mask`` gives it."""
        return map(itemgetter(MASK_AT), self._records)

    def names(self, row: int) -> list[bytes]:
        """The digests of birth date, given name and surname of one item."""
        record = self._records[row]
        return [record[start : start + DIGEST_SIZE] for start in range(HEAD_SIZE, len(record), DIGEST_SIZE)]

    def mask(self, row: int) -> int:
        """The bit that hides the answer to one item's question."""
        return self._records[row][MASK_AT]

    def subject_digests(self, row: int) -> list[bytes]:
        """The digests of one item by which another item can be about the same person."""
        return _subject_digests(self._records[row])

    def every_subject_digest(self) -> Iterator[list[bytes]]:
        """Of each item what ``subject_digests`` gives."""
        return map(_subject_digests, self._records)

    def repeats(self, column: int) -> array[int]:
        """For each row 0, or a number from 1 upwards that rows with the same digest in ``column`` share."""
        groups = array("L", bytes(array("L").itemsize * len(self)))
        first: dict[bytes, int] = {}
        count = 0
        cut = _CUTS[column]
        for row, record in enumerate(self._records):
            digest = record[cut]
            before = first.setdefault(digest, row)
            if before == row or digest == ABSENT:
                continue
            if not groups[before]:
                count += 1
                groups[before] = count
            groups[row] = groups[before]
        return groups

    def repeated_names(self) -> dict[int, tuple[bytes, ...]]:
        """For each row that shares a name digest with another row the digests that it shares; few rows do.

        A first pass marks a bit for each digest and keeps those whose bit was marked before: a package of a million
        items has several million digests, and remembering them all would take half a gigabyte.
        """
        marks = min(_MOST_MARKS, _MARKS_PER_ITEM * (len(self) + 1))
        marked = bytearray(marks // 8)
        candidates: set[bytes] = set()
        for row in range(len(self)):
            for digest in self.names(row):
                bit = int.from_bytes(digest[:8]) % marks
                if marked[bit >> 3] >> (bit & 7) & 1:
                    candidates.add(digest)
                marked[bit >> 3] |= 1 << (bit & 7)
        owner: dict[bytes, int] = {}
        shared: set[bytes] = set()
        met: dict[int, list[bytes]] = {}
        for row in range(len(self)) if candidates else ():
            for digest in self.names(row):
                if digest in candidates:
                    met.setdefault(row, []).append(digest)
                    if owner.setdefault(digest, row) != row:
                        shared.add(digest)
        found = (
            (row, tuple([digest for digest in digests if digest in shared])) for row, digests in met.items()
        )
        return {row: digests for row, digests in found if digests}


def _subject_digests(record: bytes) -> list[bytes]:
    # Most items have one name: written out, it takes a third of the time.
    first, second, third = _NUMBER_CUTS
    found = [record[first], record[second], record[third], record[_FIRST_NAME]]
    if len(record) != HEAD_SIZE + DIGEST_SIZE:
        del found[-1]
        found += [record[start : start + DIGEST_SIZE] for start in range(HEAD_SIZE, len(record), DIGEST_SIZE)]
    return [digest for digest in found if digest != ABSENT] if ABSENT in found else found
