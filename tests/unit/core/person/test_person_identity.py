"""What a record keeps and what a request asks."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.person.examine import examine
from narrowgate.core.person.identity import identities, record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson
from narrowgate.core.person.nicknames import nickname_equals


def person(given: str, surnames: str, born: str = "", tin: str = "") -> Person:
    found = examine(RawPerson(given, surnames, "", born, tin)).person
    assert found is not None
    return found


def test_a_record_keeps_one_identity_for_each_surname_beside_its_tin_and_one_for_its_birth_date() -> None:
    assert record_identities(person("Juan Carlos", "García de la Cruz", "1980-02-29", "212456789")) == (
        "T|212456789|JUAN|GARCIA",
        "T|212456789|JUAN|DELACRUZ",
        "T|212456789|JUAN|CRUZ",
        "T|212456789|JUAN|GARCIADELACRUZ",
        "B|1980-02-29|DELACRUZ GARCIA JUAN",
    )


def test_a_record_with_one_identifier_keeps_the_identities_of_that_one() -> None:
    assert record_identities(person("Ana", "Reyes", born="1980-02-29")) == ("B|1980-02-29|ANA REYES",)
    assert record_identities(person("Ana", "Reyes", tin="212456789")) == ("T|212456789|ANA|REYES",)


NAMES = st.text(string.ascii_uppercase, min_size=1, max_size=4)


@given(NAMES, NAMES)
def test_a_record_of_both_identifiers_keeps_the_identities_of_either(given_name: str, surname: str) -> None:
    def kept(birth_date: str, tin: str) -> tuple[str, ...]:
        return identities((given_name,), (), (surname,), (), birth_date, tin)

    assert kept("1980-02-29", "212456789") == kept("", "212456789") + kept("1980-02-29", "")


def test_a_request_with_a_tin_asks_nothing_else() -> None:
    asked = request_identities(person("Tony", "Reyes", "1980-02-29", "212456789"))
    assert "T|212456789|ANTHONY|REYES" in asked
    assert all(identity.startswith("T|212456789|") for identity in asked)
    assert len(asked) == len(set(asked)) == len(nickname_equals("TONY"))


def test_a_request_without_a_tin_asks_one_identity_and_no_nickname() -> None:
    assert request_identities(person("Tony", "Reyes", "1980-02-29")) == ("B|1980-02-29|REYES TONY",)


def test_a_double_given_name_is_asked_run_together_too() -> None:
    record = record_identities(person("MARYANN", "Reyes", tin="212456789"))
    assert not set(record).isdisjoint(request_identities(person("Mary Ann", "Reyes", tin="212456789")))


def test_a_middle_name_is_no_evidence() -> None:
    record = record_identities(person("Jorge Luis", "Reyes", "1980-02-29", "212456789"))
    assert set(record).isdisjoint(request_identities(person("Luis", "Reyes", "1980-02-29", "212456789")))
    assert set(record).isdisjoint(request_identities(person("Luis", "Reyes", "1980-02-29")))


def test_father_and_son_of_one_name_are_told_apart_by_tin_and_by_birth_date() -> None:
    father = record_identities(person("Juan", "Reyes Sr", "1950-01-02", "212456789"))
    for son in (
        person("Juan", "Reyes Jr", "1980-01-02", "212456780"),
        person("Juan", "Reyes Jr", "1980-01-02"),
    ):
        assert set(father).isdisjoint(request_identities(son))


def test_the_record_of_another_tin_does_not_answer_although_name_and_birth_date_agree() -> None:
    record = record_identities(person("Ana", "Reyes", "1980-02-29", "212456789"))
    assert set(record).isdisjoint(request_identities(person("Ana", "Reyes", "1980-02-29", "912704321")))


def substitutions(text: str, alphabet: str) -> list[str]:
    return [
        text[:i] + letter + text[i + 1 :]
        for i in range(len(text))
        for letter in alphabet
        if letter != text[i]
    ]


def edits(name: str) -> list[str]:
    dropped = [name[:i] + name[i + 1 :] for i in range(len(name))]
    swapped = [name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(len(name) - 1)]
    return [
        text for text in [*substitutions(name, string.ascii_uppercase), *dropped, *swapped] if text != name
    ]


@pytest.mark.parametrize(
    ("given", "surname"), [("ROSALINDA", "HERNANDEZ"), ("WEI", "CHEN"), ("OMAR", "DELACRUZ")]
)
def test_no_edit_of_a_surname_shares_an_identity(given: str, surname: str) -> None:
    record = set(record_identities(person(given, surname, "1984-11-07", "212456789")))
    for written in edits(surname):
        for asked in (
            RawPerson(given, written, "", "", "212456789"),
            RawPerson(given, written, "", "1984-11-07"),
        ):
            found = examine(asked).person
            assert found is None or record.isdisjoint(request_identities(found)), written


@pytest.mark.parametrize(
    ("given", "surname"), [("ROSALINDA", "HERNANDEZ"), ("WEI", "CHEN"), ("SUSAN", "OKAFOR")]
)
def test_no_edit_of_a_given_name_shares_an_identity_unless_the_published_table_says_so(
    given: str, surname: str
) -> None:
    record = set(record_identities(person(given, surname, "1984-11-07", "212456789")))
    for written in edits(given):
        beside_tin = examine(RawPerson(written, surname, "", "", "212456789")).person
        if beside_tin is not None and given not in nickname_equals(beside_tin.given_names[0]):
            assert record.isdisjoint(request_identities(beside_tin)), written
        beside_date = examine(RawPerson(written, surname, "", "1984-11-07")).person
        assert beside_date is None or record.isdisjoint(request_identities(beside_date)), written


def test_no_change_of_a_digit_of_the_tin_shares_an_identity() -> None:
    record = set(record_identities(person("Ana", "Reyes", "1984-11-07", "212456789")))
    for tin in substitutions("212456789", string.digits):
        found = examine(RawPerson("Ana", "Reyes", "", "1984-11-07", tin)).person
        assert found is None or record.isdisjoint(request_identities(found)), tin


def test_no_change_of_a_digit_of_the_birth_date_shares_an_identity() -> None:
    record = set(record_identities(person("Ana", "Reyes", "1984-11-07")))
    for date in substitutions("1984-11-07", string.digits):
        found = examine(RawPerson("Ana", "Reyes", "", date)).person
        assert found is None or record.isdisjoint(request_identities(found)), date
