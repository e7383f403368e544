"""Places whose three fields are understood, agree with each other, and are read the same in canonical spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.address.locality_check import judge_locality
from narrowgate.core.address.parse.localities import (
    MILITARY_CITIES,
    MILITARY_STATES,
    NOWHERE,
    Locality,
    is_canonical,
    read_fields,
)
from narrowgate.core.address.parse.numbers import is_in_queens
from narrowgate.core.address.sufficiency.plain_lines import plain_place

LONGEST_LINE = 100
"""Characters of a line, and of the three fields of a place, that no limit on an address can be about."""

_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")


class PlainPlace(NamedTuple):
    """A place that is read the same in its canonical spelling.

    Args:
        city: in canonical spelling.
        state: its code.
        zip5: its ZIP Code.
        words: of city and state as written.
        in_queens: whether its house numbers are hyphenated.
        warnings: about city and ZIP Code.
    """

    city: str
    state: str
    zip5: str
    words: tuple[str, ...]
    in_queens: bool
    warnings: tuple[str, ...]


@lru_cache(maxsize=65536)
def read_plain_place(city: str, state: str, zip_code: str) -> PlainPlace | None:
    """A place whose three parts are understood and do not contradict each other; not in Puerto Rico, not military."""
    if len(city) + len(state) > LONGEST_LINE or not _ZIP.fullmatch(zip_code):
        return None
    words = plain_place(city, state)
    locality = _read_twice(city.upper(), state.upper(), zip_code) if words else NOWHERE
    if not (locality.city and locality.state and locality.zip5) or _is_elsewhere(locality):
        return None
    conflict, warnings = judge_locality(locality)
    return None if conflict else PlainPlace(*locality[:3], words, is_in_queens(*locality[:3]), warnings)


def _read_twice(city: str, state: str, zip_code: str) -> Locality:
    """The locality of the fields, which is read the same in its own spelling; nowhere where that is not so."""
    if is_canonical(city, state, zip_code):
        return Locality(city, state, zip_code)
    locality = read_fields(city, state, zip_code)
    is_same = locality.understood and read_fields(*locality[:3]) == locality
    return locality if is_same else NOWHERE


def _is_elsewhere(locality: Locality) -> bool:
    """Whether addresses there have rules of their own: in Puerto Rico, and those of the military."""
    return locality.state == "PR" or locality.city in MILITARY_CITIES or locality.state in MILITARY_STATES
