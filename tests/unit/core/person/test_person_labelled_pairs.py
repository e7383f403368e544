"""Labelled name pairs (opensanctions/nomenklatura, MIT): similar names of different people do not meet."""

import csv

import pytest

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson
from support.labelled_data import LABELLED

DATA = LABELLED / "name_pairs.csv"

pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="the labelled pairs are not on this machine")

TIN, BORN = "212456789", "1980-02-29"
ALIKE_WITHOUT_THE_MIDDLE_NAME = 4


def meetings(first: str, second: str, tin: str = "", born: str = "") -> bool:
    one = examine_person(RawPerson(full_name=first, birth_date=BORN, tin=TIN)).person
    other = examine_person(RawPerson(full_name=second, birth_date=born, tin=tin)).person
    return _meet(one, other) if one and other else False


def _meet(record: Person, request: Person) -> bool:
    return not set(record_identities(record)).isdisjoint(request_identities(request))


def pairs(is_match: str) -> list[tuple[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return [(row["name1"], row["name2"]) for row in csv.DictReader(file) if row["is_match"] == is_match]


def test_different_persons_meet_beside_one_tin_only_where_their_middle_names_alone_differ() -> None:
    assert sum(meetings(*pair, tin=TIN) for pair in pairs("false")) == ALIKE_WITHOUT_THE_MIDDLE_NAME


def test_different_persons_do_not_meet_beside_one_birth_date() -> None:
    assert sum(meetings(*pair, born=BORN) for pair in pairs("false")) == 0


def test_spelling_that_is_only_dress_meets_beside_one_tin() -> None:
    assert sum(meetings(*pair, tin=TIN) for pair in pairs("true")) >= 32


def test_two_spellings_of_one_person_meet_beside_both_identifiers_twice_as_often() -> None:
    assert sum(meetings(*pair, tin=TIN, born=BORN) for pair in pairs("true")) >= 81
