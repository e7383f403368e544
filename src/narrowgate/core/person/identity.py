"""The identities of a person: what a record keeps and what a request asks.

Three keys identify a person, and each has its identities:

- ``tin_and_birth_date``: both equal, and the first given name or one surname;
- ``tin``: the number equal, the first given name and one surname;
- ``birth_date``: the date equal, the first given name, every surname in any order, and a second given name where both
  sides have one.

A name alone identifies nobody. The strings enter a keyed hash (``core/matching/token.py``) and are never written
anywhere.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from narrowgate.core.person.model import Person
from narrowgate.core.person.name_order import exchanged
from narrowgate.core.person.nicknames import nickname_equals

_NO_SECOND = "-"
_ANY_SECOND = "+"


class IdentityKey(StrEnum):
    """What an item may identify a person by, beside the name (rule R-69)."""

    TIN = "tin"
    BIRTH_DATE = "birth_date"
    TIN_AND_BIRTH_DATE = "tin_and_birth_date"


EVERY_KEY = tuple(IdentityKey)

_TIN, _BIRTH_DATE, _BOTH = IdentityKey.TIN, IdentityKey.BIRTH_DATE, IdentityKey.TIN_AND_BIRTH_DATE
"""By these names: to look a member of an enumeration up takes Python 3.11 as long as a hash."""


class NameParts(NamedTuple):
    """A name as identities need it.

    Args:
        given_names: canonical, in order.
        first_names: all that count as the first given name beside a TIN, its own first.
        surnames: canonical, in order.
        single_surnames: all that count as one surname beside a TIN.
        given_forms: as compared beside a birth date (``core/person/names.Reading.forms``).
        surname_forms: likewise.
    """

    given_names: tuple[str, ...]
    first_names: tuple[str, ...]
    surnames: tuple[str, ...]
    single_surnames: tuple[str, ...]
    given_forms: tuple[str, ...]
    surname_forms: tuple[str, ...]


def parts_of(person: Person) -> NameParts:
    """The name of an identified person."""
    return NameParts(
        person.given_names,
        (person.given_names[0], *person.given_alternatives),
        person.surnames,
        (*person.surnames, *person.surname_alternatives),
        person.given_forms or (person.given_names[0],),
        person.surname_forms or (" ".join(sorted(person.surnames)),),
    )


def record_identities(person: Person) -> tuple[str, ...]:
    """Every identity under which a tax record's person can be asked for; distinct, in a fixed order.

    Args:
        person: an identified person of a record.
    """
    return identities(parts_of(person), person.birth_date, person.tin)


def identities(name: NameParts, birth_date: str, tin: str) -> tuple[str, ...]:
    """``record_identities`` of a person with this name: those of the TIN, of both, and of the birth date.

    Args:
        name: of the person.
        birth_date: ISO 8601, or blank.
        tin: nine digits, or blank; one of the two is there.
    """
    if tin and birth_date and len(name.given_forms) == len(name.single_surnames) == 1:
        # Most persons; the general way gives the same.
        (form,), (surname,) = name.given_forms, name.single_surnames
        first, _, second = form.partition(" ")
        both = f"TB|{tin}|{birth_date}|"
        beside_tin = f"T|{tin}|{first}|{surname}", f"{both}G|{first}", f"{both}S|{surname}"
        born = f"B|{birth_date}|{first}|{surname}|"
        return (*beside_tin, *[born + mark for mark in _kept_seconds(second)])
    found: list[str] = []
    if tin:
        found += _beside_tin(tin, name.first_names, name.single_surnames)
    if tin and birth_date:
        found += _beside_both(tin, birth_date, name.first_names, name.single_surnames)
    if birth_date:
        for form in name.given_forms:
            first, _, second = form.partition(" ")
            found += _beside_birth_date(birth_date, first, name.surname_forms, _kept_seconds(second))
    return tuple(dict.fromkeys(found))


def request_identities(person: Person, accepted: tuple[IdentityKey, ...] = EVERY_KEY) -> tuple[str, ...]:
    """The identities that a request asks: with a TIN those that hold the TIN only, else those of the birth date.

    Beside a TIN alone, every name that the published table makes equal to a first given name counts as it does; beside
    both, the surname finds a nickname. A number that contradicts is never passed over for the weaker identity.

    Args:
        person: an identified person of an item.
        accepted: the keys that the agreement accepts.
    """
    tin, birth_date = person.tin, person.birth_date
    if not tin:
        if _BIRTH_DATE not in accepted:
            return ()
        return tuple(dict.fromkeys(_asked_of_birth_date(parts_of(person), birth_date)))
    found: list[str] = []
    first_names = (person.given_names[0], *person.given_alternatives)
    surnames = (*person.surnames, *person.surname_alternatives)
    if _TIN in accepted:
        equal_names = tuple([equal for first in first_names for equal in nickname_equals(first)])
        found += _beside_tin(tin, equal_names, surnames)
    if birth_date and _BOTH in accepted:
        found += _beside_both(tin, birth_date, first_names, surnames)
    return tuple(dict.fromkeys(found))


_BY_BIRTH_DATE = frozenset({_BIRTH_DATE})
_BY_TIN = frozenset({_TIN})
_BY_BOTH = frozenset({_TIN, _BOTH})


def identifying_keys(person: Person) -> frozenset[IdentityKey]:
    """The keys of which an agreement must accept one, so that the person of an item can be asked about.

    Where there is a number, nothing without it is tried.
    """
    if not person.tin:
        return _BY_BIRTH_DATE
    return _BY_BOTH if person.birth_date else _BY_TIN


def _beside_tin(tin: str, first_names: tuple[str, ...], surnames: tuple[str, ...]) -> list[str]:
    return [f"T|{tin}|{first}|{surname}" for first in first_names for surname in surnames]


def _beside_both(
    tin: str, birth_date: str, first_names: tuple[str, ...], surnames: tuple[str, ...]
) -> list[str]:
    both = f"TB|{tin}|{birth_date}"
    return [f"{both}|G|{first}" for first in first_names] + [f"{both}|S|{name}" for name in surnames]


def _beside_birth_date(
    birth_date: str, first: str, surname_forms: tuple[str, ...] | list[str], seconds: tuple[str, ...]
) -> list[str]:
    return [f"B|{birth_date}|{first}|{surnames}|{second}" for surnames in surname_forms for second in seconds]


def _asked_of_birth_date(name: NameParts, birth_date: str) -> list[str]:
    other_given, other_surnames = exchanged(name.given_names, name.surnames)
    found: list[str] = []
    for given, surnames in ((name.given_forms, name.surname_forms), (other_given, other_surnames)):
        for form in given:
            first, _, second = form.partition(" ")
            found += _beside_birth_date(birth_date, first, tuple(surnames), _asked_seconds(second))
    return found


# Whether second given names agree, where both sides have one, is equality of marks: a record keeps what it could be
# taken for, a request asks what it may agree with. ``-`` is no second name, ``+`` any, ``E.`` the initial alone, ``E``
# any that begins with it. So no second name meets every one; an initial meets itself, none, and full names that begin
# with it; and a full name meets itself, none, and its initial.


def _kept_seconds(second: str) -> tuple[str, ...]:
    if not second:
        return (_NO_SECOND,)
    if len(second) == 1:
        return (_ANY_SECOND, f"{second}.")
    return (_ANY_SECOND, second[0], second)


def _asked_seconds(second: str) -> tuple[str, ...]:
    if not second:
        return (_NO_SECOND, _ANY_SECOND)
    if len(second) == 1:
        return (_NO_SECOND, f"{second}.", second)
    return (_NO_SECOND, f"{second[0]}.", second)
