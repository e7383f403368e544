"""Names out of public bug reports: none of the different ones meets, and every same one does, both ways round."""

import csv

import pytest

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson
from support.labelled_data import LABELLED

CASES = LABELLED / "field_cases.csv"

pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="FIELD CASES NOT RUN: field_cases.csv is not here (NARROWGATE_DATA)"
)

IDENTIFIED = {
    "person TIN": RawPerson(tin="212456789"),
    "person birth date only": RawPerson(birth_date="1980-02-29"),
}


def cases(expected: str) -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return [
            row for row in csv.DictReader(file) if row["kind"] in IDENTIFIED and row["expected"] == expected
        ]


def person(text: str, kind: str) -> Person:
    given_names, _, surnames = text.partition(" / ")
    found = examine_person(IDENTIFIED[kind]._replace(given_names=given_names, surnames=surnames)).person
    assert found is not None, text
    return found


def meetings(row: dict[str, str]) -> list[bool]:
    one, other = person(row["a"], row["kind"]), person(row["b"], row["kind"])
    return [
        not set(record_identities(record)).isdisjoint(request_identities(request))
        for record, request in ((one, other), (other, one))
    ]


def test_no_two_different_persons_meet() -> None:
    assert [row for row in cases("different") if any(meetings(row))] == []


def test_every_person_is_found_in_the_other_spelling() -> None:
    assert [row for row in cases("same") if not all(meetings(row))] == []
