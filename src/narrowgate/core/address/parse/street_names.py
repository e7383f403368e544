"""The one spelling of a street name, Publication 28 sections 231 to 233."""

from __future__ import annotations

import re

from narrowgate.core.address.parse.directionals import DIRECTIONAL_WORDS
from narrowgate.core.address.parse.number_words import (
    NUMBER_WORDS,
    ORDINAL,
    leading_cardinal_in_digits,
    ordinal,
)
from narrowgate.core.address.parse.suffixes import LAST_WORDS, NAME_WORDS
from narrowgate.core.address.words.word_list import words as word_set

MAXIMUM_WORDS = 7

_KING = re.compile(
    r"(?:REV(?:EREND)? )?(?:DR |DOCTOR )?(?:MLK|M L K|M ?L KING|MARTIN (?:L|LUTHER) ?KING)(?: (?:JR|JUNIOR))?"
)
KING = "MARTIN"
"""A name of many streets, and by ``is_king`` part of one whose spellings are many."""
_WORDS = {
    "CNTY": "COUNTY", "CTY": "COUNTY", "JUNIOR": "JR", "SENIOR": "SR", "SAINTE": "SAINT", "SNT": "SAINT", "TX": "TEXAS",
}  # fmt: skip
_SPANISH_TYPES = {
    "CLL": "CALLE", "CLLE": "CALLE", "CMT": "CAMINITO", "CMTO": "CAMINITO", "CAMTO": "CAMINITO",
    "CAM": "CAMINO", "CMO": "CAMINO", "CMNO": "CAMINO", "PSO": "PASEO",
    "AVD": "AVENUE", "AVDA": "AVENUE", "AVENIDA": "AVENUE", "AVEN": "AVENUE", "AVENU": "AVENUE", "AVN": "AVENUE",
    "AVNUE": "AVENUE", "BULEVAR": "BOULEVARD",
}  # fmt: skip
"""Abbreviations of Spanish street words before their name (Publication 28 Appendix H)."""
_NEVER_IN_A_NAME = frozenset(
    ("APT", "APTS", "APARTMENT", "APARTMENTS", "UNIT", "SUITE", "FL", "FLR", "BLDG", "RM", "BSMT")
)
_THOROUGHFARE_NAMES = frozenset(
    ("STREET", "AVENUE", "ROAD", "PLACE", "DRIVE", "LANE", "COURT", "TERRACE", "WAY")
)
_DIRECTIONS = frozenset((*DIRECTIONAL_WORDS, *DIRECTIONAL_WORDS.values()))
_COUNTED = word_set(
    """
    MILE ACRE GRAND FOOT ROD POINT HUNDRED THOUSAND PENNY BAR RANCH CURVE POUND NINER KARAT CARAT
    STREET AVENUE ROAD PLACE DRIVE LANE COURT TERRACE WAY NORTH SOUTH EAST WEST N S E W NE NW SE SW
    """
)
"""Words that follow a number of two digits in a street's name, besides plurals: ``40 ACRE RD``."""
_LETTERS = re.compile(r"[A-Z ]+")
_SHORT_ORDINAL = re.compile(r"([0-9]*[23])D")
_MISREAD_LETTER = re.compile(r"(?<=[A-Z])[058](?=[A-Z])|^0(?=[A-Z]{3})")
"""A digit inside a word; at its front only zero, which no name is counted with: ``5MILE`` is no ``SMILE``."""
_MISREAD_I = re.compile(r"(?<=[BCDFGHJKMNPQRSTVWXZ])1(?=[BCDFGHJKMNPQRSTVWXZ])")
_LETTER_OF_DIGIT = {"0": "O", "5": "S", "8": "B"}
_GLUED_NUMBER = re.compile(r"([1-9][0-9]*)([A-Z]{3,})")
_UNDERSTOOD = re.compile(
    r"[A-Z]+|[0-9]+(?:ST|ND|RD|TH)?|[0-9]{1,2}/[0-9]{1,3}|[A-Z0-9]*[A-Z]{3}[A-Z0-9]*|[A-Z]+[0-9][A-Z]+"
)
_LETTERED = re.compile(r"[0-9]{1,3}[A-Z]|[A-Z][0-9]{1,3}|[0-9]{1,4}\.[0-9]{1,3}")
"""Roads of a grid whose whole name is a number with a letter or with tenths: ``41Z AVE``, ``V1 RD``, ``36.1 RD``."""
_FRACTION = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_ENDING = {"IS": "ISLAND", "HL": "HILL"}
_POSITIONAL = frozenset(("ST", "DR", "STE", "CO", "MT", "AVE", "AV", *_ENDING))
"""Words that mean one thing before a name and another behind it."""
RULED_WORDS = frozenset(
    (
        *_POSITIONAL,
        "MLK",
        "M",
        "ML",
        KING,
        *NUMBER_WORDS,
        *DIRECTIONAL_WORDS,
        *_SPANISH_TYPES,
        *_WORDS,
    )
).union(word for word, spelling in LAST_WORDS.items() if word != spelling)
"""Names without these words and without digits stay as they are: every rule of this module is about one of them."""


def canonical_name(words: list[str], *, has_suffix: bool = False) -> str:
    """Spellings that surely name the same street are equal; ``""`` when a word is not understood.

    Number words and ordinals become digits (``FIFTH`` and ``5TH`` are ``5``), ``ST`` before a name is ``SAINT``, an
    abbreviation that is no word of its own is written out (``OLD MTN``), directionals inside a name are words, tenths
    of a road have one form (``24 1/2`` and ``24.5``), and a digit that a scanner left inside a word becomes its
    letter (``ASHM0RE``). Every other word stays: ``FRY`` is no ``FERRY`` and ``TRAILS`` no ``TRAIL``.

    Args:
        words: the folded words of the name, in order.
        has_suffix: a suffix follows; where none does, the last word of several is read as one.
    """
    if len(words) > MAXIMUM_WORDS or not _NEVER_IN_A_NAME.isdisjoint(words):
        return ""
    name = " ".join(words)
    if RULED_WORDS.isdisjoint(words) and _LETTERS.fullmatch(name):
        return name
    return "MARTIN LUTHER KING" if is_king(name) else _by_the_rules(words, has_suffix)


def is_king(name: str) -> bool:
    """Whether the folded name is one of the spellings of Martin Luther King."""
    return _KING.fullmatch(name) is not None


def in_tenths(whole: str, fraction: str) -> str:
    """A road's number or letter with its fraction in one form: ``24.5`` for ``24 1/2``, ``B 5/10`` for ``B 1/2``.

    Source: Mesa County, Colorado, and the counties of Kansas number their roads in tenths of a mile.
    """
    found = _FRACTION.fullmatch(fraction)
    over, under = (int(found[1]), int(found[2])) if found else (0, 0)
    if not under or over >= under or 1000 * over % under:
        return f"{whole} {fraction}"
    thousandths = 1000 * over // under
    if whole.isdigit():
        return f"{whole}.{str(thousandths).zfill(3).rstrip('0')}"
    return f"{whole} {thousandths // 100}/10" if thousandths % 100 == 0 else f"{whole} {fraction}"


def _by_the_rules(words: list[str], has_suffix: bool = False) -> str:
    """The canonical name of words that a rule may be about; ``canonical_name`` says how."""
    words = _with_number_apart(words)
    if _is_second_number(words):
        return ""
    in_digits = leading_cardinal_in_digits(words)
    words = words if _is_second_number(in_digits) else in_digits
    if len(words) == 2 and has_suffix and "/" in words[1] and (words[0].isdigit() or len(words[0]) == 1):
        return in_tenths(*words)
    if len(words) == 1 and has_suffix and _LETTERED.fullmatch(words[0]):
        return words[0]
    last = len(words) - 1
    words = [_word(words, at, last, has_suffix) for at in range(len(words))]
    if not all(map(_UNDERSTOOD.fullmatch, words)) or any(map(str.isdigit, words[1:-1])):
        return ""
    if (number := ORDINAL.fullmatch(words[0])) and (last == 0 or words[1] in _THOROUGHFARE_NAMES):
        words[0] = number[1]
    return " ".join(words)


def _is_second_number(name: list[str]) -> bool:
    """Whether the name begins with another house number: ``4514 MAIN``, unlike ``40 ACRE``, ``12 OAKS``, ``5 IRON``."""
    if len(name) < 2 or not name[0].isdigit() or len(name[0]) == 1:
        return False
    noun = name[1]
    if len(name) > 2 and noun in _DIRECTIONS:
        return True
    return not (noun in _COUNTED or noun[-1] == "S" or len(noun) == 1 or not noun.isalpha())


def _with_number_apart(words: list[str]) -> list[str]:
    """The words without a scanner's digits; a number glued to the first one is apart: ``5MILE`` is ``5 MILE``."""
    glued = _GLUED_NUMBER.fullmatch(words[0])
    if glued and not ORDINAL.fullmatch(words[0]):
        words = [*glued.groups(), *words[1:]]
    return list(map(_unscanned, words))


def _unscanned(word: str) -> str:
    """The word with digits that stand inside it as letters; a ``1`` between vowels may be I or L and stays."""
    if word.isalpha() or word.isdigit() or ORDINAL.fullmatch(word):
        return word
    if short := _SHORT_ORDINAL.fullmatch(word):
        return f"{short[1]}{'ND' if short[1][-1] == '2' else 'RD'}"
    if sum(character.isalpha() for character in word) < 3:
        return word
    return _MISREAD_I.sub("I", _MISREAD_LETTER.sub(lambda digit: _LETTER_OF_DIGIT[digit[0]], word))


def _word(words: list[str], at: int, last: int, has_suffix: bool) -> str:
    word = words[at]
    if number := ORDINAL.fullmatch(word):
        return ordinal(int(number[1]))
    if word in _POSITIONAL:
        return _by_position(words, at, last, has_suffix)
    if word in DIRECTIONAL_WORDS and last:
        return _directional_or_initial(words, at)
    if not at and last and word in _SPANISH_TYPES:
        return _SPANISH_TYPES[word]
    if at and at == last and not has_suffix:
        return _WORDS.get(word) or LAST_WORDS.get(word, word)
    return _WORDS.get(word) or NAME_WORDS.get(word, word)


def _by_position(words: list[str], at: int, last: int, has_suffix: bool) -> str:
    """Abbreviations of two words: before a name ``ST`` is a saint and ``DR`` a doctor, behind it they are a way."""
    word = words[at]
    ends = bool(at) and at == last
    following = words[at + 1] if at < last else ""
    meant = word
    if word == "ST":
        meant = "STREET" if at == last or (at and words[at - 1][0].isdigit()) else "SAINT"
    elif word == "DR":
        meant = "DOCTOR" if at == 0 and last else "DRIVE"
    elif word == "STE" and following:
        meant = "SAINT"
    elif word == "MT" and last:
        meant = "MOUNTAIN" if ends and has_suffix else "MOUNT"
    elif word in _ENDING and ends:
        meant = _ENDING[word]
    elif word in {"AVE", "AV"} and last and following != "MARIA":
        meant = "AVENUE"
    elif word == "CO" and following == "LINE":
        meant = "COUNTY"
    return meant


def _directional_or_initial(words: list[str], at: int) -> str:
    """A directional inside a name is its word, beside another single letter it is an initial."""
    word = words[at]
    beside = (*words[max(at - 1, 0) : at], *words[at + 1 : at + 2])
    if len(word) == 1 and any(len(other) == 1 and other.isalpha() for other in beside):
        return word
    return DIRECTIONAL_WORDS[word]
