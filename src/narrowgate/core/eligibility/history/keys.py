"""The items of one package as the history sees them: keyed digests side by side, nothing readable."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, islice
from operator import itemgetter, lt

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

        Args and Raises: as for ``extend``, of one item.
        """
        self.extend((ordinal,), (record,), (officers,))

    def extend(
        self, ordinals: Sequence[int], records: Sequence[bytes], officers: Sequence[tuple[str, ...]]
    ) -> None:
        """Add the next admitted items.

        Args:
            ordinals: the items' places in the package, each higher than the one before.
            records: their digests, from ``HistoryDigester.records``.
            officers: ids of the officers named in each item.

        Raises:
            OperationalError: an item is out of order, or its record has another size.
        """
        before = self.ordinals[-1:].tolist()
        in_order = all(map(lt, chain(before, ordinals), ordinals if before else islice(ordinals, 1, None)))
        sizes_fit = all(
            size >= HEAD_SIZE and (size - HEAD_SIZE) % DIGEST_SIZE == 0 for size in set(map(len, records))
        )
        if not in_order or not sizes_fit or not len(ordinals) == len(records) == len(officers):
            raise OperationalError(
                "An item out of order, or one without its digests, reached the history.",
                why="Budgets are charged in item order, and to somebody.",
                next_step="This is a defect of the program: report it.",
            )
        known = self._known_officers
        self.ordinals.extend(ordinals)
        self.officers += [known.get(named) or self._sorted(named) for named in officers]
        self._records += records

    def _sorted(self, officers: tuple[str, ...]) -> tuple[str, ...]:
        named = tuple(sorted(set(officers)))
        self._known_officers[officers] = self._known_officers.setdefault(named, named)
        return self._known_officers[officers]

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
        digests = list(self.column(column))
        if repeated := _repeated(digests, set(digests), ABSENT):
            numbers: dict[bytes, int] = {}
            for row in compress(range(len(digests)), map(repeated.__contains__, digests)):
                groups[row] = numbers.setdefault(digests[row], len(numbers) + 1)
        return groups

    def repeated_names(self) -> dict[int, tuple[bytes, ...]]:
        """For each row that shares a name digest with another row the digests that it shares; few rows do.

        The first name of each is cut out by column, because most items have one; the others by row, because few have
        several.
        """
        first = list(map(itemgetter(_FIRST_NAME), self._records))
        several = [row for row, size in enumerate(map(len, self._records)) if size > HEAD_SIZE + DIGEST_SIZE]
        every = first + [digest for row in several for digest in self.names(row)[1:]]
        repeated = _repeated(every, set(every), b"")
        if not repeated:
            return {}
        rows = set(compress(range(len(first)), map(repeated.__contains__, first)))
        rows.update([row for row in several if not repeated.isdisjoint(self.names(row))])
        # Cut anew: one digest kept of a column would keep the memory around it.
        return {
            row: tuple([digest for digest in self.names(row) if digest in repeated]) for row in sorted(rows)
        }


def _repeated(digests: list[bytes], distinct: set[bytes], blank: bytes) -> set[bytes]:
    """The digests that are there twice and more, ``blank`` excepted; ``distinct`` holds each once."""
    if len(distinct) + max(0, digests.count(blank) - 1) == len(digests):
        return set()
    found = {digest for digest, count in Counter(digests).items() if count > 1}
    found.discard(blank)
    return found


def _subject_digests(record: bytes) -> list[bytes]:
    # Most items have one name: written out, it takes a third of the time.
    first, second, third = _NUMBER_CUTS
    found = [record[first], record[second], record[third], record[_FIRST_NAME]]
    if len(record) != HEAD_SIZE + DIGEST_SIZE:
        del found[-1]
        found += [record[start : start + DIGEST_SIZE] for start in range(HEAD_SIZE, len(record), DIGEST_SIZE)]
    return [digest for digest in found if digest != ABSENT] if ABSENT in found else found
