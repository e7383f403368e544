"""Who is kept out stays out in every spelling under which a record could be found."""

import pytest

from narrowgate.core.person.examine import RecordedPerson, examine_person, examine_record
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.model import Person, RawPerson

BORN, TIN = "1980-02-29", "212456789"


def person(given: str, surnames: str, tin: str = "", born: str = BORN) -> Person:
    found = examine_person(RawPerson(given, surnames, "", born, tin)).person
    assert found is not None
    return found


def test_a_person_is_spoken_of_by_tin_and_by_birth_date_with_the_consonants_of_the_surnames() -> None:
    assert exclusion_subjects(person("Ana", "Reyes Ortiz", TIN)) == (f"T|{TIN}", f"B|{BORN}|RRSTYZ")
    assert exclusion_subjects(person("Ana", "Reyes", TIN, born="")) == (f"T|{TIN}",)


@pytest.mark.parametrize(
    ("kept_out", "recorded"),
    [
        (("Hae Jin", "Kim"), ("Haejin", "Kim")),
        (("Hans", "Müller"), ("Hans", "Mueller")),
        (("Hans", "Mueller"), ("Hans", "Müller")),
        (("Rosa", "García López"), ("ROSA", "LOPEZGARCIA")),
        (("J Guadalupe", "Ruiz"), ("Guadalupe", "Ruiz")),
        (("Minh", "Nguyen"), ("Nguyen", "Minh")),
        (("Mary", "Smith (Jones)"), ("Mary", "Smith")),
        (("Jose", "Silva Filho"), ("Jose", "Silva")),
        (("Min", "O"), ("Min", "O")),
    ],
)
def test_a_record_in_another_spelling_of_a_person_kept_out_is_left_out(
    kept_out: tuple[str, str], recorded: tuple[str, str]
) -> None:
    record = examine_record(*recorded, "", BORN, "")
    assert isinstance(record, RecordedPerson)
    assert record.subjects[1] in exclusion_subjects(person(*kept_out))


def test_a_suppression_by_birth_date_also_meets_an_item_that_names_the_tin() -> None:
    by_name = exclusion_subjects(person("Ana", "Reyes"))
    assert not set(by_name).isdisjoint(exclusion_subjects(person("Ana", "Reyes", TIN)))
