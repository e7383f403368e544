"""Keyed digests under which the history knows subjects, addresses and reasons; nothing in it is readable.

The history key is another key than the index key: whoever steals one learns nothing about the other.
"""

from __future__ import annotations

import re
from array import array

from narrowgate.core.base.errors import OperationalError
from narrowgate.core.base.mac import MacKey
from narrowgate.core.eligibility.history.reason_text import counted_reason
from narrowgate.core.person.alien_number import parse_alien_number
from narrowgate.core.person.model import Person

DIGEST_SIZE = 16
"""Bytes of a truncated HMAC-SHA-256 (NIST SP 800-107 section 5.3.2: 128 bits and more)."""

ABSENT = bytes(DIGEST_SIZE)
"""Stands for an identifier that the item does not have; it equals nothing, itself included."""

_KINDS = ("tin", "alien number", "removal order number", "name and birth date", "address", "reason")
SUBJECT_COLUMNS = range(4)
ADDRESS_COLUMN = 4
REASON_COLUMN = 5
RECORD_SIZE = DIGEST_SIZE * len(_KINDS)
_CUTS = [slice(start, start + DIGEST_SIZE) for start in range(0, RECORD_SIZE, DIGEST_SIZE)]
_SUBJECT_CUTS = [_CUTS[column] for column in SUBJECT_COLUMNS]
_NOBODY = ABSENT * len(SUBJECT_COLUMNS)

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]+")


class HistoryDigester:
    """Equal values of one kind and one agreement term have equal digests; nothing else does.

    Args:
        key: the history key, 32 bytes, never the index key.
        agreement_term: what bounds the budgets, such as the agreement's digest; another term starts anew
            and cannot be linked with this one.
    """

    def __init__(self, key: bytes, agreement_term: bytes) -> None:
        root = MacKey(key)
        self._keys = [
            MacKey(root.mac(b"narrowgate history 1\x1f" + kind.encode() + b"\x1f" + agreement_term))
            for kind in _KINDS
        ]

    def record(
        self,
        person: Person,
        alien_number: str,
        removal_order_number: str,
        address_key: str,
        reason: str,
    ) -> bytes:
        """The item's six digests side by side, ``RECORD_SIZE`` bytes; pure, so it can run in any process.

        Args:
            person: canonical form; the name counts with its first given name and its surnames in any order,
                so that a second given name or a swapped order is no other subject.
            alien_number: as written; counts as ``core.person.alien_number`` reads it.
            removal_order_number: as written; counts with its letters and digits.
            address_key: the first key of the address (``core.address.keys``), which is the one of its own
                locality: the city counts only without a ZIP, where it is evidence.
            reason: as written; counts with its letters as a reader sees them (``reason_text``, R-25).
        """
        values = (
            person.tin,
            parse_alien_number(alien_number),
            _NOT_ALPHANUMERIC.sub("", removal_order_number.upper()),
            _name_and_birth_date(person),
            address_key,
            counted_reason(reason),
        )
        return b"".join(
            [
                key.mac(value.encode())[:DIGEST_SIZE] if value else ABSENT
                for key, value in zip(self._keys, values, strict=True)
            ]
        )


def _name_and_birth_date(person: Person) -> str:
    if not (person.birth_date and person.given_names and person.surnames):
        return ""
    return " ".join([person.birth_date, *sorted({person.given_names[0], *person.surnames})])


class HistoryKeys:
    """The admitted items of one package in item order, about 160 bytes each."""

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
            OperationalError: the item is out of order, identifies nobody, or its record has another size.
        """
        out_of_order = self.ordinals and ordinal <= self.ordinals[-1]
        if out_of_order or len(record) != RECORD_SIZE or record.startswith(_NOBODY):
            raise OperationalError(
                "An item out of order, or one that identifies nobody, reached the history.",
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
        """One digest of one item; ``ABSENT`` where the item has no such identifier."""
        return self._records[row][_CUTS[column]]

    def subject_digests(self, row: int) -> list[bytes]:
        """The digests of the identifiers that one item has."""
        record = self._records[row]
        return [digest for cut in _SUBJECT_CUTS if (digest := record[cut]) != ABSENT]

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
