"""What a record keeps and what a request asks."""

import string

import pytest

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import (
    IdentityKey,
    identifying_keys,
    identities,
    parts_of,
    record_identities,
    request_identities,
)
from narrowgate.core.person.model import Person, RawPerson
from narrowgate.core.person.nicknames import nickname_equals


def person(given: str, surnames: str, born: str = "", tin: str = "") -> Person:
    found = examine_person(RawPerson(given, surnames, "", born, tin)).person
    assert found is not None
    return found


def test_a_record_keeps_identities_of_its_tin_of_both_identifiers_and_of_its_birth_date() -> None:
    assert record_identities(person("Juan", "García de la Cruz", "1980-02-29", "212456789")) == (
        "T|212456789|JUAN|GARCIA",
        "T|212456789|JUAN|DELACRUZ",
        "T|212456789|JUAN|CRUZ",
        "T|212456789|JUAN|GARCIADELACRUZ",
        "TB|212456789|1980-02-29|G|JUAN",
        "TB|212456789|1980-02-29|S|GARCIA",
        "TB|212456789|1980-02-29|S|DELACRUZ",
        "TB|212456789|1980-02-29|S|CRUZ",
        "TB|212456789|1980-02-29|S|GARCIADELACRUZ",
        "B|1980-02-29|JUAN|DELACRUZ GARCIA|-",
        "B|1980-02-29|JUAN|GARCIADELACRUZ|-",
    )


def test_a_second_given_name_is_kept_beside_the_birth_date_as_all_that_it_may_be_asked_as() -> None:
    assert record_identities(person("Maria Elena", "Reyes", "1980-02-29")) == (
        "B|1980-02-29|MARIA|REYES|+",
        "B|1980-02-29|MARIA|REYES|E",
        "B|1980-02-29|MARIA|REYES|ELENA",
        "B|1980-02-29|MARIAELENA|REYES|-",
    )


def test_a_record_with_one_identifier_keeps_the_identities_of_that_one() -> None:
    assert record_identities(person("Ana", "Reyes", born="1980-02-29")) == ("B|1980-02-29|ANA|REYES|-",)
    assert record_identities(person("Ana", "Reyes", tin="212456789")) == ("T|212456789|ANA|REYES",)


def test_a_request_with_a_tin_asks_nothing_without_it() -> None:
    asked = request_identities(person("Tony", "Reyes", "1980-02-29", "212456789"))
    assert "T|212456789|ANTHONY|REYES" in asked
    assert "TB|212456789|1980-02-29|G|TONY" in asked
    assert "TB|212456789|1980-02-29|S|REYES" in asked
    assert all("212456789" in identity for identity in asked)
    assert len(asked) == len(set(asked)) == len(nickname_equals("TONY")) + 2


def test_a_request_without_a_tin_asks_its_birth_date_and_no_nickname() -> None:
    assert request_identities(person("Tony", "Reyes", "1980-02-29")) == (
        "B|1980-02-29|TONY|REYES|-",
        "B|1980-02-29|TONY|REYES|+",
    )


@pytest.mark.parametrize(
    ("accepted", "prefixes"),
    [
        ((IdentityKey.TIN,), {"T"}),
        ((IdentityKey.TIN_AND_BIRTH_DATE,), {"TB"}),
        ((IdentityKey.TIN_AND_BIRTH_DATE, IdentityKey.TIN), {"T", "TB"}),
        ((IdentityKey.BIRTH_DATE,), set()),
    ],
)
def test_a_request_asks_by_the_keys_that_the_agreement_accepts_and_never_past_its_number(
    accepted: tuple[IdentityKey, ...], prefixes: set[str]
) -> None:
    asked = request_identities(person("Ana", "Reyes", "1980-02-29", "212456789"), accepted)
    assert {identity.partition("|")[0] for identity in asked} == prefixes


def test_a_person_with_both_identifiers_may_be_known_by_the_number_or_by_both() -> None:
    tin, date = {"tin": "212456789"}, {"born": "1980-02-29"}
    assert identifying_keys(person("Ana", "Reyes", **tin)) == {IdentityKey.TIN}
    assert identifying_keys(person("Ana", "Reyes", **date)) == {IdentityKey.BIRTH_DATE}
    assert identifying_keys(person("Ana", "Reyes", **tin, **date)) == {
        IdentityKey.TIN,
        IdentityKey.TIN_AND_BIRTH_DATE,
    }


MARRIED, MISSPELT, TRANSLITERATED = ("Ana", "Smith"), ("Anna", "Reyes"), ("Anya", "Reyess")


@pytest.mark.parametrize(("names", "meets"), [(MARRIED, True), (MISSPELT, True), (TRANSLITERATED, False)])
def test_tin_and_birth_date_together_need_the_given_name_or_one_surname(
    names: tuple[str, str], meets: bool
) -> None:
    record = set(record_identities(person("Ana", "Reyes", "1980-02-29", "212456789")))
    assert record.isdisjoint(request_identities(person(*names, "1980-02-29", "212456789"))) is not meets
    assert record.isdisjoint(request_identities(person(*names, tin="212456789")))
    assert record.isdisjoint(request_identities(person(*names, "1980-02-28", "212456789")))
    assert record.isdisjoint(request_identities(person(*names, "1980-02-29", "212456788")))
    assert record.isdisjoint(request_identities(person(*names, "1980-02-29")))


def test_the_members_of_a_household_do_not_meet_under_each_others_numbers() -> None:
    filer = set(record_identities(person("Ana", "Reyes", "1980-02-29", "212456789")))
    spouse = person("Luis", "Reyes", "1979-05-01", "212456789")
    daughter = person("Ana", "Reyes", "2006-02-28", "313456789")
    assert filer.isdisjoint(request_identities(spouse))
    assert filer.isdisjoint(request_identities(daughter))


def test_a_double_given_name_is_asked_run_together_too() -> None:
    record = record_identities(person("MARYANN", "Reyes", tin="212456789"))
    assert not set(record).isdisjoint(request_identities(person("Mary Ann", "Reyes", tin="212456789")))


def test_a_middle_name_alone_is_no_evidence() -> None:
    record = record_identities(person("Jorge Luis", "Reyes", "1980-02-29", "212456789"))
    assert set(record).isdisjoint(request_identities(person("Luis", "Reyes", tin="212456789")))
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
            found = examine_person(asked).person
            assert found is None or record.isdisjoint(request_identities(found)), written


@pytest.mark.parametrize(
    ("given", "surname"), [("ROSALINDA", "HERNANDEZ"), ("WEI", "CHEN"), ("SUSAN", "OKAFOR")]
)
def test_no_edit_of_a_given_name_shares_an_identity_unless_the_published_table_says_so(
    given: str, surname: str
) -> None:
    record = set(record_identities(person(given, surname, "1984-11-07", "212456789")))
    for written in edits(given):
        beside_tin = examine_person(RawPerson(written, surname, "", "", "212456789")).person
        if beside_tin is not None and given not in nickname_equals(beside_tin.given_names[0]):
            assert record.isdisjoint(request_identities(beside_tin)), written
        beside_date = examine_person(RawPerson(written, surname, "", "1984-11-07")).person
        assert beside_date is None or record.isdisjoint(request_identities(beside_date)), written


def test_no_change_of_a_digit_of_the_tin_shares_an_identity() -> None:
    record = set(record_identities(person("Ana", "Reyes", "1984-11-07", "212456789")))
    for tin in substitutions("212456789", string.digits):
        found = examine_person(RawPerson("Ana", "Reyes", "", "1984-11-07", tin)).person
        assert found is None or record.isdisjoint(request_identities(found)), tin


def test_no_change_of_a_digit_of_the_birth_date_shares_an_identity() -> None:
    record = set(record_identities(person("Ana", "Reyes", "1984-11-07")))
    for date in substitutions("1984-11-07", string.digits):
        found = examine_person(RawPerson("Ana", "Reyes", "", date)).person
        assert found is None or record.isdisjoint(request_identities(found)), date


@pytest.mark.parametrize("given", ["Ana", "Ana E.", "Ana Elena"])
def test_the_short_way_of_most_persons_gives_what_the_general_way_gives(given: str) -> None:
    name = parts_of(person(given, "Reyes", "1980-02-29", "212456789"))
    twice = name._replace(given_forms=name.given_forms * 2, single_surnames=name.single_surnames * 2)
    assert identities(name, "1980-02-29", "212456789") == identities(twice, "1980-02-29", "212456789")
