"""An alien number is the letter A and seven to nine digits, and has one form."""

from __future__ import annotations

import pytest

from narrowgate.core.person.alien_number import is_possible, parse_alien_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("A012345678", "012345678"),
        ("a12345678", "012345678"),
        ("A1234567", "001234567"),
        ("A012-345-678", "012345678"),
        ("A 012 345 678", "012345678"),
        (" 012345678 ", "012345678"),
    ],
)
def test_a_possible_number_has_nine_digits(text: str, number: str) -> None:
    assert parse_alien_number(text) == number
    assert is_possible(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "A123456",
        "A0123456789",
        "B012345678",
        "A01234567B",
        "UNKNOWN",
        "A000000000",
        "A0\u0661\u0662345678",
        "A--1234567",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert parse_alien_number(text) == ""
    assert not is_possible(text)
