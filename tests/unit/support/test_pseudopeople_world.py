"""The simulated tax file and its questions: the same every time, eligible, and decided rightly by the match rule."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress
from narrowgate.core.eligibility.examine import Refused, examine_item
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from narrowgate.core.taxfile.mapping import parse_mapping
from support.pseudopeople_cases import OFFICERS
from support.pseudopeople_questions import KINDS, Truth
from support.pseudopeople_world import World, build
from support.requests import lifted_agreement

pytestmark = pytest.mark.skipif(find_spec("pseudopeople") is None, reason="pseudopeople is not installed")

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("world"), people=3000, items=1200, seed=11, today=TODAY)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_the_same_arguments_write_the_same_bytes(world: World, tmp_path: Path) -> None:
    again = build(tmp_path, people=3000, items=1200, seed=11, today=TODAY)
    assert again.records.read_bytes() == world.records.read_bytes()
    assert again.cases.read_bytes() == world.cases.read_bytes()
    assert again.expectations == world.expectations


def test_the_case_file_has_the_closed_schema_and_every_kind_of_question(world: World) -> None:
    asked = list(rows(world.cases))
    assert tuple(asked[0]) == ITEM_COLUMNS
    assert [row["item"] for row in asked] == [told.item for told in world.expectations]
    assert {told.kind for told in world.expectations} == set(KINDS)
    truths = Counter(told.truth for told in world.expectations)
    assert min(truths[Truth.SHOULD_CONFIRM], truths[Truth.MUST_NOT_CONFIRM]) > 400


def test_an_item_that_should_be_confirmed_is_refused_for_its_address_at_most(world: World) -> None:
    found: Counter[str] = Counter()
    for row, told in zip(rows(world.cases), world.expectations, strict=True):
        if told.should_confirm:
            result = examine_item(Item(**row), lifted_agreement(), TODAY, frozenset(OFFICERS), frozenset())
            found.update(result.findings if isinstance(result, Refused) else ())
    assert all(rule.startswith("R-6") for rule in found), found
    assert found.total() <= 0.05 * len(world.expectations)


def test_the_mapping_names_both_filers_and_columns_that_the_file_has(world: World) -> None:
    mapping = parse_mapping(world.mapping.read_text(encoding="utf-8"), "mapping.toml")
    assert len(mapping.persons) == 2
    assert set(mapping.columns) <= set(next(rows(world.records)))


def person(row: dict[str, str], given: str, surnames: str, birth_date: str, tin: str) -> Person | None:
    return examine_person(RawPerson(row[given], row[surnames], "", birth_date, row[tin])).person


def file_facts(world: World) -> set[tuple[str, str, str]]:
    """Identity, delivery point and year of everything that the file holds."""
    facts = set()
    for row in rows(world.records):
        lines = (row["mailing_line_1"], row["mailing_line_2"])
        point = examine_address(
            RawAddress(*lines, row["mailing_city"], row["mailing_state"], row["mailing_zipcode"])
        ).delivery_point
        for prefix in ("", "spouse_"):
            born = row[f"{prefix}date_of_birth"]
            iso = f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else ""
            filer = person(row, f"{prefix}first_name", f"{prefix}last_name", iso, f"{prefix}ssn")
            if point and filer:
                facts |= {
                    (identity, key, row["tax_year"])
                    for identity in record_identities(filer)
                    for key in keys(point)
                }
    return facts


def test_the_match_rule_confirms_nothing_wrong_and_nearly_everything_right(world: World) -> None:
    facts = file_facts(world)
    confirmed: Counter[Truth] = Counter()
    wrong = []
    for row, told in zip(rows(world.cases), world.expectations, strict=True):
        point = examine_address(RawAddress(*(row[column] for column in ITEM_COLUMNS[6:11]))).delivery_point
        asked = person(row, "given_names", "surnames", row["birth_date"], "tin")
        if point and asked:
            questions = {
                (identity, key, row["tax_years"])
                for identity in request_identities(asked)
                for key in keys(point)
            }
            confirmed[told.truth] += not facts.isdisjoint(questions)
            if told.must_not_confirm and not facts.isdisjoint(questions):
                wrong.append(told)
    assert wrong == []
    right = sum(told.should_confirm for told in world.expectations)
    assert confirmed[Truth.SHOULD_CONFIRM] / right >= 0.95
