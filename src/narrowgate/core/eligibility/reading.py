"""How the rules read dates, citations and lists out of an item's text."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

from narrowgate.core.base.times import parse_date
from narrowgate.core.matching.tax_years import parse_year

_CITATION: Final = re.compile(
    r"(\d{1,2}) ?U\.? ?S\.? ?C\.? ?(?:§{1,2}|sec\.|section)? ?(\d{1,5}[a-z]?)((?:\([A-Za-z0-9]{1,5}\))*)",
    re.IGNORECASE,
)
_SPACES: Final = re.compile(r"\s+")
_LONGEST_CITATION: Final = 64


# Not for birth dates: the cache would keep them. The dates read here repeat from item to item.
@lru_cache(maxsize=4096)
def iso_date(text: str) -> date | None:
    """The date of a text in ISO 8601 extended form, ``2026-01-31``; ``None`` for anything else."""
    return parse_date(text)


@lru_cache(maxsize=4096)
def normalize_citation(text: str) -> str:
    """A section of the United States Code as ``8 USC 1253(a)(1)``; empty when ``text`` is none.

    ``8 U.S.C. § 1253(a)(1)``, ``8 usc 1253 (a) (1)`` and ``8 USC 1253(a)(1)`` are the same section. The case
    of paragraph letters is kept: ``(b)`` and ``(B)`` are different paragraphs.
    """
    if len(text) > _LONGEST_CITATION:
        return ""
    spaced = _SPACES.sub(" ", text).strip().replace(" (", "(").replace("( ", "(").replace(" )", ")")
    match = _CITATION.fullmatch(spaced)
    return f"{match[1]} USC {match[2].lower()}{match[3]}" if match else ""


@lru_cache(maxsize=4096)
def tax_years(text: str) -> tuple[int, ...] | None:
    """The years of a space-separated list, each of four digits, ascending and different; else ``None``."""
    years = tuple(parse_year(word) for word in text.split())
    known = tuple(year for year in years if year is not None)
    if not known or known != years or any(earlier >= later for earlier, later in pairwise(known)):
        return None
    return known


def is_reference(text: str) -> bool:
    """Whether ``text`` can be the number of a case or an order: it holds a digit, as no placeholder does."""
    return len(text) <= 64 and (text[-1:].isdigit() or any(map(str.isdigit, text)))
