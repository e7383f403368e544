"""Addresses of a plain number, a plain street, at most one numbered unit, and a place in three fields.

Most addresses are. One pass over their words reads them here, where the long way (``sufficiency``, ``parse``) takes
about twenty; it reads them the same, which a test compares.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.address.locality_check import judge_locality
from narrowgate.core.address.model import AddressClass, DeliveryPoint, Examined, RawAddress
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.localities import MILITARY_CITIES, MILITARY_STATES, Locality, read_fields
from narrowgate.core.address.parse.numbers import hyphenated_in_queens, is_in_queens
from narrowgate.core.address.parse.plain_streets import LONGEST, RULED
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.sufficiency.placeholders import FILLER_NUMBERS, may_say_none, says_none
from narrowgate.core.address.sufficiency.plain_lines import BEGINS_NO_NAME, MAILBOX, TELLING, plain_place
from narrowgate.core.address.sufficiency.reading import DIRECTIONS
from narrowgate.core.address.words.placeholder_lexicon import BARE_PHRASES

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_UNIT = re.compile(r"[1-9][0-9]{0,3}")
_UNIT_LINE = re.compile(r"(?:(?:APT|UNIT|STE) |# ?)([1-9][0-9]{0,3})", re.IGNORECASE | re.ASCII)
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_DESIGNATORS = frozenset({"APT", "UNIT", "STE"})
_LONGEST_LINE = 100
"""Characters of a line, and of the three fields of a place, that no limit on an address can be about."""
_SUFFIXES = {word: suffix for word, suffix in STREET_SUFFIXES.items() if word not in TELLING}
_DIRECTIONALS = {
    word: DIRECTIONALS[word] for word in DIRECTIONS.intersection(DIRECTIONALS).difference(TELLING)
}


class _PlainPlace(NamedTuple):
    """A place that is read the same in its canonical spelling.

    Args:
        locality: in canonical spelling.
        words: of city and state.
        in_queens: whether its house numbers are hyphenated.
        warnings: about city and ZIP Code.
    """

    locality: Locality
    words: tuple[str, ...]
    in_queens: bool
    warnings: tuple[str, ...]


def read_plain_address(raw: RawAddress) -> Examined | None:
    """What the long way makes of a plain address: a delivery point. ``None`` for every other text.

    Args:
        raw: the address as written.
    """
    line = raw.address_line_1
    if not line.isascii() or len(line) > _LONGEST_LINE:
        return None
    number, *words = line.upper().split(" ")
    if number in FILLER_NUMBERS or not _NUMBER.fullmatch(number) or len(words) < 2:
        return None
    unit = _take_unit(words, raw.address_line_2)
    street = _plain_street(words) if unit is not None else None
    place = _plain_place(raw.city, raw.state, raw.zip) if street else None
    if not street or not place:
        return None
    predirectional, name, suffix, postdirectional = street
    if any(map(may_say_none, words)) and says_none((*words, *place.words), len(words)):
        return None
    if place.in_queens and len(number) > 2:
        number = hyphenated_in_queens(number)
    city, state, zip5, _ = place.locality
    return Examined(
        DeliveryPoint(
            AddressClass.STREET,
            number,
            predirectional,
            name,
            suffix,
            postdirectional,
            (unit,) if unit else (),
            "",
            "",
            "",
            city,
            state,
            zip5,
        ),
        (),
        place.warnings,
    )


def _take_unit(words: list[str], second_line: str) -> str | None:
    """The numbered unit taken off the end of the words, or from the second line; ``None`` where it is not plain."""
    if not second_line and not words[-1].isdigit():
        return ""
    if second_line:
        found = _UNIT_LINE.fullmatch(second_line)
        return found[1] if found else None
    designator, unit = words[-2:]
    del words[-2:]
    return unit if designator in _DESIGNATORS and _UNIT.fullmatch(unit) else None


def _plain_street(words: list[str]) -> tuple[str, str, str, str] | None:
    """Predirectional, name, suffix and postdirectional of a street whose words no rule is about."""
    end = len(words)
    if not 2 <= end <= LONGEST:
        return None
    postdirectional = _DIRECTIONALS.get(words[-1], "")
    if postdirectional:
        end -= 1
    suffix = _SUFFIXES.get(words[end - 1])
    predirectional = _DIRECTIONALS.get(words[0], "")
    name = words[1 if predirectional else 0 : end - 1]
    if not suffix or not name or not all(map(_is_plain_word, name)):
        return None
    if " ".join(words) in BARE_PHRASES:
        return None
    return predirectional, " ".join(name), suffix, postdirectional


@lru_cache(maxsize=65536)
def _is_plain_word(word: str) -> bool:
    """Whether no rule of streets, roads, boxes or sufficiency is about the word in a street's name."""
    return (
        len(word) > 1
        and word.isalpha()
        and len(set(word)) > 1
        and word not in RULED
        and word not in TELLING
        and word not in BEGINS_NO_NAME
        and MAILBOX not in word
    )


@lru_cache(maxsize=65536)
def _plain_place(city: str, state: str, zip_code: str) -> _PlainPlace | None:
    """A place whose three parts are understood and do not contradict each other; not in Puerto Rico, not military."""
    if len(city) + len(state) > _LONGEST_LINE or not _ZIP.fullmatch(zip_code):
        return None
    words = plain_place(city, state)
    locality = read_fields(city, state, zip_code)
    if not words or not locality.understood or not (locality.city and locality.state and locality.zip5):
        return None
    conflict, warnings = judge_locality(locality)
    if (
        conflict
        or locality.state == "PR"
        or locality.city in MILITARY_CITIES
        or locality.state in MILITARY_STATES
        or read_fields(locality.city, locality.state, locality.zip5) != locality
    ):
        return None
    return _PlainPlace(locality, words, is_in_queens(*locality[:3]), warnings)
