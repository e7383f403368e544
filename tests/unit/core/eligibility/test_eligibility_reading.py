"""Dates, citations, years and numbers are read in one way, whatever the text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.eligibility.reading import is_reference, iso_date, normalize_citation, tax_years


@given(st.dates())
def test_a_date_reads_back_from_its_iso_form(day: date) -> None:
    assert iso_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    ["", "20260131", "2026-W05-6", "2026-1-31", "2026-02-30", "31-01-2026", "\uff12\uff10\uff12\uff16-01-31"],
)
def test_no_other_form_is_a_date(text: str) -> None:
    assert iso_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "8 USC 1253(a)(1)",
        "8 U.S.C. § 1253(a)(1)",
        "8 U. S. C. § 1253 (a) (1)",
        "8 usc 1253(a)(1)",
        "8 U.S.C. §§ 1253(a)(1)",
        "8 U.S.C. Sec. 1253(a)(1)",
        "8 USC section 1253( a )(1)",
        "\u00a08 U.S.C.\u00a0§\u00a01253(a)(1) ",
    ],
)
def test_spellings_of_one_section_are_one_citation(text: str) -> None:
    assert normalize_citation(text) == "8 USC 1253(a)(1)"


@pytest.mark.parametrize(
    "text", ["", "1253(a)(1)", "8 CFR 1253", "8 USC", "8 USC 1253(a", "8 USC 1253(a)(1) or so", "8" * 65]
)
def test_what_is_no_section_of_the_code_is_no_citation(text: str) -> None:
    assert normalize_citation(text) == ""


def test_the_case_of_a_paragraph_letter_is_kept() -> None:
    assert normalize_citation("8 usc 1227(a)(1)(b)") != normalize_citation("8 usc 1227(a)(1)(B)")


@given(st.text(max_size=80))
def test_normalizing_a_citation_twice_changes_nothing(text: str) -> None:
    once = normalize_citation(text)
    assert normalize_citation(once) == once


@given(st.sets(st.integers(1990, 2053), min_size=1))
def test_ascending_years_read_back(years: set[int]) -> None:
    assert tax_years(" ".join(map(str, sorted(years)))) == tuple(sorted(years))


@pytest.mark.parametrize(
    "text", ["", "2023 2022", "2022 2022", "22", "2022,2023", "1989", "2054", "\uff12\uff10\uff12\uff12"]
)
def test_other_lists_are_no_tax_years(text: str) -> None:
    assert tax_years(text) is None


def test_a_number_holds_a_digit_and_is_short() -> None:
    assert is_reference("HSI-2026-00417")
    assert not is_reference("PENDING")
    assert not is_reference("1" * 65)
