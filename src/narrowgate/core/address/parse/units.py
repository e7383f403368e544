"""Secondary units: designators with their identifiers, Publication 28 sections 213 and 234."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from narrowgate.core.address.parse.designators import (
    ANY_UNIT,
    DESIGNATORS,
    FLOOR_NAMES,
    FLOOR_WORDS,
    GENERAL,
    NAMED_BUILDINGS,
    NEEDING_AN_IDENTIFIER,
    OUTERMOST_FIRST,
    STANDING_ALONE,
    TWO_WORDS,
    UNMISTAKABLE,
)
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.number_words import CARDINALS, ORDINAL, with_digits
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES

_IDENTIFIER = re.compile(
    r"(?=[A-Z0-9-]{1,10}$)(?:[A-Z]{0,3}[0-9]+[A-Z]{0,2}[0-9]{0,4}|[A-Z]{1,2})(?:-[A-Z0-9]{1,5}){0,2}"
)
_NEED_NO_IDENTIFIER = frozenset(STANDING_ALONE.values())
_LEADING_ZEROS = re.compile(r"^0+(?=[0-9])")
_TOWNHOUSE = re.compile(r"TH([0-9]{1,4}[A-Z]?)")
_NUMBERED_FLOOR = re.compile(r"([0-9]{1,3})(?:ST|ND|RD|TH)?")
_GLUED_FLOOR = re.compile(r"([0-9]{1,3})(?:ST|ND|RD|TH)?(?:FL|FLR)")
_NUMBER_SIGNS = frozenset(("#", "NO", "NUM", "NUMBER", "NUMERO", "NBR"))
_SIDES = frozenset(("NORTH", "SOUTH", "EAST", "WEST"))
"""Behind an identifier they are another door than its letter: ``APT 2 EAST`` is not ``2E``."""
_BEHIND_A_FLOOR = FLOOR_WORDS | {"LEVEL"}
_GENERAL_DESIGNATORS = frozenset(GENERAL.values()) | {"#"}
_BEGINNING = UNMISTAKABLE | _BEHIND_A_FLOOR
_PENTHOUSE = re.compile(r"PH([A-F])")


class Units(NamedTuple):
    """Units in canonical order, and whether a designator stands without the identifier it needs.

    ``general`` says of each unit with which general designator it is written; ``""`` where its designator stays.
    """

    identifiers: tuple[str, ...] = ()
    missing: bool = False
    general: tuple[str, ...] = ()


NO_UNITS = Units()


def read_units(words: list[str]) -> Units | None:
    """The units that the words name; ``None`` unless every word is understood.

    ``APT``, ``UNIT``, ``STE`` and ``#`` leave the bare identifier; other designators stay before it (``BLDG 1``,
    ``FL 2``), because floor 2 and apartment 2 are two doors. The order is building, floor, unit.

    Source: Publication 28 sections 213 (designators and identifiers), 234; the pound sign is section 213.2.
    """
    if not words:
        return NO_UNITS
    words = with_digits(words) if len(words) > 1 else words
    found: list[tuple[str, str]] = []
    missing = False
    at = 0
    while at < len(words):
        unit, length = _unit_at(words, at)
        if not length:
            return None
        if unit:
            found.append((unit, _general(unit, words[at : at + length])))
        elif DESIGNATORS[words[at]] != ANY_UNIT or not (found and found[-1][0] in _NEED_NO_IDENTIFIER):
            missing = True
        at += length
    identifiers, general = in_order(found)
    return Units(identifiers, missing, general)


def in_order(units: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Units in canonical order, and the general designator of each; every one is kept.

    One general unit is its bare identifier. Of two or more, each has its designator, because ``APT 2 UNIT 3`` is not
    ``UNIT 2 APT 3``; units with different designators may be written in either order.

    Args:
        units: every unit with its general designator, or ``""`` where its own designator stays before it.
    """
    written = list(units)
    if sum(bool(general) for _, general in written) > 1:
        written = [(f"{general} {unit}" if general else unit, "") for unit, general in written]
    if len(written) > 1:
        written.sort(key=_place)
    return tuple(unit for unit, _ in written), tuple(general for _, general in written)


def is_general(unit: str) -> bool:
    """Whether one of several units in canonical order has a general designator before it: ``APT 2``, ``# B``."""
    return unit.partition(" ")[0] in _GENERAL_DESIGNATORS


def _place(unit: tuple[str, str]) -> tuple[int, str]:
    designator = "" if unit[1] else unit[0].partition(" ")[0]
    return (9, "") if unit[1] else (OUTERMOST_FIRST.get(designator, 8), designator)


def _general(unit: str, words: list[str]) -> str:
    """The general designator that the unit is written with: ``#`` for a sign and for none at all."""
    if " " in unit or unit in _NEED_NO_IDENTIFIER:
        return ""
    return next((GENERAL[word] for word in words if word in GENERAL), "#")


def _unit_at(words: list[str], at: int) -> tuple[str, int]:
    """The unit at this word and its length in words; no text when the identifier is missing, no length when none."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if whole := _floor(word, following) or _whole_unit(word, following):
        return whole
    if word in DESIGNATORS:
        unit, length = _after_designator(words, at)
        if unit or word not in STANDING_ALONE:
            return unit, length
    if word == "UT" and following and not following.isalpha():
        unit, length = _unit_at(words, at + 1)
        return unit, length + bool(length)
    return _without_identifier(words, at)


def _without_identifier(words: list[str], at: int) -> tuple[str, int]:
    """The unit of a word that is no designator before an identifier: ``SPEAR TOWER``, ``REAR``, ``5B``."""
    word, following = words[at], "".join(words[at + 1 : at + 2])
    if following in NAMED_BUILDINGS and _names_a_building(words, at):
        return f"{NAMED_BUILDINGS[following]} {STANDING_ALONE.get(word, word)}", 2
    if word in STANDING_ALONE:
        return STANDING_ALONE[word], 1
    return (_LEADING_ZEROS.sub("", word), 1) if is_bare_identifier(word) else ("", 0)


def _names_a_building(words: list[str], at: int) -> bool:
    """Whether the word is the name of the building before whose kind it stands: ``SPEAR TOWER``, ``REAR BLDG``."""
    return len(words[at]) > 1 and words[at].isalpha() and _begins_a_unit(words[at + 2 : at + 3])


def _whole_unit(word: str, following: str) -> tuple[str, int] | None:
    """``GUEST HOUSE``, ``PHA``: designators with their identifier."""
    if (word, following) in TWO_WORDS:
        return TWO_WORDS[word, following], 2
    if penthouse := _PENTHOUSE.fullmatch(word):
        return f"PH {penthouse[1]}", 1
    townhouse = _TOWNHOUSE.fullmatch(word)
    return (f"TH {townhouse[1]}", 1) if townhouse else None


def _begins_a_unit(words: list[str]) -> bool:
    return not words or words[0] in DESIGNATORS or words[0] in STANDING_ALONE


def _floor(word: str, following: str) -> tuple[str, int] | None:
    """``2ND FLOOR``, ``2FL``, ``LOWER LEVEL``: the floor before its designator."""
    if glued := _GLUED_FLOOR.fullmatch(word):
        return f"FL {glued[1]}", 1
    if following in FLOOR_WORDS and (numbered := _NUMBERED_FLOOR.fullmatch(word)):
        return f"FL {numbered[1]}", 2
    if following in _BEHIND_A_FLOOR:
        name = FLOOR_NAMES.get(word)
        return (name, 2) if name else None
    return None


def _after_designator(words: list[str], at: int) -> tuple[str, int]:
    """The unit that begins with a designator: ``APT # 5``, ``STE NO 5``, ``# APT A``, ``APT REAR``, ``APT 5 B``."""
    designator = DESIGNATORS[words[at]]
    end = at + 1
    while end < len(words) and (
        words[end] in _NUMBER_SIGNS or designator == DESIGNATORS.get(words[end]) == ANY_UNIT
    ):
        end += 1
    if designator == ANY_UNIT and DESIGNATORS.get("".join(words[end : end + 1]), ANY_UNIT) != ANY_UNIT:
        unit, length = _after_designator(words, end)
        if unit:
            return unit, end - at + length
    if end == len(words):
        return "", end - at
    if designator == ANY_UNIT and (whole := _whole_behind_sign(words, at, end)):
        return whole
    identifier = _identifier(words[end], designator)
    if not identifier:
        return "", end - at
    end += 1
    if end < len(words) and _continues(identifier, words[end], words[end + 1 : end + 2]):
        identifier += words[end]
        end += 1
    elif end < len(words) and words[end] in _SIDES:
        identifier += f"-{words[end]}"
        end += 1
    return (f"{designator} {identifier}" if designator else identifier), end - at


def _whole_behind_sign(words: list[str], at: int, end: int) -> tuple[str, int] | None:
    """``# 2 FLR``, ``APT REAR``, ``UNIT TH5``: what is a unit of its own behind a general designator too."""
    if floor := _floor_behind_sign(words, at, end):
        return floor
    townhouse = _TOWNHOUSE.fullmatch(words[end])
    whole = f"TH {townhouse[1]}" if townhouse else STANDING_ALONE.get(words[end], "")
    return (whole, end + 1 - at) if whole else None


def _floor_behind_sign(words: list[str], at: int, end: int) -> tuple[str, int] | None:
    """``# 2 FLR``, ``APT 1ST FLOOR``: a floor behind a sign; ``APT 1 FL`` may be apartment 1 and is none."""
    floor = _floor(words[end], words[end + 1] if end + 1 < len(words) else "")
    sure = floor and (
        ORDINAL.fullmatch(words[end]) or words[end] in FLOOR_NAMES or words[at] in _NUMBER_SIGNS
    )
    if not floor or not sure or (words[end].isdigit() and end + 2 < len(words)):
        return None
    return floor[0], end - at + floor[1]


def _continues(identifier: str, word: str, after: list[str]) -> bool:
    """Whether an identifier was written in two words: ``5 B``, ``B 5``, ``AB 5`` (from ``AB-5``)."""
    if after and after[0] in FLOOR_WORDS:
        return False
    if identifier.isdigit():
        return len(word) == 1 and word.isalpha()
    return len(identifier) <= 3 and identifier.isalpha() and identifier not in DIRECTIONALS and word.isdigit()


def _identifier(word: str, designator: str) -> str:
    if word in DIRECTIONALS:
        return word
    if word in CARDINALS:
        return str(CARDINALS[word])
    if designator == "FL" and f"FL {word}" in FLOOR_NAMES.values():
        return word
    if designator in {"FL", "LEVEL"} and (ordinal := ORDINAL.fullmatch(word)):
        return ordinal[1]
    if (
        designator in {"BLDG", "TOWER", "WING"}
        and word.isalpha()
        and len(word) > 2
        and word not in DESIGNATORS
    ):
        return ""
    return _LEADING_ZEROS.sub("", word) if _IDENTIFIER.fullmatch(word) else ""


def is_bare_identifier(word: str) -> bool:
    """Whether a word behind a street is a unit even without a designator: it holds a digit or is one letter."""
    return (len(word) == 1 and word.isalpha()) or (
        not word.isalpha() and _IDENTIFIER.fullmatch(word) is not None
    )


def starts_units(words: list[str], at: int) -> bool:
    """Whether a street name cannot go on at this word, because a unit unmistakably begins."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if _floor(word, following):
        return word not in {"MAIN", "TOP", "LOWER", "UPPER"} or at + 2 == len(words)
    if word not in UNMISTAKABLE:
        return False
    if not following:
        return word in NEEDING_AN_IDENTIFIER or word in STANDING_ALONE
    return (
        word == "#"
        or following in DESIGNATORS
        or following in STANDING_ALONE
        or (following not in STREET_SUFFIXES and bool(_identifier(following, ANY_UNIT)))
    )


def first_unit(words: list[str]) -> int:
    """Where behind the first word a unit unmistakably begins; the number of words where none does."""
    if _BEGINNING.isdisjoint(words) and "".join(words).isalpha():
        return len(words)  # no unit begins without one of these words, or a digit
    return next((at for at in range(1, len(words)) if starts_units(words, at)), len(words))
