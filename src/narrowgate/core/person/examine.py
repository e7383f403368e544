"""A person as written, into the canonical form or into defects."""

from __future__ import annotations

from typing import NamedTuple

from narrowgate.core.person.birth_date import parse_birth_date
from narrowgate.core.person.exclusion_subjects import birth_date_subject, tin_subject
from narrowgate.core.person.identity import NameParts, identities
from narrowgate.core.person.model import ExaminedPerson, Person, PersonDefect, RawPerson
from narrowgate.core.person.name_order import may_bear_one_letter
from narrowgate.core.person.names import (
    MAX_LENGTH,
    NOT_UNDERSTOOD,
    NameReading,
    read_full_name,
    read_given_names,
    read_one_letter,
    read_surnames,
)
from narrowgate.core.person.tin import parse_tin


def examine_person(raw: RawPerson) -> ExaminedPerson:
    """A person whose every part is understood, or all defects in the order of ``PersonDefect``; never both.

    A person has a first given name and a surname, neither an initial nor a placeholder, and a TIN or a
    birth date. A malformed TIN or birth date is a defect even where the other one is good.

    Args:
        raw: the person's fields as written; the birth date in ISO 8601 form.
    """
    return examine_person_fields(*raw)


def examine_person_fields(
    given_names: str, surnames: str, full_name: str, birth_date: str, tin: str
) -> ExaminedPerson:
    """``examine_person`` of these fields, without an object for each of a million items."""
    given, family = _read_names(given_names, surnames, full_name)
    number, date = _read_identifiers(birth_date, tin)
    if defects := _defects(given, family, number, date):
        return ExaminedPerson(None, defects)
    return ExaminedPerson(
        Person(
            given.names,
            family.names,
            date or "",
            number or "",
            given.alternatives,
            family.alternatives,
            given.forms,
            family.forms,
        )
    )


class RecordedPerson(NamedTuple):
    """The person of a record, as an index needs one.

    Args:
        identities: under which the person can be asked for.
        subjects: of the TIN and of the birth date (``core.person.exclusion_subjects``); blank where there is none.
        tin_passed_over: the record has a TIN that cannot be one, and is kept under its birth date alone.
    """

    identities: tuple[str, ...]
    subjects: tuple[str, str]
    tin_passed_over: bool


class PersonDefects(NamedTuple):
    """Why the person of a record is not identified.

    Args:
        defects: at least one, in the order of ``PersonDefect``.
    """

    defects: tuple[PersonDefect, ...]


def examine_record(
    given_names: str, surnames: str, full_name: str, birth_date: str, tin: str
) -> RecordedPerson | PersonDefects:
    """The person of a record, or all defects; as ``examine``, without an object for each of millions.

    A TIN that cannot be one is no defect of a record that has a birth date: tax files hold placeholders there, and the
    birth date identifies the person without it. In an item it is one, for its author can be asked.
    """
    given, family = _read_names(given_names, surnames, full_name)
    number, date = _read_identifiers(birth_date, tin)
    passed_over = number is None and bool(date)
    if passed_over:
        number = ""
    if defects := _defects(given, family, number, date):
        return PersonDefects(defects)
    names = NameParts(
        given.names,
        (given.names[0], *given.alternatives),
        family.names,
        family.names + family.alternatives,
        given.forms,
        family.forms,
    )
    return RecordedPerson(
        identities(names, date or "", number or ""),
        (tin_subject(number) if number else "", birth_date_subject(date, family.names) if date else ""),
        passed_over,
    )


def _read_identifiers(birth_date: str, tin: str) -> tuple[str | None, str | None]:
    """TIN and birth date; ``None`` where one is malformed and ``""`` where it is missing."""
    number, date = tin and parse_tin(tin), birth_date and parse_birth_date(birth_date)
    return number or (None if tin.strip() else ""), date or (None if birth_date.strip() else "")


def _read_names(given_names: str, surnames: str, full_name: str) -> tuple[NameReading, NameReading]:
    given_names, surnames = given_names.strip(), surnames.strip()
    if len(given_names) > MAX_LENGTH or len(surnames) > MAX_LENGTH or len(full_name) > MAX_LENGTH:
        return NOT_UNDERSTOOD, NOT_UNDERSTOOD
    if given_names and surnames:
        given, family = read_given_names(given_names), read_surnames(surnames)
        if not given.names and may_bear_one_letter(family.names):
            given = read_one_letter(given_names) or given
        return given, family
    if given_names or surnames:
        only = given_names or surnames
        if "," in only:
            return read_full_name(only)
        return read_given_names(given_names), read_surnames(surnames)
    return read_full_name(full_name.strip())


def _defects(
    given: NameReading, surnames: NameReading, tin: str | None, birth_date: str | None
) -> tuple[PersonDefect, ...]:
    """All defects, in order; the identifiers as ``_read_identifiers`` gives them."""
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


def _name_defect(given: NameReading, surnames: NameReading) -> PersonDefect:
    if not (given.understood and surnames.understood):
        return PersonDefect.NAME_NOT_UNDERSTOOD
    if not given.written and not surnames.written:
        return PersonDefect.NAME_MISSING
    return PersonDefect.NAME_INCOMPLETE
