"""A person has a name and a TIN or a birth date, all of them well formed."""

import pytest

from narrowgate.core.person.examine import examine
from narrowgate.core.person.model import Person, PersonDefect, RawPerson


def test_a_complete_person_is_examined_without_defects() -> None:
    examined = examine(RawPerson("Ana", "Reyes", "", "1980-02-29", "212-45-6789"))
    assert examined.defects == ()
    assert examined.person == Person(("ANA",), ("REYES",), "1980-02-29", "212456789")


@pytest.mark.parametrize(("birth_date", "tin"), [("1980-02-29", ""), ("", "212456789"), ("", " 212456789 ")])
def test_a_birth_date_or_a_tin_is_enough_beside_a_name(birth_date: str, tin: str) -> None:
    assert examine(RawPerson("Ana", "Reyes", "", birth_date, tin)).defects == ()


def test_a_name_alone_identifies_nobody() -> None:
    assert examine(RawPerson("Ana", "Reyes")).defects == (PersonDefect.IDENTIFIER_MISSING,)


def test_a_malformed_birth_date_is_a_defect_beside_a_good_tin() -> None:
    examined = examine(RawPerson("Ana", "Reyes", "", "1980-02-30", "212456789"))
    assert (examined.person, examined.defects) == (None, (PersonDefect.BIRTH_DATE_MALFORMED,))


def test_a_malformed_tin_is_a_defect_beside_a_good_birth_date() -> None:
    examined = examine(RawPerson("Ana", "Reyes", "", "1980-02-28", "000456789"))
    assert (examined.person, examined.defects) == (None, (PersonDefect.TIN_MALFORMED,))


def test_every_defect_is_named_at_once() -> None:
    examined = examine(RawPerson("A", "Reyes", "", "2/3/80", "12-3456789"))
    assert examined.defects == (
        PersonDefect.NAME_INCOMPLETE,
        PersonDefect.TIN_MALFORMED,
        PersonDefect.BIRTH_DATE_MALFORMED,
    )


def test_a_person_without_anything_has_neither_name_nor_identifier() -> None:
    assert examine(RawPerson()).defects == (PersonDefect.NAME_MISSING, PersonDefect.IDENTIFIER_MISSING)
