"""Keyed digests under which the history knows persons, addresses, reasons and questions.

The history key is another key than the index key: whoever steals one learns nothing about the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from narrowgate.core.base.mac import MacKey
from narrowgate.core.eligibility.history.keys import ABSENT, DIGEST_SIZE, KINDS, record_of
from narrowgate.core.eligibility.history.reason_text import counted_reason
from narrowgate.core.person.alien_number import parse_alien_number
from narrowgate.core.person.identity import parts_of
from narrowgate.core.person.model import Person
from narrowgate.core.person.nicknames import formal_names

_LABEL: Final = b"narrowgate history 2\x1f"
_SEPARATOR: Final = "\x1f"
_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Z]+")


def history_key_check(key: bytes) -> bytes:
    """32 bytes that tell one history key from another and say nothing else of it.

    Args:
        key: the history key, 32 bytes.
    """
    return MacKey(key).mac(_LABEL + b"check")


class HistoryDigester:
    """Equal values of one kind and one agreement term have equal digests; nothing else does.

    Args:
        key: the history key, 32 bytes, never the index key.
        term: what bounds the budgets (``core.agreement.term``); another term starts anew and cannot be linked
            with this one.
        subjects: whether persons and addresses are charged; without, only reason and question have digests.
    """

    def __init__(self, key: bytes, term: bytes, *, subjects: bool = True) -> None:
        root = MacKey(key)
        self._keys = [MacKey(root.mac(_LABEL + kind.encode() + b"\x1f" + term)) for kind in (*KINDS, "name")]
        self._subjects = subjects

    def record(
        self,
        person: Person,
        numbers: tuple[str, str],
        address_keys: Sequence[str],
        tax_years: Sequence[int],
        reason: str,
    ) -> bytes:
        """The item's digests (``HistoryKeys.append``); pure, so it can run in any process.

        Args:
            person: canonical form.
            numbers: alien number and number of the removal order, as written. The one counts as
                ``core.person.alien_number`` reads it, the other with its letters and digits.
            address_keys: of the delivery point (``core.address.keys``). The first one, which is that of its own
                locality, is the address that is charged: the city counts only without a ZIP, where it is evidence.
            tax_years: that the item names.
            reason: as written; counts with its letters as a reader sees them (``reason_text``, R-25).
        """
        alien_number, removal_order_number = numbers
        *column_keys, question_key, name_key = self._keys
        values: tuple[str, ...] = ("", "", "", "", "", counted_reason(reason))
        if self._subjects:
            values = (
                person.tin,
                parse_alien_number(alien_number),
                _NOT_ALPHANUMERIC.sub("", removal_order_number.upper()),
                person.birth_date,
                address_keys[0],
                values[-1],
            )
        columns = [
            key.mac(value.encode())[:DIGEST_SIZE] if value else ABSENT
            for key, value in zip(column_keys, values, strict=True)
        ]
        question = question_key.mac(_question(person, address_keys, tax_years).encode())
        names: Sequence[bytes] = ()
        if self._subjects and person.birth_date:
            beginning = f"{person.birth_date} ".encode()
            names = name_key.macs(beginning, [name.encode() for name in sorted(_names(person))])
        return record_of(
            (*columns, question[:DIGEST_SIZE]),
            question[DIGEST_SIZE] & 1,
            (name[:DIGEST_SIZE] for name in names),
        )


def _question(person: Person, address_keys: Sequence[str], tax_years: Sequence[int]) -> str:
    """All that the question to the index is made of: two items with the same text ask the same."""
    parts = (
        (person.tin, person.birth_date),
        person.given_names,
        sorted(person.surnames),
        person.given_alternatives,
        sorted(person.surname_alternatives),
        person.given_forms,
        person.surname_forms,
        address_keys,
        map(str, tax_years),
    )
    return _SEPARATOR.join(map(" ".join, parts))


def _names(person: Person) -> set[str]:
    """Each given name with each surname by which the item can meet a record; the two in the order of letters.

    A given name counts with the formal names of the published nickname table: a question by a nickname and the number,
    and another by the formal name and no number, are about one person.
    """
    name = parts_of(person)
    given = {*name.first_names, *(form.partition(" ")[0] for form in name.given_forms)}
    if len(name.given_names) > 1:
        given.add("".join(name.given_names[:2]))
    surnames = {*name.single_surnames, *(surname for form in name.surname_forms for surname in form.split())}
    formal = {head for first in given for head in formal_names(first)}
    return {
        f"{first} {surname}" if first < surname else f"{surname} {first}"
        for surname in surnames
        for first in formal
    }
