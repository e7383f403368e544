"""Keyed digests under which the history knows persons, addresses, reasons and questions.

The history key is another key than the index key: whoever steals one learns nothing about the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from narrowgate.core.base.mac import MacKey
from narrowgate.core.eligibility.history.keys import ABSENT, DIGEST_SIZE, KINDS, record_of
from narrowgate.core.eligibility.history.reason_text import counted_reason
from narrowgate.core.person.alien_number import parse_alien_number
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


class Charged(NamedTuple):
    """What an admitted item is charged by.

    Args:
        person: canonical form.
        numbers: alien number and number of the removal order, as written. The one counts as
            ``core.person.alien_number`` reads it, the other with its letters and digits.
        address_keys: of the delivery point (``core.address.keys``). The first one, which is that of its own
            locality, is the address that is charged: the city counts only without a ZIP, where it is evidence.
        tax_years: that the item names.
        reason: as written; counts with its letters as a reader sees them (``reason_text``, R-25).
    """

    person: Person
    numbers: tuple[str, str]
    address_keys: Sequence[str]
    tax_years: Sequence[int]
    reason: str


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
        """The digests of one item; the arguments are those of ``Charged``."""
        return self.records([Charged(person, numbers, address_keys, tax_years, reason)])[0]

    def records(self, items: Sequence[Charged]) -> list[bytes]:
        """Of each item its digests (``HistoryKeys.append``); pure, so it can run in any process.

        Args:
            items: admitted.
        """
        *column_keys, question_key, name_key = self._keys
        blank = [""] * len(items)
        values = [blank] * (len(column_keys) - 1)
        if self._subjects:
            values = [
                [item.person.tin for item in items],
                [parse_alien_number(item.numbers[0]) for item in items],
                [_NOT_ALPHANUMERIC.sub("", item.numbers[1].upper()) for item in items],
                [item.person.birth_date for item in items],
                [item.address_keys[0] for item in items],
            ]
        values.append([counted_reason(item.reason) for item in items])
        columns = [_digests(key, texts) for key, texts in zip(column_keys, values, strict=True)]
        questions = question_key.macs(b"", [_question(item).encode() for item in items])
        born = [_born_as(item.person) if self._subjects else () for item in items]
        names = iter(name_key.macs(b"", [text.encode() for texts in born for text in texts], DIGEST_SIZE))
        return [
            record_of((*head, question[:DIGEST_SIZE]), question[DIGEST_SIZE] & 1, islice(names, len(texts)))
            for texts, question, *head in zip(born, questions, *columns, strict=True)
        ]


def _digests(key: MacKey, texts: Sequence[str]) -> list[bytes]:
    """The digest of each text; ``ABSENT`` for a blank one."""
    macs = key.macs(b"", [text.encode() for text in texts if text], DIGEST_SIZE)
    if len(macs) == len(texts):
        return macs
    of_texts = iter(macs)
    return [next(of_texts) if text else ABSENT for text in texts]


def _question(item: Charged) -> str:
    """All that the question to the index is made of: two items with the same text ask the same."""
    person = item.person
    tin, birth_date, given, surnames = person.tin, person.birth_date, person.given_names, person.surnames
    parts = (
        f"{tin} {birth_date}",
        " ".join(given),
        " ".join(surnames if len(surnames) < 2 else sorted(surnames)),
        " ".join(person.given_alternatives),
        " ".join(sorted(person.surname_alternatives)),
        " ".join(person.given_forms),
        " ".join(person.surname_forms),
        " ".join(item.address_keys),
        " ".join(map(str, item.tax_years)),
    )
    return _SEPARATOR.join(parts)


def _born_as(person: Person) -> list[str]:
    """The birth date with each given name and surname by which the item can meet a record, sorted; none without it.

    Of the two names the one that comes first in the order of letters is written first.
    """
    birth_date = person.birth_date
    if not birth_date:
        return []
    given = _formal_given_names(person.given_names, person.given_alternatives, person.given_forms)
    surnames: Collection[str] = person.surnames
    if len(surnames) > 1 or person.surname_alternatives or person.surname_forms != surnames:
        surnames = _every_surname(person.surnames, person.surname_alternatives, person.surname_forms)
    pairs = [
        f"{birth_date} {first} {surname}" if first < surname else f"{birth_date} {surname} {first}"
        for surname in surnames
        for first in given
    ]
    return sorted(set(pairs)) if len(pairs) > 1 else pairs


@lru_cache(maxsize=1 << 15)
def _formal_given_names(
    names: tuple[str, ...], alternatives: tuple[str, ...], forms: tuple[str, ...]
) -> tuple[str, ...]:
    """Each given name by which the item can meet a record, with the formal names of the published nickname table.

    A question by a nickname and the number, and another by the formal name and no number, are about one person.
    """
    given = {names[0], *alternatives}
    given.update([form.partition(" ")[0] for form in forms])
    if len(names) > 1:
        given.add("".join(names[:2]))
    return tuple(sorted({head for first in given for head in formal_names(first)}))


def _every_surname(
    surnames: tuple[str, ...], alternatives: tuple[str, ...], forms: tuple[str, ...]
) -> set[str]:
    every = {*surnames, *alternatives}
    for form in forms:
        every.update(form.split())
    return every
