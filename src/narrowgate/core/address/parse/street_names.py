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
from narrowgate.core.address.parse.suffixes import NAME_WORDS

MAXIMUM_WORDS = 7

_KING = re.compile(
    r"(?:REV(?:EREND)? )?(?:DR |DOCTOR )?(?:MLK|M L K|M ?L KING|MARTIN (?:L|LUTHER) ?KING)(?: (?:JR|JUNIOR))?"
)
_WORDS = {
    "CNTY": "COUNTY", "CTY": "COUNTY", "JUNIOR": "JR", "SENIOR": "SR", "SAINTE": "SAINT", "SNT": "SAINT", "TX": "TEXAS",
    "BUS": "BUSINESS",
}  # fmt: skip
_SPANISH_TYPES = {
    "CLL": "CALLE", "CLLE": "CALLE", "CMT": "CAMINITO", "CMTO": "CAMINITO", "CAMTO": "CAMINITO",
    "CAM": "CAMINO", "CMO": "CAMINO", "CMNO": "CAMINO", "PSO": "PASEO", "AVD": "AVENUE", "VIA": "VIA",
}  # fmt: skip
"""Abbreviations of Spanish street words, and ``VIA``, which before a name is no viaduct (Publication 28 Appendix H)."""
_NEVER_IN_A_NAME = frozenset(
    ("APT", "APTS", "APARTMENT", "APARTMENTS", "UNIT", "SUITE", "FL", "FLR", "BLDG", "RM", "BSMT")
)
_THOROUGHFARE_NAMES = frozenset(
    ("STREET", "AVENUE", "ROAD", "PLACE", "DRIVE", "LANE", "COURT", "TERRACE", "WAY")
)
_LETTERS = re.compile(r"[A-Z ]+")
_SHORT_ORDINAL = re.compile(r"([0-9]*[23])D")
_MISREAD_LETTER = re.compile(r"(?<=[A-Z])[058](?=[A-Z])|^[058](?=[A-Z]{3})")
_MISREAD_I = re.compile(r"(?<=[BCDFGHJKMNPQRSTVWXZ])1(?=[BCDFGHJKMNPQRSTVWXZ])")
_LETTER_OF_DIGIT = {"0": "O", "5": "S", "8": "B"}
_UNDERSTOOD = re.compile(
    r"[A-Z]+|[0-9]+(?:ST|ND|RD|TH)?|[0-9]/[0-9]|[A-Z0-9]*[A-Z]{3}[A-Z0-9]*|[A-Z]+[0-9][A-Z]+"
)
_RULED = frozenset(
    (
        "ST",
        "DR",
        "STE",
        "CO",
        "MLK",
        "M",
        "ML",
        "MARTIN",
        *NUMBER_WORDS,
        *DIRECTIONAL_WORDS,
        *_SPANISH_TYPES,
        *_WORDS,
    )
).union(word for word, spelling in NAME_WORDS.items() if word != spelling)
"""Names without these words and without digits stay as they are: every rule of this module is about one of them."""


def canonical_name(words: list[str]) -> str:
    """Spellings that surely name the same street are equal; ``""`` when a word is not understood.

    Number words and ordinals become digits (``FIFTH`` and ``5TH`` are ``5``), ``ST`` before a name is ``SAINT``, suffix
    words inside a name have one spelling (``STONY IS``), directionals inside a name are words, and a digit that a
    scanner left inside a word becomes its letter (``ASHM0RE``).
    """
    if len(words) > MAXIMUM_WORDS or not _NEVER_IN_A_NAME.isdisjoint(words):
        return ""
    name = " ".join(words)
    if _RULED.isdisjoint(words) and _LETTERS.fullmatch(name):
        return name
    return "MARTIN LUTHER KING" if _KING.fullmatch(name) else _by_the_rules(words)


def _by_the_rules(words: list[str]) -> str:
    """The canonical name of words that a rule may be about; ``canonical_name`` says how."""
    words = leading_cardinal_in_digits([_unscanned(word) for word in words])
    last = len(words) - 1
    words = [_word(words, at, last) for at in range(len(words))]
    if not all(map(_UNDERSTOOD.fullmatch, words)) or any(map(str.isdigit, words[1:-1])):
        return ""
    if (number := ORDINAL.fullmatch(words[0])) and (last == 0 or words[1] in _THOROUGHFARE_NAMES):
        words[0] = number[1]
    return " ".join(words)


def _unscanned(word: str) -> str:
    """The word with digits that stand inside it as letters; a ``1`` between vowels may be I or L and stays."""
    if word.isalpha() or word.isdigit() or ORDINAL.fullmatch(word):
        return word
    if short := _SHORT_ORDINAL.fullmatch(word):
        return f"{short[1]}{'ND' if short[1][-1] == '2' else 'RD'}"
    if sum(character.isalpha() for character in word) < 3:
        return word
    return _MISREAD_I.sub("I", _MISREAD_LETTER.sub(lambda digit: _LETTER_OF_DIGIT[digit[0]], word))


def _word(words: list[str], at: int, last: int) -> str:
    word = words[at]
    if number := ORDINAL.fullmatch(word):
        return ordinal(int(number[1]))
    if word in {"ST", "DR", "STE", "CO"}:
        return _by_position(words, at, last)
    if word in DIRECTIONAL_WORDS and last:
        return _directional_or_initial(words, at)
    if not at and last and word in _SPANISH_TYPES:
        return _SPANISH_TYPES[word]
    return _WORDS.get(word) or NAME_WORDS.get(word, word)


def _by_position(words: list[str], at: int, last: int) -> str:
    """Abbreviations of two words: before a name ``ST`` is a saint and ``DR`` a doctor, behind it they are a way."""
    word = words[at]
    if word == "ST":
        return "STREET" if at == last or (at and words[at - 1][0].isdigit()) else "SAINT"
    if word == "DR":
        return "DOCTOR" if at == 0 and last else "DRIVE"
    if word == "STE":
        return "SAINT" if at < last else word
    return "COUNTY" if words[at + 1 : at + 2] == ["LINE"] else word


def _directional_or_initial(words: list[str], at: int) -> str:
    """A directional inside a name is its word, beside another single letter it is an initial."""
    word = words[at]
    beside = (*words[max(at - 1, 0) : at], *words[at + 1 : at + 2])
    if len(word) == 1 and any(len(other) == 1 and other.isalpha() for other in beside):
        return word
    return DIRECTIONAL_WORDS[word]
