"""Keyed digests under which the history knows persons, addresses, reasons and questions.

The history key is another key than the index key: whoever steals one learns nothing about the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from narrowgate.core.base.mac import MacKey
from narrowgate.core.eligibility.history.keys import ABSENT, DIGEST_SIZE, KINDS, record_of
from narrowgate.core.eligibility.history.reason_text import counted_reason
from narrowgate.core.person.alien_number import parse_alien_number
from narrowgate.core.person.model import Person
from narrowgate.core.person.nicknames import formal_names

_LABEL: Final = b"narrowgate history 2\x1f"
_SEPARATOR: Final = "\x1f"
_NOT_ALPHANUMERIC: Final = bytes(
    code for code in range(128) if chr(code) not in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


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
        """The digests of one item.

        Args:
            person: canonical form.
            numbers: alien number and number of the removal order.
            address_keys: as for ``records``, of one item, as are the others.
            tax_years: likewise.
            reason: likewise.
        """
        return self.records([person], [numbers[0]], [numbers[1]], [address_keys], [tax_years], [reason])[0]

    def records(
        self,
        persons: Sequence[Person],
        alien_numbers: Sequence[str],
        order_numbers: Sequence[str],
        address_keys: Sequence[Sequence[str]],
        tax_years: Sequence[Sequence[int]],
        reasons: Sequence[str],
    ) -> list[bytes]:
        """Of each admitted item its digests (``HistoryKeys.append``); pure, so it can run in any process.

        By columns: one value of each item, side by side.

        Args:
            persons: canonical forms.
            alien_numbers: as written; counted as ``core.person.alien_number`` reads them.
            order_numbers: of the removal orders, as written; counted with their letters and digits.
            address_keys: of the delivery points (``core.address.keys``). The first key of each, which is that of its
                own locality, is the address that is charged: the city counts only without a ZIP, where it is evidence.
            tax_years: that the items name.
            reasons: as written; counted with their letters as a reader sees them (``reason_text``, R-25).
        """
        *column_keys, question_key, name_key = self._keys
        blank = [b""] * len(persons)
        values = [blank] * (len(column_keys) - 1)
        if self._subjects:
            values = [
                [person.tin.encode() for person in persons],
                [parse_alien_number(number).encode() for number in alien_numbers],
                [
                    number.upper().encode("ascii", "ignore").translate(None, _NOT_ALPHANUMERIC)
                    for number in order_numbers
                ],
                [person.birth_date.encode() for person in persons],
                [own[0].encode() for own in address_keys],
            ]
        values.append([counted_reason(reason).encode() for reason in reasons])
        columns = [_digests(key, texts) for key, texts in zip(column_keys, values, strict=True)]
        asked = map(_question, persons, address_keys, tax_years)
        questions = question_key.macs(b"", [text.encode() for text in asked])
        born = list(map(_born_as, persons)) if self._subjects else [[] for _ in persons]
        names = iter(name_key.macs(b"", [text.encode() for texts in born for text in texts], DIGEST_SIZE))
        return [
            record_of((*head, question[:DIGEST_SIZE]), question[DIGEST_SIZE] & 1, islice(names, len(texts)))
            for texts, question, *head in zip(born, questions, *columns, strict=True)
        ]


def _digests(key: MacKey, values: Sequence[bytes]) -> list[bytes]:
    """The digest of each value; ``ABSENT`` for a blank one."""
    macs = key.macs(b"", filter(None, values), DIGEST_SIZE)
    if len(macs) == len(values):
        return macs
    of_values = iter(macs)
    return [next(of_values) if value else ABSENT for value in values]


def _question(person: Person, address_keys: Sequence[str], tax_years: Sequence[int]) -> str:
    """All that the question to the index is made of: two items with the same text ask the same."""
    given, surnames, birth_date, tin, given_others, surname_others, given_forms, surname_forms = person
    parts = (
        f"{tin} {birth_date}",
        " ".join(given),
        " ".join(surnames if len(surnames) < 2 else sorted(surnames)),
        " ".join(given_others),
        " ".join(sorted(surname_others)) if surname_others else "",
        " ".join(given_forms),
        " ".join(surname_forms),
        " ".join(address_keys),
        " ".join(map(str, tax_years)),
    )
    return _SEPARATOR.join(parts)


def _born_as(person: Person) -> list[str]:
    """The birth date with each given name and surname by which the item can meet a record, sorted; none without it.

    Of the two names the one that comes first in the order of letters is written first.
    """
    birth_date = person.birth_date
    if not birth_date:
        return []
    given = person.given_names
    if len(given) > 1 or person.given_alternatives or person.given_forms != given:
        given = _formal_given_names(given, person.given_alternatives, person.given_forms)
    else:
        given = formal_names(given[0])
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
