"""House numbers, Publication 28 sections 233 and Appendix D (hyphenated, grid, alphanumeric, fractional)."""

from __future__ import annotations

import re

from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.number_words import CARDINALS, TENS
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.parse.units import starts_units
from narrowgate.core.address.postal import canonical_city, zips_of_city

_SIMPLE = re.compile(r"([0-9]{1,6}) (?=(?:[NSEW] )?[A-Z]{2})")
_FRACTIONAL = re.compile(r"([0-9]{1,6})[ -]([1-9]/[0-9]{1,2})(?: |$)")
_DECIMAL = re.compile(r"([0-9]{1,5}\.[0-9]{1,2})(?: |$)")
_HYPHENED = re.compile(r"([0-9]{1,5})-([0-9]{1,5}[A-Z]?)(?: |$)")
_WITH_LETTER = re.compile(r"([0-9]{1,6})(NE|NW|SE|SW|[A-Z])(?: |$)")
_PLAIN_NUMBER = re.compile(r"([0-9]{1,6})(?: |$)")
_LETTER_APART = re.compile(r"([0-9]{1,6}) ([ABCFGHJKR]) (?=[NSEW] |[A-Z0-9]{2})")
_TWO_AXES = re.compile(
    r"(?=[NS][^A-Z]*[EW]|[EW][^A-Z]*[NS])([NSEW]) ?([0-9]{1,5}) ?-?([NSEW]) ?([0-9]{1,6}) "
)
_ONE_AXIS = re.compile(r"([0-9]{1,2})([NSEW])([0-9]{3}) ")
_ONE_AXIS_APART = re.compile(r"([0-9]{1,2}) ?([NSEW]) ([0-9]{3}) (?=[A-Z]{3})")
_ONE_AXIS_GLUED = re.compile(r"([0-9]{1,2})([NSEW]) ([0-9]{2,3}) (?=[A-Z]{2})")
"""The last part of a number of DuPage and Kane counties, Illinois, apart: ``1N 190 LA FOX RD``."""
_LETTER_FIRST = re.compile(r"([A-Z]{1,2})([0-9]{1,6}[A-Z]?) ")
_LETTER_FIRST_APART = re.compile(r"([NSEW]) ([0-9]{3,5}) (?=[A-Z]{2})")
_KILOMETER = re.compile(
    r"KM ([0-9]{1,3}(?:\.[0-9])?) (?=CARR(?:ETERA)?(?: ESTATAL| PR)?(?: NUM| NO| #)? [0-9])"
)
_QUEENS = re.compile(r"([0-9]{2,3}) ([0-9]{2}) (?=[0-9]{1,3}(?:ST|ND|RD|TH|D)? [A-Z]{2})")
"""A hyphenated number whose hyphen is a space, before a numbered street: ``37 12 103RD ST``."""
_SPANISH_TYPES = frozenset(("CALLE", "CLL", "VIA", "PASEO", "CAMINO", "CALLEJON", "PASAJE"))
_BLOCK_NUMBER = re.compile(r"([0-9]{1,2}) ?([A-Z]{2}) ?([0-9]{1,3}) (?=VIA |CALLE )")
"""House numbers of Villa Fontana in Puerto Rico: ``4FN-3``."""
_MILEPOST = re.compile(
    r"(?:MILE(?: ?POST)?|MP) ([0-9]{1,3}(?:\.[0-9])?) (?=[A-Z]{3,}(?: [A-Z]{3,})? (?:HWY|HIGHWAY|RD|ROAD)(?: |$))"
)


_QUEENS_ZIPS = ("111", "113", "114", "116", "11004", "11005")
_QUEENS_NUMBER = re.compile(r"([0-9]{1,3})([0-9]{2})([A-Z]?)")
_SHORT_BEHIND_HYPHEN = re.compile(r"([0-9]{1,3})-([0-9])([A-Z]?)")


def is_in_queens(city: str, state: str, zip5: str) -> bool:
    """Whether the place is in Queens, New York: by its ZIP Code, or without one by all the ZIP Codes of its city."""
    if zip5:
        return zip5.startswith(_QUEENS_ZIPS)
    zips = zips_of_city(canonical_city(city), state) if state == "NY" else ()
    return bool(zips) and all(one.startswith(_QUEENS_ZIPS) for one in zips)


def hyphenated_in_queens(number: str) -> str:
    """The number as Queens writes it, two digits behind the hyphen: ``75-07`` for ``7507``, ``14-01`` for ``14-1``.

    A street there has its numbers either way, never both.

    Source: New York City Department of City Planning, Geosupport System User Programming Guide (hyphenated house
    numbers: the hyphen may be left out, and is then before the last two digits).
    """
    if found := _QUEENS_NUMBER.fullmatch(number):
        return f"{found[1]}-{found[2]}{found[3]}"
    if found := _SHORT_BEHIND_HYPHEN.fullmatch(number):
        return f"{found[1]}-0{found[2]}{found[3]}"
    return number


def read_number(text: str) -> tuple[str, str]:
    """The house number a delivery line begins with, and the text behind it; ``("", text)`` when there is none.

    Leading zeros say nothing (``00123`` is ``123``), a hyphen does (``112-10`` is not ``11210``). An attached
    directional goes back to the street (``3862S LAKE``); every other letter is part of the number.
    """
    for read in (read_plain_number, _plain_forms, _lettered, _grid, _in_words):
        number, rest = read(text)
        if number:
            return number, rest
    return "", text


def read_plain_number(text: str) -> tuple[str, str]:
    """The house number when it is digits before a word, and the text behind it; ``("", text)`` otherwise."""
    simple = _SIMPLE.match(text)
    return (_significant(simple[1]), text[simple.end() :]) if simple else ("", text)


def is_zero(number: str) -> bool:
    """Whether the number is no number of a house: nothing but zeros."""
    return not number.strip("0-./ ")


def _significant(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _plain_forms(text: str) -> tuple[str, str]:
    if found := _FRACTIONAL.match(text):
        return f"{_significant(found[1])} {found[2]}", text[found.end() :]
    if found := _DECIMAL.match(text):
        return _significant(found[1]), text[found.end() :]
    if (found := _HYPHENED.match(text)) or (found := _QUEENS.match(text)):
        return f"{_significant(found[1])}-{found[2]}", text[found.end() :]
    return "", text


def _lettered(text: str) -> tuple[str, str]:
    if (found := _ONE_AXIS.match(text)) or (
        (found := _ONE_AXIS_APART.match(text) or _ONE_AXIS_GLUED.match(text))
        and _goes_on_with_a_name(text[found.end() :])
    ):
        return _significant(found[1]) + found[2] + found[3].zfill(3), text[found.end() :]
    if found := _WITH_LETTER.match(text):
        return _attached(_significant(found[1]), found[2], text[found.end() :])
    if (found := _LETTER_APART.match(text)) and _goes_on_with_a_street(text[found.end() :]):
        return _significant(found[1]) + found[2], text[found.end() :]
    if found := _PLAIN_NUMBER.match(text):
        return _significant(found[1]), text[found.end() :]
    return "", text


def _attached(number: str, letters: str, rest: str) -> tuple[str, str]:
    """A directional attached to the number belongs to the street, unless the street has one."""
    if letters in DIRECTIONALS and rest.partition(" ")[0] not in DIRECTIONALS:
        return number, f"{letters} {rest}"
    return number + letters, rest


def _goes_on_with_a_name(rest: str) -> bool:
    words = rest.split()
    return not (words[0] in STREET_SUFFIXES or words[0] in DIRECTIONALS or starts_units(words, 0))


def _goes_on_with_a_street(rest: str) -> bool:
    """Whether a whole street follows the letter, so that the letter is not its name or initial."""
    words = rest.split()
    if words[0] in DIRECTIONALS:
        return len(words) > 2
    return (
        words[0] not in STREET_SUFFIXES
        and not starts_units(words, 0)
        and not STREET_SUFFIXES.keys().isdisjoint(words[1:])
    )


def _grid(text: str) -> tuple[str, str]:
    if found := _TWO_AXES.match(text) or _BLOCK_NUMBER.match(text):
        return "".join(found.groups()), text[found.end() :]
    if (found := _LETTER_FIRST.match(text)) and _may_be_lettered(found[1], text[found.end() :]):
        return found[1] + _significant(found[2]), text[found.end() :]
    if (found := _LETTER_FIRST_APART.match(text)) and _goes_on_with_a_name_or_road(text[found.end() :]):
        return found[1] + _significant(found[2]), text[found.end() :]
    if found := _MILEPOST.match(text):
        return f"MILE {found[1]}", text[found.end() :]
    if found := _KILOMETER.match(text):
        return f"KM {found[1]}", text[found.end() :]
    return "", text


def _may_be_lettered(letters: str, rest: str) -> bool:
    """Whether a number may begin with these letters: ``W5555`` may, ``I95 HOUSTON`` is a road without number.

    Letters that are no directional number the houses of Puerto Rico, before a Spanish street word, and of few other
    places, where the street has a suffix. ``I`` is then an interstate.
    """
    first, *others = rest.split()
    if letters in DIRECTIONALS or first in _SPANISH_TYPES or STREET_SUFFIXES.get(first) == "AVE":
        return True
    return letters != "I" and not STREET_SUFFIXES.keys().isdisjoint(others)


def _goes_on_with_a_name_or_road(rest: str) -> bool:
    words = rest.split()
    if words[0] in STREET_SUFFIXES:
        return len(words) > 1 and words[1][0].isdigit()
    return words[0] not in DIRECTIONALS and not starts_units(words, 0)


def _in_words(text: str) -> tuple[str, str]:
    """``ONE E PIMA ST``: a number word is a house number only where it cannot begin the street's name."""
    words = text.split()
    if len(words) < 3:
        return "", text
    value, taken = CARDINALS.get(words[0], 0), 1
    if words[0] in TENS:
        value = TENS[words[0]]
        if words[1] in CARDINALS and CARDINALS[words[1]] < 10:
            value, taken = value + CARDINALS[words[1]], 2
    following = words[taken]
    if (following in DIRECTIONALS and len(words) > taken + 1) or (
        value == 1 and following not in {"MILE", "TREE", "HORSE", "WAY"}
    ):
        return (str(value), " ".join(words[taken:])) if value else ("", text)
    return "", text
