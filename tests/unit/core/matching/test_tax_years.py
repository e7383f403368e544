"""Tax years as a mask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.errors import UsageError
from narrowgate.core.matching.tax_years import ALL_YEARS, FIRST_YEAR, LAST_YEAR, mask_of, parse_year, years_of

YEARS = st.sets(st.integers(FIRST_YEAR, LAST_YEAR))


@given(YEARS)
def test_a_mask_holds_exactly_its_years(years: set[int]) -> None:
    assert years_of(mask_of(years)) == tuple(sorted(years))


@given(YEARS, YEARS)
def test_masks_meet_exactly_where_their_years_do(one: set[int], other: set[int]) -> None:
    assert bool(mask_of(one) & mask_of(other)) == bool(one & other)


def test_all_years_are_sixty_four() -> None:
    assert len(years_of(ALL_YEARS)) == 64


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_a_year_outside_the_mask_is_refused(year: int) -> None:
    with pytest.raises(UsageError):
        mask_of([year])


@pytest.mark.parametrize(
    "text", ["", "22", "1989", "2054", "20 2", "\uff12\uff10\uff12\uff12", "2022.0", " 2022"]
)
def test_a_text_that_is_not_four_digits_of_the_range_is_no_year(text: str) -> None:
    assert parse_year(text) is None


def test_a_year_is_read() -> None:
    assert parse_year("2022") == 2022
