"""A person as written, into the canonical form or into defects."""

from __future__ import annotations

from typing import NamedTuple

from narrowgate.core.person.birth_date import parse_birth_date
from narrowgate.core.person.identity import identities
from narrowgate.core.person.model import ExaminedPerson, Person, PersonDefect, RawPerson
from narrowgate.core.person.names import (
    MAX_LENGTH,
    NOT_UNDERSTOOD,
    Reading,
    read_full_name,
    read_given_names,
    read_surnames,
)
from narrowgate.core.person.tin import parse_tin


class ExaminedRecord(NamedTuple):
    """The identities of a tax record's person, or defects, never both."""

    identities: tuple[str, ...] = ()
    defects: tuple[PersonDefect, ...] = ()


def examine(raw: RawPerson) -> ExaminedPerson:
    """A person whose every part is understood, or all defects in the order of ``PersonDefect``; never both.

    A person has a first given name and a surname, neither an initial nor a placeholder, and a TIN or a
    birth date. A malformed TIN or birth date is a defect even where the other one is good.

    Args:
        raw: the person's fields as written; the birth date in ISO 8601 form.
    """
    given, surnames = _read_names(raw.given_names, raw.surnames, raw.full_name)
    tin, birth_date = parse_tin(raw.tin), parse_birth_date(raw.birth_date)
    if defects := _defects(given, surnames, raw.tin.strip() and tin, raw.birth_date.strip() and birth_date):
        return ExaminedPerson(None, defects)
    names, alternatives = given.names, given.alternatives
    return ExaminedPerson(
        Person(names, surnames.names, birth_date or "", tin or "", alternatives, surnames.alternatives)
    )


def examine_record(
    given_names: str, surnames: str, full_name: str, birth_date: str, tin: str
) -> ExaminedRecord:
    """As ``examine``, and ``record_identities`` of the person: without an object for each of millions."""
    given, family = _read_names(given_names, surnames, full_name)
    number, date = parse_tin(tin), parse_birth_date(birth_date)
    if defects := _defects(given, family, tin.strip() and number, birth_date.strip() and date):
        return ExaminedRecord((), defects)
    return ExaminedRecord(
        identities(
            given.names, given.alternatives, family.names, family.alternatives, date or "", number or ""
        )
    )


def _read_names(given_names: str, surnames: str, full_name: str) -> tuple[Reading, Reading]:
    given_names, surnames = given_names.strip(), surnames.strip()
    if len(given_names) > MAX_LENGTH or len(surnames) > MAX_LENGTH or len(full_name) > MAX_LENGTH:
        return NOT_UNDERSTOOD, NOT_UNDERSTOOD
    if given_names and surnames:
        return read_given_names(given_names), read_surnames(surnames)
    if given_names or surnames:
        only = given_names or surnames
        if "," in only:
            return read_full_name(only)
        return read_given_names(given_names), read_surnames(surnames)
    return read_full_name(full_name.strip())


def _defects(
    given: Reading, surnames: Reading, tin: str | None, birth_date: str | None
) -> tuple[PersonDefect, ...]:
    """All defects, in order; an identifier is ``None`` where it is malformed and ``""`` where it is missing."""
    if given.names and surnames.names and tin is not None and birth_date is not None and (tin or birth_date):
        return ()
    defects: list[PersonDefect] = []
    if not (given.names and surnames.names):
        defects.append(_name_defect(given, surnames))
    if tin == "" and birth_date == "":
        defects.append(PersonDefect.IDENTIFIER_MISSING)
    if tin is None:
        defects.append(PersonDefect.TIN_MALFORMED)
    if birth_date is None:
        defects.append(PersonDefect.BIRTH_DATE_MALFORMED)
    return tuple(defects)


def _name_defect(given: Reading, surnames: Reading) -> PersonDefect:
    if not (given.understood and surnames.understood):
        return PersonDefect.NAME_NOT_UNDERSTOOD
    if not given.written and not surnames.written:
        return PersonDefect.NAME_MISSING
    return PersonDefect.NAME_INCOMPLETE
