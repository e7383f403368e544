"""The synthetic world of the demo: drawn alike each time, with the mix of the sources and a truth for every item."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress
from narrowgate.core.person.nicknames import nickname_equals
from narrowgate.core.person.tin import parse_tin
from narrowgate.core.request.item import ITEM_COLUMNS
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.entrypoints.sandbox.synthetic import write_world
from narrowgate.entrypoints.sandbox.synthetic_cases import Truth
from narrowgate.entrypoints.sandbox.synthetic_homes import (
    SPELLINGS,
    Country,
    Home,
    is_one_edit,
    neighbors,
    one_edit,
    standard,
)
from narrowgate.entrypoints.sandbox.synthetic_names import NICKNAMES
from narrowgate.entrypoints.sandbox.synthetic_people import SHARED_BY_AT_LEAST

TODAY = date(2026, 11, 22)
PEOPLE, ITEMS = 3_000, 1_000
FILES = ("records.csv", "mapping.toml", "cases.csv", "truth.csv")
Rows = list[dict[str, str]]
Truths = dict[str, tuple[Truth, str]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truths]:
    directory = tmp_path_factory.mktemp("world")
    return directory, write_world(directory, PEOPLE, ITEMS, 1, TODAY)


@pytest.fixture(scope="module")
def records(world: tuple[Path, Truths]) -> Rows:
    return rows(world[0] / "records.csv")


@pytest.fixture(scope="module")
def cases(world: tuple[Path, Truths]) -> Rows:
    return rows(world[0] / "cases.csv")


@pytest.fixture(scope="module")
def truth(world: tuple[Path, Truths]) -> Truths:
    return world[1]


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 a test that can be run again


def homes(count: int = 400) -> list[Home]:
    country = Country(seeded(7))
    return [country.home() for _ in range(count)]


def canonical(written: tuple[str, ...]) -> set[str]:
    """The keys of an address as the canonical form sees it; empty when it is refused."""
    point = examine_address(RawAddress(*written)).delivery_point
    return set(keys(point)) if point is not None else set()


def test_the_same_seed_writes_the_same_world_and_another_seed_another(tmp_path: Path) -> None:
    contents = []
    for name, seed in (("first", 5), ("second", 5), ("third", 6)):
        directory = tmp_path / name
        directory.mkdir()
        write_world(directory, 300, 50, seed, TODAY)
        contents.append([(directory / file).read_bytes() for file in FILES])
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


@pytest.mark.parametrize(("people", "items"), [(100, 10), (100, 700), (450, 1)])
def test_a_small_world_has_as_many_items_as_asked_for(tmp_path: Path, people: int, items: int) -> None:
    assert len(write_world(tmp_path, people, items, 2, TODAY)) == items
    assert len(rows(tmp_path / "cases.csv")) == items


def test_every_item_has_one_truth_in_the_order_of_the_case_file(
    world: tuple[Path, Truths], cases: Rows, truth: Truths
) -> None:
    written = [(row["item"], row["truth"], row["block"]) for row in rows(world[0] / "truth.csv")]
    assert written == [(item, known.value, block) for item, (known, block) in truth.items()]
    assert [row["item"] for row in cases] == list(truth)
    assert len(truth) == ITEMS


def test_the_case_file_has_the_closed_schema(cases: Rows) -> None:
    assert tuple(cases[0]) == ITEM_COLUMNS


def test_the_mapping_names_columns_that_the_records_have(world: tuple[Path, Truths], records: Rows) -> None:
    mapping = parse_mapping((world[0] / "mapping.toml").read_text(encoding="utf-8"), "mapping.toml")
    assert set(mapping.columns) == set(records[0])


def test_every_number_of_the_tax_file_can_exist_and_belongs_to_one_person(records: Rows) -> None:
    holders: dict[str, set[tuple[str, str]]] = {}
    for row in records:
        assert parse_tin(row["TIN"]) == row["TIN"]
        holders.setdefault(row["TIN"], set()).add((row["LAST_NAMES"], row["DOB"]))
    assert all(len(names) == 1 for names in holders.values())
    assert any(number.startswith("9") for number in holders)


def test_birth_date_and_names_name_one_person(records: Rows) -> None:
    numbers: dict[tuple[str, str, str], set[str]] = {}
    for row in records:
        given_name = row["FIRST_NAMES"].split()[0]
        numbers.setdefault((row["DOB"], given_name, row["LAST_NAMES"]), set()).add(row["TIN"])
    several = [held for held in numbers.values() if len(held) > 1]
    # Who has two had an ITIN first.
    assert several
    assert all(len(held) == 2 and any(number.startswith("9") for number in held) for held in several)


def test_the_tax_file_has_namesakes_suppressed_people_and_crowded_addresses(records: Rows) -> None:
    birth_dates: dict[tuple[str, str], set[str]] = {}
    filers: dict[tuple[str, str], set[str]] = {}
    for row in records:
        birth_dates.setdefault((row["FIRST_NAMES"], row["LAST_NAMES"]), set()).add(row["DOB"])
        filers.setdefault((row["STREET"].upper(), row["ZIP"]), set()).add(row["TIN"])
    assert any(len(dates) > 1 for dates in birth_dates.values())
    assert {row["WITHHELD"] for row in records} == {"yes", "no"}
    crowds = [
        crowd for (street, _), crowd in filers.items() if street not in {"", "UNKNOWN", "HWY 69", "PO BOX"}
    ]
    assert max(map(len, crowds)) >= SHARED_BY_AT_LEAST / 2


def test_about_18_percent_of_the_items_have_an_unusable_address_and_10_lack_the_unit(truth: Truths) -> None:
    blocks = [block for _, block in truth.values()]
    unusable = sum(
        block.split()[0] in {"R-11", "R-6", "R-62", "R-64", "R-65"} and "August" not in block
        for block in blocks
    )
    assert 0.17 <= unusable / ITEMS <= 0.19
    assert 0.09 <= blocks.count("unit missing") / ITEMS <= 0.11


def test_the_august_block_has_the_number_and_never_an_address_of_the_person(
    cases: Rows, truth: Truths, records: Rows
) -> None:
    streets: dict[str, set[str]] = {}
    for row in records:
        streets.setdefault(row["TIN"], set()).add(row["STREET"].upper())
    block = [row for row in cases if "August" in truth[row["item"]][1]]
    assert len({truth[row["item"]][1] for row in block}) == 5
    for row in block:
        assert row["address_line_1"].upper() not in streets[row["tin"]]
        assert truth[row["item"]][0] is not Truth.MUST_CONFIRM


def test_every_kind_of_truth_and_every_spelling_occurs(truth: Truths) -> None:
    kinds = Counter(known for known, _ in truth.values())
    assert set(kinds) == set(Truth)
    assert min(kinds.values()) > ITEMS / 5
    blocks = {block for _, block in truth.values()}
    assert {f"spelling: {name}" for name in SPELLINGS} <= blocks


def test_reasons_are_about_the_case_and_not_one_text_for_all(cases: Rows) -> None:
    reasons = Counter(row["reason"] for row in cases if row["reason"] != "Address needed.")
    assert max(reasons.values()) <= 12


def test_every_nickname_is_one_of_the_published_table() -> None:
    for given_name, nickname in NICKNAMES.items():
        assert nickname in nickname_equals(given_name) or given_name in nickname_equals(nickname)


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_is_the_same_home(name: str) -> None:
    random = seeded(3)
    spelled = [(home, SPELLINGS[name](home, random)) for home in homes()]
    written = [(home, other) for home, other in spelled if other is not None and (home.route or not home.box)]
    assert len(written) > 3
    for home, other in written:
        assert canonical(standard(home)) & canonical(other), (standard(home), other)


def test_a_neighbor_is_another_home() -> None:
    for home in homes():
        if home.route or not home.box:
            for name, other in neighbors(home).items():
                assert not canonical(standard(home)) & canonical(standard(other)), name


@given(st.sampled_from(["MAPLE", "JUNIPER", "SYCAMORE", "ASHLAND", "HALSTED"]), st.integers(0, 10_000))
def test_one_edit_makes_a_word_that_is_one_edit_away_or_the_word(word: str, seed: int) -> None:
    other = one_edit(word, seeded(seed))
    assert other == word or (is_one_edit(word, other) and is_one_edit(other, word))


@pytest.mark.parametrize(
    ("left", "right"), [("OAK", "OAK"), ("MAPLE", "MAPLEST"), ("ASHLAND", "ASHALDN"), ("ABCD", "BADC")]
)
def test_none_or_two_edits_are_not_one(left: str, right: str) -> None:
    assert not is_one_edit(left, right)
