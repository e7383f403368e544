"""One edit in a street name touches letters only, and never turns one number into another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.matching.street_edit import (
    editable_positions,
    may_be_meant,
    spelled_neighbors,
    wildcards,
)

NAMES = st.text("ABC ", min_size=1, max_size=8).map(lambda text: " ".join(text.split())).filter(bool)


@pytest.mark.parametrize("name", ["33RD", "FOURTH", "ONE", "5TH"])
def test_a_number_has_no_letter_to_edit(name: str) -> None:
    assert editable_positions(name) == ()
    assert spelled_neighbors(name) == {}


def test_words_beside_a_number_may_be_edited_but_neither_the_first_letter_nor_the_space_between() -> None:
    assert editable_positions("MILL 12TH") == (1, 2, 3)
    assert editable_positions("A BC") == (1, 2, 3)


@pytest.mark.parametrize(("name", "expected"), [("OAK", False), ("ELMS", True), ("12345A", False)])
def test_a_name_of_fewer_than_four_letters_is_never_meant(name: str, expected: bool) -> None:
    assert may_be_meant(name) is expected


def test_a_neighbor_that_may_not_be_meant_is_a_neighbor_all_the_same() -> None:
    assert spelled_neighbors("OAKS")["OAK"] is False
    assert spelled_neighbors("OAK")["OAKS"] is False
    assert spelled_neighbors("SIXTHS") | {"SIXTH": False} == spelled_neighbors("SIXTHS")


@given(NAMES)
def test_no_edit_touches_the_first_letter(name: str) -> None:
    assert all(neighbor[0] == name[0] for neighbor in spelled_neighbors(name))
    assert all(at > 0 for at, _ in wildcards(name))


@given(NAMES)
def test_every_neighbor_has_one_letter_less_or_the_same_letters_in_another_order(name: str) -> None:
    neighbors = spelled_neighbors(name)
    if editable_positions(name)[-1:] == (len(name) - 1,):
        assert neighbors.pop(f"{name}S") is False
    for neighbor in neighbors:
        assert neighbor != name
        assert len(neighbor) == len(name) - 1 or sorted(neighbor) == sorted(name)


@pytest.mark.parametrize(
    ("written", "replaced"),
    [
        ("TOMPKIN5", {(7, "TOMPKIN")}),
        ("DOUG1AS RUN", {(4, "DOUGASRUN"), (8, "DOUG1AS UN"), (9, "DOUG1AS RN"), (10, "DOUG1AS RU")}),
        ("MIL 6ROVE", {(1, "ML 6ROVE"), (2, "MI 6ROVE"), (3, "MILROVE")}),
        ("A1A", set()),
        ("33RD", set()),
    ],
)
def test_a_digit_inside_a_word_may_be_a_letter_and_one_in_a_number_never(
    written: str, replaced: set[tuple[int, str]]
) -> None:
    """A space between letters is no part of a name, so the space beside a misread digit goes with it."""
    inserted = {(at, written) for at in range(1, len(written) + 1)}
    assert set(wildcards(written)) == replaced | inserted
