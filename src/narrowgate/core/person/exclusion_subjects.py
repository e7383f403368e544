"""Whom a record, an item or a suppression speaks of, coarsely: so that a person kept out stays out in every spelling.

26 USC 6103(i)(6) keeps some persons out of every answer. Identities are too fine for that: HAE JIN may be kept out and
HAEJIN asked about. So a subject of a birth date is the date and the consonants of the surnames, whatever their order,
spacing and umlauts, and whatever the given names: it also keeps out a twin, and the few that share birth date and
surname. That costs a confirmation, and the other way would cost a person.
"""

from __future__ import annotations

from functools import lru_cache

from narrowgate.core.person.model import Person
from narrowgate.core.person.name_order import is_exchangeable

_VOWELS = str.maketrans(dict.fromkeys("AEIOU", ""))


def tin_subject(tin: str) -> str:
    """The holder of a TIN.

    Args:
        tin: nine digits.
    """
    return f"T|{tin}"


def birth_date_subject(birth_date: str, surnames: tuple[str, ...]) -> str:
    """All who share a birth date and the consonants of their surnames.

    Args:
        birth_date: ISO 8601.
        surnames: canonical, not empty.
    """
    return f"B|{birth_date}|{_consonants(surnames)}"


def exclusion_subjects(person: Person) -> tuple[str, ...]:
    """Every subject that an item or a suppression speaks of: its TIN, and its birth date with the name in both orders.

    Args:
        person: identified.
    """
    found = [tin_subject(person.tin)] if person.tin else []
    if person.birth_date:
        found.append(birth_date_subject(person.birth_date, person.surnames))
        if is_exchangeable(person.given_names, person.surnames):
            found.append(birth_date_subject(person.birth_date, person.given_names))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1 << 15)
def _consonants(names: tuple[str, ...]) -> str:
    letters = "".join(names)
    return "".join(sorted(letters.translate(_VOWELS))) or letters[0]
