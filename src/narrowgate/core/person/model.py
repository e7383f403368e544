"""A person as an item or a tax record names one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RawPerson:
    """A person as somebody wrote one: text. ``full_name`` stands instead of the two name fields."""

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


@dataclass(frozen=True, slots=True)
class Person:
    """An identified person in canonical form (folded to A-Z; digits only in ``tin``; ISO ``birth_date``).

    ``given_names`` and ``surnames`` are name tokens without particles' spaces, suffixes (JR, III), titles
    and initials. The two tuples of alternatives hold the same names otherwise spaced (``CRUZ`` for
    ``DELACRUZ``, ``GARCIALOPEZ`` for ``GARCIA LOPEZ``, ``JEANPIERRE`` for ``JEAN-PIERRE``): evidence beside
    a TIN only.
    """

    given_names: tuple[str, ...]
    surnames: tuple[str, ...]
    birth_date: str = ""
    tin: str = ""
    given_alternatives: tuple[str, ...] = ()
    surname_alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExaminedPerson:
    """What the canonical form makes of one person: a person, or defects, never both."""

    person: Person | None
    defects: tuple[PersonDefect, ...] = ()
