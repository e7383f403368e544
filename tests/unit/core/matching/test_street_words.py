"""Names that look like names of streets, and names that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.matching.street_word_table import FIRST_ELEMENTS, SECOND_ELEMENTS
from narrowgate.core.matching.street_words import is_plausible_street


@pytest.mark.parametrize(
    "name",
    [
        "HOWELL",
        "LOWELL",
        "HILL",
        "MILL",
        "MARIA",
        "ELLEN",
        "WOODBRIDGE",
        "FOXTRAIL",
        "BROOKSIDE",
        "WESTVIEW",
        "HILLCREST",
        "OAKS",
        "ORCHARD KNOLLS",
        "LA MIRADA",
        "MARTIN LUTHER KING",
        "AVENUE D",
        "COUNTY ROAD 12",
    ],
)
def test_names_made_of_known_words_are_plausible(name: str) -> None:
    assert is_plausible_street(name)


@pytest.mark.parametrize(
    "name", ["HOWEL", "HOVELL", "WOODBRIGDE", "WESTVEIW", "OAK KNOL", "MARTIN LUTEHR KING", "LI"]
)
def test_a_word_that_no_table_holds_makes_a_name_implausible(name: str) -> None:
    assert not is_plausible_street(name)


@given(st.sampled_from(sorted(FIRST_ELEMENTS)), st.sampled_from(sorted(SECOND_ELEMENTS)))
def test_words_side_by_side_are_plausible_in_any_order(first: str, second: str) -> None:
    assert is_plausible_street(f"{first} {second}")
    assert is_plausible_street(f"{second} {first}")
