"""A birth date is read in exactly one form, and only if it is a date."""

import pytest

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
