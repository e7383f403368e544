"""The published nickname table is symmetric, not transitive, and in canonical form."""

import pytest

from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES, formal_names, nickname_equals


@pytest.mark.parametrize(
    ("formal", "form"),
    [
        ("SUSAN", "SUSIE"),
        ("ANTHONY", "TONY"),
        ("ROBERT", "BOB"),
        ("ALEXANDER", "ALEX"),
        ("JOSE", "PEPE"),
        ("FRANCISCO", "PACO"),
        ("GUADALUPE", "LUPE"),
        ("JESUS", "CHUY"),
        ("IGNACIO", "NACHO"),
        ("ELIZABETH", "BETTY"),
        ("WILLIAM", "WM"),
        ("MUHAMMAD", "MOHAMMED"),
    ],
)
def test_a_name_equals_its_usual_forms_in_both_directions(formal: str, form: str) -> None:
    assert form in nickname_equals(formal)
    assert formal in nickname_equals(form)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ALEXANDER", "ALEXANDRA"),
        ("FRANCIS", "FRANCES"),
        ("ROBERT", "ALBERT"),
        ("BRIAN", "BRYAN"),
        ("JUAN", "JUANA"),
        ("MUHAMMAD", "AHMAD"),
        ("YURI", "YURIY"),
    ],
)
def test_two_names_that_share_only_a_form_or_a_look_are_not_equal(one: str, other: str) -> None:
    assert other not in nickname_equals(one)


def test_every_name_of_the_table_is_canonical_and_equals_itself() -> None:
    for name in KNOWN_GIVEN_NAMES:
        assert name.isascii()
        assert name.isalpha()
        assert name == name.upper()
        assert name in nickname_equals(name)
        assert all(name in nickname_equals(other) for other in nickname_equals(name))


def test_a_name_outside_the_table_equals_itself_alone() -> None:
    assert nickname_equals("XOCHITL") == ("XOCHITL",)


def test_no_name_asks_more_than_a_few_dozen_others() -> None:
    assert max(len(nickname_equals(name)) for name in KNOWN_GIVEN_NAMES) <= 40


def test_two_names_share_a_formal_name_exactly_when_they_are_equal() -> None:
    for one in KNOWN_GIVEN_NAMES:
        sharing = {other for other in KNOWN_GIVEN_NAMES if set(formal_names(one)) & set(formal_names(other))}
        assert sharing == set(nickname_equals(one))
    assert formal_names("QUILLANA") == ("QUILLANA",)
