"""Other spellings of one address (USPS Publication 28), and addresses a slip away, by other code than ours."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from support.pseudopeople_returns import LOCALITIES, Place

SUFFIXES = {
    "st": "street", "ave": "avenue", "rd": "road", "dr": "drive", "ln": "lane", "ct": "court", "cir":
    "circle", "blvd": "boulevard", "pl": "place", "ter": "terrace", "trl": "trail", "pkwy": "parkway", "sq":
    "square",
}  # fmt: skip
DIRECTIONALS = {
    "n": "north", "s": "south", "e": "east", "w": "west",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest",
}  # fmt: skip
STATES = dict(
    line.strip().split(maxsplit=1)
    for line in """
    AL Alabama
    AZ Arizona
    CA California
    CO Colorado
    CT Connecticut
    FL Florida
    GA Georgia
    IA Iowa
    ID Idaho
    IL Illinois
    IN Indiana
    KS Kansas
    KY Kentucky
    LA Louisiana
    MA Massachusetts
    MD Maryland
    ME Maine
    MI Michigan
    MN Minnesota
    MO Missouri
    MT Montana
    NC North Carolina
    NE Nebraska
    NH New Hampshire
    NJ New Jersey
    NM New Mexico
    NV Nevada
    NY New York
    OH Ohio
    OK Oklahoma
    OR Oregon
    PA Pennsylvania
    RI Rhode Island
    SC South Carolina
    TN Tennessee
    TX Texas
    UT Utah
    VA Virginia
    WA Washington
    WI Wisconsin
    """.strip().splitlines()
)
_ORDINALS = (
    *("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    *("eleventh", "twelfth"),
)
_UNIT = re.compile(r"(?:apartment|apt|unit|#|no|number)\.? (?:# ?|no )?([a-z]?[0-9]+[a-z]?|[a-z])")
_LONG = {**SUFFIXES, **DIRECTIONALS}
_SHORT = {long: short for short, long in _LONG.items()}

Written = dict[str, str]
"""Columns of a case file that say an address."""


def written(place: Place) -> Written:
    """The address in four fields, as the simulation has it."""
    return {
        "address_line_1": place.line_1,
        "address_line_2": place.unit,
        "city": place.city,
        "state": place.state,
        "zip": place.zip5,
    }


def case_and_punctuation(place: Place, _: random.Random) -> Written | None:
    """Capitals at the start of words, a period after short ones, a comma at the end."""
    words = [word.title() + ("." if word in _LONG else "") for word in place.street.split()]
    return {
        **written(place),
        "address_line_1": f"{place.number}  {' '.join(words)},",
        "city": place.city.title(),
    }


def capitals(place: Place, _: random.Random) -> Written | None:
    """Every letter a capital."""
    return {column: text.upper() for column, text in written(place).items()}


def suffix_form(place: Place, _: random.Random) -> Written | None:
    """The street suffix spelled out, or abbreviated (appendix C1)."""
    words = place.street.split()
    position = _suffix_position(words)
    if position is None:
        return None
    words[position] = _LONG.get(words[position]) or _SHORT[words[position]]
    return {**written(place), "address_line_1": f"{place.number} {' '.join(words)}"}


def directional_form(place: Place, _: random.Random) -> Written | None:
    """The directional spelled out, or abbreviated (section 233)."""
    words = place.street.split()
    position = _directional_position(words)
    if position is None:
        return None
    words[position] = _LONG.get(words[position]) or _SHORT[words[position]]
    return {**written(place), "address_line_1": f"{place.number} {' '.join(words)}"}


def ordinal_words(place: Place, _: random.Random) -> Written | None:
    """``5th`` as ``fifth``."""
    changed = re.sub(
        r"\b([1-9]|1[0-2])(?:st|nd|rd|th)\b", lambda match: _ORDINALS[int(match[1])], place.street
    )
    return (
        None if changed == place.street else {**written(place), "address_line_1": f"{place.number} {changed}"}
    )


def unit_form(place: Place, source: random.Random) -> Written | None:
    """Another designator word before the same identifier (section 213)."""
    unit = _UNIT.fullmatch(place.unit)
    if unit is None:
        return None
    designator = source.choice(("APT ", "#", "Unit ", "Apartment ", "apt. #"))
    return {**written(place), "address_line_2": f"{designator}{unit[1]}"}


def unit_on_line_1(place: Place, _: random.Random) -> Written | None:
    """The unit after the street in one line."""
    if not place.unit:
        return None
    return {**written(place), "address_line_1": f"{place.line_1}, {place.unit}", "address_line_2": ""}


def one_line(place: Place, _: random.Random) -> Written | None:
    """Everything in the first line."""
    parts = [place.line_1, place.unit, place.city, f"{place.state} {place.zip5}"]
    return {**written(Place()), "address_line_1": ", ".join(part for part in parts if part)}


def zip4_and_state_name(place: Place, source: random.Random) -> Written | None:
    """A ZIP+4 and the state by its name."""
    return {
        **written(place),
        "state": STATES[place.state],
        "zip": f"{place.zip5}-{source.randrange(1, 9999):04d}",
    }


def zip_missing(place: Place, _: random.Random) -> Written | None:
    """City and state only."""
    return {**written(place), "zip": ""}


def other_city(place: Place, _: random.Random) -> Written | None:
    """Another city of the state in the right ZIP: inside a ZIP the city is no evidence."""
    others = [city for city, state, _ in LOCALITIES if state == place.state and city != place.city]
    return {**written(place), "city": others[0]} if others else None


def number_off(place: Place, source: random.Random) -> Place | None:
    """One digit of the house number is another."""
    return _with_number(place, _digit_changed(place.number, source))


def number_transposed(place: Place, _: random.Random) -> Place | None:
    """The last two digits of the house number are swapped."""
    number = place.number
    return _with_number(place, number[:-2] + number[:-3:-1]) if number.isdigit() and len(number) > 2 else None


def unit_missing(place: Place, _: random.Random) -> Place | None:
    """The unit is left out."""
    return replace(place, unit="") if place.unit else None


def unit_added(place: Place, source: random.Random) -> Place | None:
    """A unit where there is none."""
    return None if place.unit else replace(place, unit=f"apt {source.randrange(1, 40)}")


def unit_changed(place: Place, source: random.Random) -> Place | None:
    """A digit of the unit is another."""
    unit = _digit_changed(place.unit, source)
    return replace(place, unit=unit) if unit != place.unit else None


def directional_changed(place: Place, _: random.Random) -> Place | None:
    """North becomes south, east becomes west, and back."""
    turned = {"n": "s", "s": "n", "e": "w", "w": "e", "ne": "nw", "nw": "ne", "se": "sw", "sw": "se"}
    words = place.street.split()
    position = _directional_position(words)
    if position is None:
        return None
    words[position] = turned[_SHORT.get(words[position], words[position])]
    return replace(place, street=" ".join(words))


def directional_missing(place: Place, _: random.Random) -> Place | None:
    """The directional is left out."""
    words = place.street.split()
    position = _directional_position(words)
    if position is None:
        return None
    del words[position]
    return replace(place, street=" ".join(words))


def suffix_changed(place: Place, source: random.Random) -> Place | None:
    """The street becomes an avenue."""
    words = place.street.split()
    position = _suffix_position(words)
    if position is None:
        return None
    words[position] = source.choice(sorted(set(SUFFIXES) - {_SHORT.get(words[position], words[position])}))
    return replace(place, street=" ".join(words))


def zip_elsewhere(place: Place, source: random.Random) -> Place | None:
    """The same street in another city."""
    city, state, zip5 = source.choice([locality for locality in LOCALITIES if locality[2] != place.zip5])
    return replace(place, city=city, state=state, zip5=zip5)


def street_slip(place: Place, source: random.Random) -> Place | None:
    """One letter of a long street word is another."""
    words = place.street.split()
    long = [
        position
        for position, word in enumerate(words)
        if len(word) > 5 and word.isalpha() and word not in _SHORT
    ]
    if not long:
        return None
    position = source.choice(long)
    word = words[position]
    at = source.randrange(1, len(word))
    words[position] = word[:at] + source.choice("aeiostnr".replace(word[at], "")) + word[at + 1 :]
    return replace(place, street=" ".join(words))


def digit_changed(text: str, source: random.Random) -> str:
    """The text with one of its digits another."""
    return _digit_changed(text, source)


def _digit_changed(text: str, source: random.Random) -> str:
    places = [position for position, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    at = places[-1] if len(places) == 1 else source.choice(places[1:])
    return text[:at] + source.choice("123456789".replace(text[at], "")) + text[at + 1 :]


def _with_number(place: Place, number: str) -> Place | None:
    return replace(place, number=number) if number != place.number else None


def _suffix_position(words: list[str]) -> int | None:
    """Of the word that is beyond doubt a suffix: the last but a directional, after a name."""
    last = len(words) - 1
    if last > 0 and words[last] in _LONG | _SHORT and _is_directional(words[last]):
        last -= 1
    named = [word for word in words[: max(last, 0)] if not _is_directional(word)]
    known = last > 0 and (
        words[last] in SUFFIXES or (words[last] in _SHORT and not _is_directional(words[last]))
    )
    return last if known and any(word.isalpha() and len(word) > 2 for word in named) else None


def _directional_position(words: list[str]) -> int | None:
    """Of the word that is beyond doubt a directional: first or last, beside a name and a suffix."""
    names = [word for word in words if len(word) > 3 and word.isalpha() and word not in _SHORT]
    if len(words) < 3 or not names or len([word for word in words if _is_directional(word)]) != 1:
        return None
    return next((at for at in (0, len(words) - 1) if _is_directional(words[at])), None)


def _is_directional(word: str) -> bool:
    return word in DIRECTIONALS or word in DIRECTIONALS.values()
