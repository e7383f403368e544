"""Only a number that the Social Security Administration or the IRS can have issued to a person is a TIN."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.person.tin import parse_tin


@pytest.mark.parametrize(
    ("text", "tin"),
    [
        ("212456789", "212456789"),
        ("212-45-6789", "212456789"),
        ("212 45 6789", "212456789"),
        ("212\u201145\u20116789", "212456789"),
        (" 212-45-6789\t", "212456789"),
        ("001-01-0001", "001010001"),
        ("899-99-9998", "899999998"),
        ("900-50-0000", "900500000"),
        ("999-88-1234", "999881234"),
        ("912-94-1234", "912941234"),
    ],
)
def test_a_possible_number_is_read_as_nine_digits(text: str, tin: str) -> None:
    assert parse_tin(text) == tin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "21245678",
        "2124567890",
        "12-3456789",  # an employer's number
        "2-12456789",
        "212-456789",
        "212-45 6789",
        "212.45.6789",
        "212--45-6789",
        "21245678O",
        "212-45-67-9",
        "21-45-6789-",
        "2 2 45 6789",
        "\uff12\uff11\uff12456789",  # full-width digits
        "٢١٢٤٥٦٧٨٩",  # Arabic-Indic digits
        "212456789\n1",
        "000-45-6789",
        "666-45-6789",
        "212-00-6789",
        "212-45-0000",
        "900-45-1234",
        "912-66-1234",
        "912-69-1234",
        "912-89-1234",
        "912-93-1234",  # an adoption number
        "078-05-1120",
        "219-09-9999",
        "123456789",
        "987-65-4321",
        "987-65-4329",
        "111111111",
        "999999999",
    ],
)
def test_every_other_text_is_refused(text: str) -> None:
    assert parse_tin(text) is None


def test_the_itin_groups_are_exactly_those_the_irs_publishes() -> None:
    issued = [group for group in range(100) if parse_tin(f"912-{group:02d}-1234")]
    assert issued == [*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)]


def test_every_area_group_and_serial_of_a_social_security_number_but_the_reserved_ones_is_possible() -> None:
    assert [area for area in range(900) if not parse_tin(f"{area:03d}-12-3456")] == [0, 666]
    assert [group for group in range(100) if not parse_tin(f"212-{group:02d}-3456")] == [0]
    assert [serial for serial in range(10_000) if not parse_tin(f"212-45-{serial:04d}")] == [0]


@given(st.from_regex(r"[1-9 -]{8,12}"), st.from_regex(r"[2-5]{3}[- ]?[2-5]{2}[- ]?[2-5]{4}", fullmatch=True))
def test_digits_stand_together_or_with_one_separator_in_both_places(some: str, others: str) -> None:
    for text in (some, others):
        written = re.fullmatch(r"([0-9]{3})([- ]?)([0-9]{2})\2([0-9]{4})", text.strip())
        digits = "".join(written.group(1, 3, 4)) if written else ""
        assert parse_tin(text) == parse_tin(digits)
        assert written or parse_tin(text) is None
