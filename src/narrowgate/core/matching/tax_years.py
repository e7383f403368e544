"""Tax years as one 64-bit mask: bit 0 is 1990, bit 63 is 2053."""

from __future__ import annotations

from collections.abc import Iterable

from narrowgate.core.base.errors import UsageError

FIRST_YEAR = 1990
LAST_YEAR = 2053
ALL_YEARS = 2**64 - 1
"""The mask of every tax year an index can hold."""


def parse_year(text: str) -> int | None:
    """The tax year that ``text`` writes in four digits, or None when it writes none an index can hold."""
    if len(text) == 4 and text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    return None


def mask_of(years: Iterable[int]) -> int:
    """The unsigned 64-bit mask that holds exactly ``years``.

    Args:
        years: calendar years from 1990 to 2053.

    Raises:
        UsageError: a year lies outside that range.
    """
    mask = 0
    for year in years:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise UsageError(
                "A tax year lies outside the years an index can hold.",
                why=f"An index holds {FIRST_YEAR} to {LAST_YEAR}.",
                next_step="Correct the tax year.",
            )
        mask |= 1 << (year - FIRST_YEAR)
    return mask


def years_of(mask: int) -> tuple[int, ...]:
    """The years of ``mask`` in ascending order; the inverse of ``mask_of``."""
    return tuple(FIRST_YEAR + bit for bit in range(64) if mask >> bit & 1)
