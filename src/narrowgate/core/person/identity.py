"""The identities of a person: what a record keeps and what a request asks.

With a TIN: TIN, first given name, one surname. Without: birth date, first given name and every surname in
any order. Middle names are no evidence, a name alone is none. The strings enter a keyed hash
(``core/matching/token.py``) and are never written anywhere.
"""

from __future__ import annotations

from narrowgate.core.person.model import Person
from narrowgate.core.person.nicknames import nickname_equals


def record_identities(person: Person) -> tuple[str, ...]:
    """Every identity under which a tax record's person can be asked for; distinct, in a fixed order.

    Args:
        person: an identified person of a record.
    """
    return identities(
        person.given_names,
        person.given_alternatives,
        person.surnames,
        person.surname_alternatives,
        person.birth_date,
        person.tin,
    )


def identities(
    given_names: tuple[str, ...],
    given_alternatives: tuple[str, ...],
    surnames: tuple[str, ...],
    surname_alternatives: tuple[str, ...],
    birth_date: str,
    tin: str,
) -> tuple[str, ...]:
    """``record_identities`` of a person with these parts; those of the TIN come first."""
    first = given_names[0]
    if len(surnames) == 1 and not surname_alternatives and not given_alternatives and tin and birth_date:
        # Most persons; the general way gives the same two.
        (surname,) = surnames
        last = f"{first} {surname}" if first < surname else f"{surname} {first}"
        return f"T|{tin}|{first}|{surname}", f"B|{birth_date}|{last}"
    found: list[str] = []
    if tin:
        found = _beside_tin(tin, (first, *given_alternatives), (*surnames, *surname_alternatives))
    if birth_date:
        found.append(_beside_birth_date(birth_date, first, surnames))
    return tuple(dict.fromkeys(found))


def request_identities(person: Person) -> tuple[str, ...]:
    """The identities a request asks: with a TIN only those of the TIN, else the one of the birth date.

    The first given name stands for itself, for every name the published table makes equal, and for its
    double form run together (``MARY ANN`` asks ``MARYANN`` too).

    Args:
        person: an identified person of an item.
    """
    if not person.tin:
        return (_beside_birth_date(person.birth_date, person.given_names[0], person.surnames),)
    double = ("".join(person.given_names[:2]),) if len(person.given_names) > 1 else ()
    given_names = (*nickname_equals(person.given_names[0]), *person.given_alternatives, *double)
    surnames = (*person.surnames, *person.surname_alternatives)
    return tuple(dict.fromkeys(_beside_tin(person.tin, given_names, surnames)))


def _beside_tin(tin: str, given_names: tuple[str, ...], surnames: tuple[str, ...]) -> list[str]:
    return [f"T|{tin}|{given}|{surname}" for given in given_names for surname in surnames]


def _beside_birth_date(birth_date: str, given_name: str, surnames: tuple[str, ...]) -> str:
    return f"B|{birth_date}|{' '.join(sorted((given_name, *surnames)))}"
