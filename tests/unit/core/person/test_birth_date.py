"""A birth date is read in exactly one form, and only if it is a date."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.person.birth_date import BirthDateForm, parse_birth_date


@pytest.mark.parametrize("text", ["1980-02-29", "1880-01-01", " 2004-12-31 "])
def test_an_iso_date_is_kept(text: str) -> None:
    assert parse_birth_date(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1981-02-29",
        "1980-13-01",
        "1980-00-10",
        "1980-01-00",
        "0000-00-00",
        "1879-12-31",
        "1980-1-1",
        "80-01-01",
        "01/02/1980",
        "19800102",
        "1980-W09-5",
        "1980W09-5",
        "1980-060",
        "1980-01-2T",
        "+980-01-02",
        "1980-01-02T00:00:00",
        "1980\u201101\u201102",
        "\u0661\u0669\u0668\u0660-\u0660\u0661-\u0660\u0662",
    ],
)
def test_every_other_text_is_refused(text: str) -> None:
    assert parse_birth_date(text) is None


def test_a_mapping_names_another_form_and_only_that_one_is_read() -> None:
    assert parse_birth_date("19800229", BirthDateForm.COMPACT) == "1980-02-29"
    assert parse_birth_date("02/29/1980", BirthDateForm.US) == "1980-02-29"
    assert parse_birth_date("29/02/1980", BirthDateForm.US) is None
    assert parse_birth_date("1980-02-29", BirthDateForm.US) is None
    assert parse_birth_date("1980-02-29", BirthDateForm.COMPACT) is None
    assert parse_birth_date("19810229", BirthDateForm.COMPACT) is None


@given(
    st.one_of(st.dates().map(str), st.from_regex(r"[0-9W+ -]{1,12}"), st.from_regex(r"[0-9]{4}-\d{2}-\d{2}"))
)
def test_a_text_is_read_exactly_when_it_is_ten_characters_that_write_a_date_from_1880_on(text: str) -> None:
    digits = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text.strip())
    try:
        expected = str(date(*map(int, digits.groups()))) if digits and digits[1] >= "1880" else None
    except ValueError:
        expected = None
    assert parse_birth_date(text) == expected
