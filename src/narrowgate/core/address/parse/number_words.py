"""Numbers as words: cardinal and ordinal, Publication 28 section 233 (numeric street names) and Appendix E."""

from __future__ import annotations

import re

_ONES = (
    "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN TWELVE THIRTEEN FOURTEEN FIFTEEN SIXTEEN SEVENTEEN "
    "EIGHTEEN NINETEEN"
)
_ONES_ORDINAL = (
    "FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH THIRTEENTH FOURTEENTH FIFTEENTH "
    "SIXTEENTH SEVENTEENTH EIGHTEENTH NINETEENTH"
)
_TENS = "TWENTY THIRTY FORTY FIFTY SIXTY SEVENTY EIGHTY NINETY"

CARDINALS: dict[str, int] = {word: value for value, word in enumerate(_ONES.split(), 1)}
TENS: dict[str, int] = {word: value * 10 for value, word in enumerate(_TENS.split(), 2)}
ORDINALS: dict[str, int] = {word: value for value, word in enumerate(_ONES_ORDINAL.split(), 1)} | {
    word[:-1] + "IETH": value for word, value in TENS.items()
}
NUMBER_WORDS = frozenset((*CARDINALS, *TENS, *ORDINALS, "HUNDRED", "HUNDREDTH"))

ORDINAL = re.compile(r"([0-9]{1,4})(?:ST|ND|RD|TH)")
"""A number in digits with an ordinal ending, right or wrong (``22TH``)."""


def ordinal(value: int) -> str:
    """The number in digits with its ordinal ending."""
    if value % 100 in {11, 12, 13}:
        return f"{value}TH"
    return f"{value}{ {1: 'ST', 2: 'ND', 3: 'RD'}.get(value % 10, 'TH') }"


def with_digits(words: list[str]) -> list[str]:
    """The words with every number word in digits: ``TWENTY SECOND`` is ``22ND``, ``SEVEN OAKS`` is ``7 OAKS``.

    A number of several words is one number; words that make no number stay.
    """
    if NUMBER_WORDS.isdisjoint(words):
        return words
    result: list[str] = []
    at = 0
    while at < len(words):
        value, is_ordinal, length = _number_at(words, at)
        if length:
            result.append(ordinal(value) if is_ordinal else str(value))
            at += length
        else:
            result.append(words[at])
            at += 1
    return result


def ordinals_in_digits(words: list[str]) -> list[str]:
    """The words with every ordinal in digits (``TWENTY SECOND`` is ``22ND``); cardinal words stay."""
    if NUMBER_WORDS.isdisjoint(words):
        return words
    result: list[str] = []
    at = 0
    while at < len(words):
        value, is_ordinal, length = _number_at(words, at)
        result.append(ordinal(value) if is_ordinal else words[at])
        at += length if is_ordinal else 1
    return result


def leading_cardinal_in_digits(words: list[str]) -> list[str]:
    """The words of a street name with the cardinal before its noun in digits: ``SEVEN OAKS`` is ``7 OAKS``."""
    value, is_ordinal, length = _number_at(words, 0)
    if is_ordinal or not length or len(words[length : length + 1]) == 0 or len(words[length]) < 2:
        return words
    return [str(value), *words[length:]]


def _number_at(words: list[str], at: int) -> tuple[int, bool, int]:
    """The number that begins at this word: value, whether ordinal, and how many words; no words when none does."""
    value, is_ordinal, length = _below_hundred(words, at)
    following = words[at + length] if at + length < len(words) else ""
    if not is_ordinal and 0 <= value < 10 and following in {"HUNDRED", "HUNDREDTH"}:
        hundreds = (value or 1) * 100
        if following == "HUNDREDTH":
            return hundreds, True, length + 1
        rest, is_ordinal, more = _below_hundred(words, at + length + 1)
        return hundreds + rest, is_ordinal, length + 1 + more
    return value, is_ordinal, length


def _below_hundred(words: list[str], at: int) -> tuple[int, bool, int]:
    word = words[at] if at < len(words) else ""
    if word in TENS:
        following = words[at + 1] if at + 1 < len(words) else ""
        if 0 < CARDINALS.get(following, 0) < 10:
            return TENS[word] + CARDINALS[following], False, 2
        if 0 < ORDINALS.get(following, 0) < 10:
            return TENS[word] + ORDINALS[following], True, 2
        return TENS[word], False, 1
    if word in CARDINALS:
        return CARDINALS[word], False, 1
    if word in ORDINALS:
        return ORDINALS[word], True, 1
    return 0, False, 0
