"""Places whose three fields are understood, agree with each other, and are read the same in canonical spelling."""

from __future__ import annotations

import re
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

_KEPT_PLACES = 1 << 17
_BETWEEN = "\n"
_FIELDS = 3
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


class _Places(dict[str, PlainPlace | None]):
    """Every place met, read once.

    By its fields in one text, and not the least recent one dropped: each object more of a place that is met at random
    is memory to wait for, which took longer than to read the other parts of a plain address.
    """

    def __missing__(self, fields: str) -> PlainPlace | None:
        if len(self) >= _KEPT_PLACES:
            self.clear()
        parts = fields.split(_BETWEEN)
        # No plain place has the sign in a field.
        found = self[fields] = _read_plain_place(*parts) if len(parts) == _FIELDS else None
        return found


_PLACES = _Places()


def read_plain_place(city: str, state: str, zip_code: str) -> PlainPlace | None:
    """A place whose three parts are understood and do not contradict each other; not in Puerto Rico, not military."""
    return _PLACES[f"{city}{_BETWEEN}{state}{_BETWEEN}{zip_code}"]


def _read_plain_place(city: str, state: str, zip_code: str) -> PlainPlace | None:
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
