"""A person has a name and a TIN or a birth date, all of them well formed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.person.examine import PersonDefects, RecordedPerson, examine_person, examine_record
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.identity import record_identities
from narrowgate.core.person.model import Person, PersonDefect, RawPerson


def test_a_complete_person_is_examined_without_defects() -> None:
    examined = examine_person(RawPerson("Ana", "Reyes", "", "1980-02-29", "212-45-6789"))
    assert examined.defects == ()
    assert examined.person == Person(
        ("ANA",), ("REYES",), "1980-02-29", "212456789", given_forms=("ANA",), surname_forms=("REYES",)
    )


@pytest.mark.parametrize(("birth_date", "tin"), [("1980-02-29", ""), ("", "212456789"), ("", " 212456789 ")])
def test_a_birth_date_or_a_tin_is_enough_beside_a_name(birth_date: str, tin: str) -> None:
    assert examine_person(RawPerson("Ana", "Reyes", "", birth_date, tin)).defects == ()


def test_a_name_alone_identifies_nobody() -> None:
    assert examine_person(RawPerson("Ana", "Reyes")).defects == (PersonDefect.IDENTIFIER_MISSING,)


def test_a_malformed_birth_date_is_a_defect_beside_a_good_tin() -> None:
    examined = examine_person(RawPerson("Ana", "Reyes", "", "1980-02-30", "212456789"))
    assert (examined.person, examined.defects) == (None, (PersonDefect.BIRTH_DATE_MALFORMED,))


def test_a_malformed_tin_is_a_defect_beside_a_good_birth_date() -> None:
    examined = examine_person(RawPerson("Ana", "Reyes", "", "1980-02-28", "000456789"))
    assert (examined.person, examined.defects) == (None, (PersonDefect.TIN_MALFORMED,))


def test_every_defect_is_named_at_once() -> None:
    examined = examine_person(RawPerson("A", "Reyes", "", "2/3/80", "12-3456789"))
    assert examined.defects == (
        PersonDefect.NAME_INCOMPLETE,
        PersonDefect.TIN_MALFORMED,
        PersonDefect.BIRTH_DATE_MALFORMED,
    )


def test_a_person_without_anything_has_neither_name_nor_identifier() -> None:
    assert examine_person(RawPerson()).defects == (PersonDefect.NAME_MISSING, PersonDefect.IDENTIFIER_MISSING)


GIVEN_NAMES = (
    "",
    " ",
    "Ana",
    "José Luis",
    "Jean-Pierre",
    "Mr John",
    "O",
    "Baby Boy",
    "МАРИЯ",
    "Reyes, Ana",
    "X" * 501,
)
SURNAMES = (
    "",
    "Reyes",
    "García de la Cruz",
    "GARCIA GARCIA",
    "Smith-Jones",
    "O'Brien",
    "UNKNOWN",
    "1",
    "Y" * 501,
)


@given(
    st.sampled_from(GIVEN_NAMES),
    st.sampled_from(SURNAMES),
    st.sampled_from(("", "Ana Reyes", "REYES, ANA", "Z" * 501)),
    st.sampled_from(("", " ", "1980-02-29", "1980-02-30", "2/3/80")),
    st.sampled_from(("", " ", "212-45-6789", "000456789", "12-3456789")),
)
def test_a_record_is_examined_as_every_person_is_but_for_a_tin_that_cannot_be_one(
    given_names: str, surnames: str, full_name: str, birth_date: str, tin: str
) -> None:
    cells = given_names, surnames, full_name, birth_date, tin
    recorded = examine_record(*cells)
    examined = examine_person(RawPerson(*cells))
    passed_over = PersonDefect.TIN_MALFORMED in examined.defects and birth_date == "1980-02-29"
    if passed_over:
        examined = examine_person(RawPerson(given_names, surnames, full_name, birth_date))
    if examined.person is None:
        assert recorded == PersonDefects(examined.defects)
    else:
        assert isinstance(recorded, RecordedPerson)
        assert recorded.tin_passed_over is passed_over
        assert recorded.identities == record_identities(examined.person)
        assert [subject for subject in recorded.subjects if subject] == list(
            exclusion_subjects(examined.person)
        )


def test_a_record_whose_tin_cannot_be_one_is_kept_under_its_birth_date_and_says_so() -> None:
    recorded = examine_record("Ana", "Reyes", "", "1980-02-29", "000000000")
    assert recorded == RecordedPerson(("B|1980-02-29|ANA|REYES|-",), ("", "B|1980-02-29|RSY"), True)
    for cells, defects in (
        (("Ana", "Reyes", "", ""), (PersonDefect.TIN_MALFORMED,)),
        (("Ana", "Reyes", "", "1980-02-30"), (PersonDefect.TIN_MALFORMED, PersonDefect.BIRTH_DATE_MALFORMED)),
        (("Ana", "", "", "1980-02-29"), (PersonDefect.NAME_INCOMPLETE,)),
    ):
        assert examine_record(*cells, "000000000") == PersonDefects(defects)
