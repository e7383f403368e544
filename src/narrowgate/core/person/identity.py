"""The identities of a person: what a record keeps and what a request asks.

With a TIN: TIN, first given name, one surname. Without: birth date, first given name and every surname in
any order. Middle names are no evidence, a name alone is none. The strings enter a keyed hash
(``core/token.py``) and are never written anywhere.
"""

from __future__ import annotations

from narrowgate.core.person.model import Person
from narrowgate.core.person.nicknames import nickname_equals


def record_identities(person: Person) -> tuple[str, ...]:
    """Every identity under which a tax record's person can be asked for; distinct, in a fixed order.

    Args:
        person: an identified person of a record.
    """
    identities: dict[str, None] = {}
    if person.tin:
        given_names = (person.given_names[0], *person.given_alternatives)
        identities.update(dict.fromkeys(_beside_tin(person, given_names)))
    if person.birth_date:
        identities[_beside_birth_date(person)] = None
    return tuple(identities)


def request_identities(person: Person) -> tuple[str, ...]:
    """The identities a request asks: with a TIN only those of the TIN, else the one of the birth date.

    The first given name stands for itself, for every name the published table makes equal, and for its
    double form run together (``MARY ANN`` asks ``MARYANN`` too).

    Args:
        person: an identified person of an item.
    """
    if not person.tin:
        return (_beside_birth_date(person),)
    double = ("".join(person.given_names[:2]),) if len(person.given_names) > 1 else ()
    given_names = (*nickname_equals(person.given_names[0]), *person.given_alternatives, *double)
    return tuple(dict.fromkeys(_beside_tin(person, given_names)))


def _beside_tin(person: Person, given_names: tuple[str, ...]) -> list[str]:
    surnames = (*person.surnames, *person.surname_alternatives)
    return [f"T|{person.tin}|{given}|{surname}" for given in given_names for surname in surnames]


def _beside_birth_date(person: Person) -> str:
    return f"B|{person.birth_date}|{' '.join(sorted((person.given_names[0], *person.surnames)))}"
