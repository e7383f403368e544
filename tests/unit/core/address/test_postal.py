"""Which ZIPs, cities and states belong together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address import postal
from narrowgate.core.address.parse.place_names import STATE_CODES, fold_place, state_code
from narrowgate.core.base.tables import read_table

PROJECT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Saint Paul", "ST PAUL"),
        ("ST. PAUL", "ST PAUL"),
        ("Sainte Genevieve", "STE GENEVIEVE"),
        ("Fort Worth", "FT WORTH"),
        ("Mount  Vernon", "MT VERNON"),
        ("North Hollywood", "N HOLLYWOOD"),
        ("Mayagüez", "MAYAGUEZ"),
        ("O'Fallon", "O FALLON"),
        ("DeKalb", "DE KALB"),
        ("NYC", "NEW YORK"),
        ("Washington, D.C.", "WASHINGTON"),
        ("no such town", "NO SUCH TOWN"),
    ],
)
def test_a_city_has_one_spelling(written: str, canonical: str) -> None:
    assert postal.canonical_city(written) == canonical


@given(st.text(max_size=40))
def test_the_canonical_name_of_a_canonical_name_is_itself(text: str) -> None:
    once = postal.canonical_city(text)
    assert postal.canonical_city(once) == once


@given(st.text(max_size=60))
def test_folding_leaves_letters_digits_and_single_spaces(text: str) -> None:
    folded = fold_place(text)
    assert all(word.isascii() and word.isalnum() and word == word.upper() for word in folded.split())
    assert folded == " ".join(folded.split()) == fold_place(folded)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Calif.", "CA"),
        ("N. Carolina", "NC"),
        ("Wash", "WA"),
        ("Puerto Rico", "PR"),
        ("D.C.", "DC"),
        ("West Virginia", "WV"),
        ("tx", "TX"),
        ("Penna", "PA"),
        ("Ontario", ""),
        ("", ""),
    ],
)
def test_a_state_is_known_by_code_name_and_old_abbreviation(written: str, code: str) -> None:
    assert state_code(written) == code


def test_every_state_and_territory_has_zips() -> None:
    in_table = {row.split(" ")[1] for row in read_table("narrowgate.core.address.words", "zip_codes.txt")}
    assert in_table == STATE_CODES


@pytest.mark.parametrize(
    ("state", "zip5", "accepted"),
    [
        ("IL", "60614", True),
        ("IN", "60614", False),
        ("NY", "06390", True),
        ("CT", "06390", False),
        ("CT", "06399", True),
        ("PR", "00926", True),
        ("VI", "00801", True),
        ("AE", "09499", True),
        ("AP", "96667", True),
        ("AA", "34001", True),
        ("GU", "96910", True),
        ("IL", "00000", False),
    ],
)
def test_a_zip_belongs_to_the_state_of_its_prefix(state: str, zip5: str, *, accepted: bool) -> None:
    assert postal.state_accepts_zip(state, zip5) is accepted


def test_the_primary_city_of_a_zip_comes_first() -> None:
    assert postal.cities_of_zip("92679")[0] == "TRABUCO CANYON"
    assert "COTO DE CAZA" in postal.cities_of_zip("92679")
    assert postal.cities_of_zip("00000") == ()


def test_a_city_has_the_zips_that_name_it() -> None:
    zips = postal.zips_of_city("CHICAGO", "IL")
    assert "60614" in zips
    assert list(zips) == sorted(set(zips))
    assert all("CHICAGO" in postal.cities_of_zip(zip5) for zip5 in zips)
    assert postal.zips_of_city("CHICAGO", "OH") == ()


def test_cities_and_zips_are_one_relation_in_both_directions() -> None:
    for row in read_table("narrowgate.core.address.words", "zip_codes.txt")[::97]:
        head, endings = row.split("=")
        prefix, state, _ = head.split(" ", 2)
        zip5 = prefix + endings[:2]
        assert postal.zip_exists(zip5)
        assert postal.states_of_zip(zip5) == {state}
        for city in postal.cities_of_zip(zip5):
            assert zip5 in postal.zips_of_city(city, state)
            assert postal.is_city_of_state(city, state)


@pytest.mark.parametrize("table", ["postal", "county"])
def test_the_table_is_what_its_generator_makes(table: str) -> None:
    pytest.importorskip("zipcodes", reason="the package that the table comes from is not installed")
    check = [sys.executable, f"tools/generate_{table}_table.py", "--check"]
    assert subprocess.run(check, cwd=PROJECT, check=False).returncode == 0


def test_a_zip_has_its_county_and_a_city_one_only_where_all_its_zips_do() -> None:
    assert postal.counties_of("80621", "", "") == {"WELD"}
    assert postal.counties_of("", "FRANKSTON", "TX") == {"ANDERSON"}
    assert postal.counties_of("", "DENVER", "CO") in (frozenset(), {"DENVER"})
    assert postal.counties_of("", "HOUSTON", "TX") == frozenset()
    assert postal.counties_of("00901", "", "") == frozenset()
    assert postal.is_county("VANZANDT")
    assert not postal.is_county("OLDE")
