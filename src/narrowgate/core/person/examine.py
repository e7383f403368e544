"""A person as written, into the canonical form or into defects."""

from __future__ import annotations

from narrowgate.core.person.birth_date import parse_birth_date
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


def examine(raw: RawPerson) -> ExaminedPerson:
    """A person whose every part is understood, or all defects in the order of ``PersonDefect``; never both.

    A person has a first given name and a surname, neither an initial nor a placeholder, and a TIN or a
    birth date. A malformed TIN or birth date is a defect even where the other one is good.

    Args:
        raw: the person's fields as written; the birth date in ISO 8601 form.
    """
    given, surnames = _read_names(raw)
    tin = parse_tin(raw.tin)
    birth_date = parse_birth_date(raw.birth_date)
    defects: list[PersonDefect] = []
    if not (given.names and surnames.names):
        defects.append(_name_defect(given, surnames))
    tin_written, birth_date_written = bool(raw.tin.strip()), bool(raw.birth_date.strip())
    if not tin_written and not birth_date_written:
        defects.append(PersonDefect.IDENTIFIER_MISSING)
    if tin_written and tin is None:
        defects.append(PersonDefect.TIN_MALFORMED)
    if birth_date_written and birth_date is None:
        defects.append(PersonDefect.BIRTH_DATE_MALFORMED)
    if defects:
        return ExaminedPerson(None, tuple(defects))
    return ExaminedPerson(
        Person(
            given.names,
            surnames.names,
            birth_date or "",
            tin or "",
            given.alternatives,
            surnames.alternatives,
        )
    )


def _read_names(raw: RawPerson) -> tuple[Reading, Reading]:
    given, surnames = raw.given_names.strip(), raw.surnames.strip()
    if max(len(given), len(surnames), len(raw.full_name)) > MAX_LENGTH:
        return NOT_UNDERSTOOD, NOT_UNDERSTOOD
    if given and surnames:
        return read_given_names(given), read_surnames(surnames)
    if given or surnames:
        only = given or surnames
        if "," in only:
            return read_full_name(only)
        return read_given_names(given), read_surnames(surnames)
    return read_full_name(raw.full_name.strip())


def _name_defect(given: Reading, surnames: Reading) -> PersonDefect:
    if not (given.understood and surnames.understood):
        return PersonDefect.NAME_NOT_UNDERSTOOD
    if not given.written and not surnames.written:
        return PersonDefect.NAME_MISSING
    return PersonDefect.NAME_INCOMPLETE
