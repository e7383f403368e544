"""A person as an item or a tax record names one."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class RawPerson(NamedTuple):
    """A person as somebody wrote one: text. ``full_name`` replaces the two name fields."""

    given_names: str = ""
    surnames: str = ""
    full_name: str = ""
    birth_date: str = ""
    tin: str = ""


class PersonDefect(StrEnum):
    """Why a person is not identified; every defect has one eligibility rule."""

    NAME_MISSING = "name_missing"
    NAME_INCOMPLETE = "name_incomplete"
    NAME_NOT_UNDERSTOOD = "name_not_understood"
    IDENTIFIER_MISSING = "identifier_missing"
    TIN_MALFORMED = "tin_malformed"
    BIRTH_DATE_MALFORMED = "birth_date_malformed"


class Person(NamedTuple):
    """An identified person in canonical form (folded to A-Z; digits only in ``tin``; ISO ``birth_date``).

    Args:
        given_names: name tokens without particles' spaces, suffixes (JR, III), titles and initials.
        surnames: likewise.
        birth_date: ISO 8601, or blank.
        tin: nine digits, or blank.
        given_alternatives: the first given name in other spacings and spellings (``JEANPIERRE`` for JEAN PIERRE):
            evidence beside a TIN.
        surname_alternatives: likewise (``CRUZ`` for DELACRUZ, ``GARCIALOPEZ`` for GARCIA LOPEZ), and former surnames.
        given_forms: the given names as they are compared beside a birth date (``core/person/names.Reading.forms``);
            where there are none, the first given name.
        surname_forms: likewise; where there are none, the surnames in alphabetical order.
    """

    given_names: tuple[str, ...]
    surnames: tuple[str, ...]
    birth_date: str = ""
    tin: str = ""
    given_alternatives: tuple[str, ...] = ()
    surname_alternatives: tuple[str, ...] = ()
    given_forms: tuple[str, ...] = ()
    surname_forms: tuple[str, ...] = ()


class ExaminedPerson(NamedTuple):
    """What the canonical form makes of one person: a person, or defects, never both."""

    person: Person | None
    defects: tuple[PersonDefect, ...] = ()
