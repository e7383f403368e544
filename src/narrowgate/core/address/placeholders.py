"""Texts that stand where an address should: "unknown", "failed to provide", "same as above"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from narrowgate.core.address.placeholder_lexicon import (
    ALONE,
    ANYWHERE,
    FILLERS,
    STREET_NAMES,
    STREET_NAMES_AT_FILLER_NUMBER,
)
from narrowgate.core.address.reading import DIRECTIONS, STREET_TYPES, UNIT_WORDS, Reading, Words
from narrowgate.core.address.word_list import words as word_list

_LETTER_FOR = str.maketrans("0123456789L", "OIZEASGTBGI")
"""The letter a digit is written for; I, L and 1 are one letter."""

_REPEATED = re.compile(r"(.)\1+")
_NUMBER_BEFORE_WORD = re.compile(r"\b(\d+)(?=[A-Z]{3,}\b)|(?<=[A-Z])(?=\d{2,}\b)")
_SYMBOL_LETTER = re.compile(r"[@$](?=\w)|(?<=\w)[!|](?=\w)")
_SYMBOLS = {"@": "A", "$": "S", "!": "I", "|": "I"}
_ONE_LETTER_AGAIN = re.compile(r"([A-Z])\1{2,}")
_KEYBOARD = re.compile(
    r"(?:ASDF|SDFG|DFGH|FGHJ|GHJK|HJKL|QWER|WERTY|ZXCV|XCVB|CVBN|FDSA|LKJH|REWQ|VCXZ)[A-Z]*"
)
_FILLER_NUMBERS = word_list("123 1234 12345 123456 999 9999 99999 111 1111 11111 555 5555 321")
_LETTERED_ROADS = word_list("ROAD RD HIGHWAY HWY TRUNK CTH CR ROUTE RTE")
"""Wisconsin's county roads are named by letters: ``COUNTY ROAD ZZZ``."""
_SHORT = 4


@lru_cache(maxsize=65536)
def _letters(word: str) -> str:
    """The word as it may be meant: letters for digits, no letter twice in a row."""
    return _REPEATED.sub(r"\1", word.translate(_LETTER_FOR))


def _joined(words: Iterable[str]) -> str:
    return _letters("".join(words))


_ANYWHERE = frozenset(_joined(phrase.split()) for phrase in ANYWHERE)
_PREFIXES = frozenset(phrase[:2] for phrase in _ANYWHERE)
_LONGEST = max(map(len, _ANYWHERE))
_INSIDE = re.compile(
    "|".join(
        _joined(phrase.split())
        for phrase in (
            "UNKNOWN",
            "DESCONOCID",
            "FAILED TO PROV",
            "NOT PROVIDED",
            "HOMELESS",
            "UNDISCLOSED",
            "IN CUSTODY",
        )
    )
)
_ALONE = frozenset(_joined(phrase.split()) for phrase in ALONE)


def _misspelled(word: str) -> frozenset[str]:
    """Every string one letter away from the word: left out, put in, changed, or swapped with its neighbour."""
    alphabet = "ABCDEFGHIJKMNOPQRSTUVWXYZ"
    found = set()
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        found |= {head + letter + tail for letter in alphabet}
        found |= {head + letter + tail[1:] for letter in alphabet if tail}
        found |= {head + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]}
    return frozenset(map(_letters, found))


_MISSPELLED = frozenset[str]().union(
    *(
        _misspelled(_joined((word,)))
        for word in ("UNKNOWN", "DESCONOCIDO", "HOMELESS", "TRANSIENT", "UNAVAILABLE")
    )
)


def is_placeholder(reading: Reading) -> bool:
    """Whether the text says that there is no address, in English or Spanish, however it is typed.

    Spacing, case, punctuation, repeated letters and digits or symbols in place of letters make no
    difference. A phrase that is never part of an address counts anywhere; a word that is (``SAME``,
    ``TEST``, ``HOME``) counts when the street lines say nothing else, or where it is all of a street's name.

    Source: the deficient addresses of the 2025 run (*TIGTA report of June 2026, D.D.C. of 26 February 2026*).
    """
    return (
        any(_says_none_anywhere(words) for words in _spellings(reading))
        or _says_nothing(reading.street)
        or any(_has_no_street_name(words) for words in reading.street)
    )


def says_nothing(words: Words) -> bool:
    """Whether a line such as a form's second one is filled in with nothing: ``N/A``, ``NONE``, ``XXX``."""
    return _says_nothing((words,))


def _spellings(reading: Reading) -> Iterator[Words]:
    """The words, and the words with symbols read as the letters they look like."""
    yield _split(" ".join(reading.words))
    text, changes = _SYMBOL_LETTER.subn(lambda match: _SYMBOLS[match[0]], reading.text)
    if changes:
        yield _split(re.sub(r"[^A-Z0-9]+", " ", text))


def _split(text: str) -> Words:
    return tuple(_NUMBER_BEFORE_WORD.sub(r"\1 ", text).split())


def _says_none_anywhere(words: Words) -> bool:
    return (
        _INSIDE.search(_joined(words)) is not None
        or any(_letters(word) in _MISSPELLED or _KEYBOARD.fullmatch(word) for word in words)
        or any(
            _is_one_letter_again(word) and before not in _LETTERED_ROADS
            for before, word in pairwise(("", *words))
        )
        or any(_starts_phrase(words, at) for at in range(len(words)))
    )


def _is_one_letter_again(word: str) -> bool:
    return _ONE_LETTER_AGAIN.fullmatch(word) is not None and word != "III"


def _starts_phrase(words: Words, start: int) -> bool:
    """Whether a phrase of the lexicon starts at this word and ends with this or a later one."""
    letters = ""
    for end in range(start, min(len(words), start + _LONGEST)):
        piece = _letters(words[end])
        letters += piece[1:] if letters[-1:] == piece[:1] else piece
        if len(letters) > _LONGEST or (len(letters) > 1 and letters[:2] not in _PREFIXES):
            return False
        if letters in _ANYWHERE and _is_meant(words[start : end + 1]):
            return True
    return False


def _is_meant(words: Words) -> bool:
    """A short phrase is one word of letters: ``TBD`` is, ``78D`` and ``T B D`` in an address are not."""
    return sum(map(len, words)) > _SHORT or (len(words) == 1 and words[0].isalpha())


def _says_nothing(lines: tuple[Words, ...]) -> bool:
    """Whether the lines hold words of ``ALONE``, with nothing beside them but fillers and numbers."""
    words = [word for line in lines for word in line if not word.isdigit()]
    if not words or any(len(word) > 1 and word.isdigit() for line in lines for word in line[:1]):
        return False
    if _joined(words) in _ALONE:
        return True
    meant = [word for word in words if word not in FILLERS]
    return bool(meant) and all(_letters(word) in _ALONE or _is_one_letter_again(word) for word in meant)


def _has_no_street_name(words: Words) -> bool:
    """Whether a house number is followed by a name no street has, or is filled with zeros."""
    if len(words) < 2 or not words[0].isdigit():
        return False
    number, name = words[0].lstrip("0"), _street_name(words[1:])
    if words[0] in ("00", "000", "0000", "00000"):
        return True
    if (not number or number in _FILLER_NUMBERS) and name in STREET_NAMES_AT_FILLER_NUMBER:
        return True
    return name in STREET_NAMES


def _street_name(words: Words) -> str:
    """The words between the number and the first suffix or unit, without a leading directional."""
    name: list[str] = []
    for word in words:
        if (name and word in STREET_TYPES) or word in UNIT_WORDS:
            break
        if name or word not in DIRECTIONS:
            name.append(word)
    return " ".join(name)
