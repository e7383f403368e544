"""Texts that stand where an address should: "unknown", "failed to provide", "same as above"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, compress

from narrowgate.core.address.sufficiency.reading import (
    DIRECTIONS,
    STREET_TYPES,
    UNIT_WORDS,
    AddressReading,
    Words,
)
from narrowgate.core.address.words.placeholder_lexicon import (
    ALONE,
    ANYWHERE,
    BARE_PHRASES,
    BARE_STREET_NAMES,
    FILLERS,
    STREET_NAMES,
    STREET_NAMES_AT_FILLER_NUMBER,
)
from narrowgate.core.address.words.word_list import words as word_list

LETTER_FOR = str.maketrans("0123456789L", "OIZEASGTBGI")
"""The letter a digit is written for; I, L and 1 are one letter."""

_REPEATED = re.compile(r"(.)\1+")
_NUMBER_BEFORE_WORD = re.compile(r"\b(\d+)(?=[A-Z]{3,}\b)|(?<=[A-Z])(?=\d{2,}\b)")
_SYMBOL_LETTER = re.compile(r"[@$]|(?<=\w)[!|](?=\w)")
_SYMBOL = re.compile(r"[@$!|]")
_SYMBOLS = {"@": "A", "$": "S", "!": "I", "|": "I"}
_NO_NAME = re.compile(r"NO NAME(?: ST(?:REET)?)?")
"""No street's name; ``NO NAME RD`` is one."""
_UNIT_NUMBER = re.compile(r"[A-Z]\d{2,4}")
_ONE_LETTER_AGAIN = re.compile(r"([A-Z])\1{2,}")
KEYBOARD_ROWS = word_list("ASDF SDFG DFGH FGHJ GHJK HJKL QWER WERTY ZXCV XCVB CVBN FDSA LKJH REWQ VCXZ")
"""Keys beside each other, with which a word begins that is typed along the keyboard."""
KEYBOARD = re.compile(rf"(?:{'|'.join(sorted(KEYBOARD_ROWS))})[A-Z]*")
"""A word that is typed along the keyboard."""
FILLER_NUMBERS = word_list("123 1234 12345 123456 999 9999 99999 111 1111 11111 555 5555 321")
UNLIKELY_NAMES = STREET_NAMES | STREET_NAMES_AT_FILLER_NUMBER
_LEADING_NO_NAME = UNLIKELY_NAMES | DIRECTIONS | {"NO"}
"""What is behind the number where no street's name does, but for one letter again and again."""
_LETTERED_ROADS = word_list("ROAD RD HIGHWAY HWY TRUNK CTH CR ROUTE RTE")
"""Wisconsin's county roads are named by letters: ``COUNTY ROAD ZZZ``."""
_SHORT = 4


def _joined(words: Iterable[str]) -> str:
    """The words as they may be meant: letters for digits, no letter twice in a row."""
    return _REPEATED.sub(r"\1", "".join(words).translate(LETTER_FOR))


@lru_cache(maxsize=65536)
def _letters(word: str) -> str:
    """The same of one word; kept, because words repeat, where texts do not."""
    return _joined((word,))


def _all_joined(phrases: Iterable[str]) -> frozenset[str]:
    """Each phrase as :func:`_joined` gives it; all in one text, because every start waits for the thousands of them."""
    return frozenset(_joined("\n".join(phrases).split(" ")).split("\n"))


_ANYWHERE = _all_joined(ANYWHERE)
_LONGEST = max(map(len, _ANYWHERE))
_STEM = 6
_STEMS = frozenset(
    stem[:length] for stem in {phrase[:_STEM] for phrase in _ANYWHERE} for length in range(1, _STEM + 1)
)
"""What a phrase can begin with; every walk over words that leads nowhere stops by it."""
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
_ALONE = _all_joined(ALONE)


def _misspelled(word: str) -> frozenset[str]:
    """Every string one letter away from the word: left out, put in, changed, or swapped with the next."""
    alphabet = "ABCDEFGHIJKMNOPQRSTUVWXYZ"
    found = set()
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        found |= {head + letter + tail for letter in alphabet}
        found |= {head + letter + tail[1:] for letter in alphabet if tail}
        found |= {head + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]}
    return _all_joined(found)


_MISSPELLED = frozenset[str]().union(
    *(
        _misspelled(_joined((word,)))
        for word in ("UNKNOWN", "DESCONOCIDO", "HOMELESS", "TRANSIENT", "UNAVAILABLE")
    )
) - {_joined(("HOMES",))}
"""Misspellings; public housing is called ``HOMES``, which is one letter away from HOMELES."""


def is_placeholder(reading: AddressReading) -> bool:
    """Whether the text says that there is no address, in English or Spanish, however it is typed.

    Spacing, case, punctuation, repeated letters and digits in place of letters make no difference; symbols
    in place of letters are read by :func:`with_symbols_as_letters` before. A phrase that is never part of
    an address counts anywhere; a word that is (``SAME``, ``TEST``, ``HOME``) counts when the street lines
    say nothing else, or where it is all of a street's name. A number in digits starts no phrase.

    Source: the deficient addresses of the 2025 run (TIGTA report of June 2026; D.D.C. of 26 February 2026).
    """
    return (
        _says_none_anywhere(tuple(chain.from_iterable(map(_pieces, reading.words))))
        or all_say_nothing(reading.street)
        or any(_has_no_street_name(words) for words in _with_number_joined(reading.street))
    )


def _with_number_joined(street: tuple[Words, ...]) -> tuple[Words, ...]:
    """The lines, a number that is alone on the first one before the second."""
    if len(street) > 1 and len(street[0]) == 1 and street[0][0].isdigit():
        return (street[0] + street[1], *street[2:])
    return street


def has_symbols(text: str) -> bool:
    """Whether the text holds a symbol that may stand for a letter."""
    return _SYMBOL.search(text) is not None


def with_symbols_as_letters(text: str) -> str:
    """The text with ``@``, ``$``, ``!`` and ``|`` read as the letters they look like: ``UNKNOWN @DDRE$$``."""
    return _SYMBOL_LETTER.sub(lambda match: _SYMBOLS[match[0]], text)


def says_nothing(line: Words) -> bool:
    """Whether a line such as a form's second one is filled in with nothing: ``N/A``, ``NONE``, ``XXX``."""
    words = [word for word in line if not word.isdigit()]
    if not words or (line[0].isdigit() and len(line[0]) > 1) or (words == ["CALLE"] and len(line) > 1):
        return False
    if _joined(words) in _ALONE and any(map(_is_written_out, words)):
        return True
    meant = [word for word in words if word not in FILLERS]
    return bool(meant) and all(
        (_letters(word) in _ALONE and _is_written_out(word)) or _is_one_letter_again(word) for word in meant
    )


def _is_written_out(word: str) -> bool:
    """Whether a word is more than a house number of Puerto Rico such as ``A1`` or ``N4``."""
    return len(word) >= _SHORT or word.isalpha()


def all_say_nothing(street: tuple[Words, ...]) -> bool:
    """Whether the street lines together, or each of them, say nothing else than that there is no address.

    Args:
        street: the words of each line.
    """
    if not street or (street[0][0].isdigit() and len(street[0][0]) > 1):
        return False
    words = tuple(chain.from_iterable(street))
    return (_joined(words) in _ALONE and any(map(_is_written_out, words))) or all(map(says_nothing, street))


@lru_cache(maxsize=65536)
def _pieces(word: str) -> Words:
    """The word, with a number attached to its front or its end taken apart: ``123UNKNOWN``."""
    return tuple(_NUMBER_BEFORE_WORD.sub(r"\1 ", word).split())


def _says_none_anywhere(words: Words) -> bool:
    return says_none(words, len(words))


def says_none(words: Words, beginning: int) -> bool:
    """Whether the words say that there is no address, from one of the first ``beginning`` of them on."""
    for at in compress(range(beginning), map(may_say_none, words)):
        if may_go_on(*words[at : at + 2]) and _says_none_at(words, at):
            return True
    return False


@lru_cache(maxsize=65536)
def may_say_none(word: str) -> bool:
    """Whether ``says_none`` can find something that begins with this word."""
    return _word_says_none(word) or _may_start(word) or _is_one_letter_again(word)


def _says_none_at(words: Words, at: int) -> bool:
    word = words[at]
    if _is_one_letter_again(word) and not (at and words[at - 1] in _LETTERED_ROADS):
        return True
    return _word_says_none(word) or (_may_start(word) and _starts_phrase(words, at))


@lru_cache(maxsize=65536)
def _word_says_none(word: str) -> bool:
    """Whether the word alone says it: with others attached to it, misspelled, or typed along the keyboard."""
    letters = _letters(word)
    return (
        _INSIDE.search(letters) is not None
        or letters in _MISSPELLED
        or KEYBOARD.fullmatch(letters) is not None
    )


def _is_one_letter_again(word: str) -> bool:
    return word[:2] == word[1:3] and _ONE_LETTER_AGAIN.fullmatch(word) is not None and word != "III"


@lru_cache(maxsize=65536)
def _may_start(word: str) -> bool:
    return _letters(word)[:_STEM] in _STEMS and not word.isdigit()


@lru_cache(maxsize=65536)
def may_go_on(word: str, following: str = "") -> bool:
    """Whether ``says_none`` can find something that begins with these two words: with ``ST`` and a city seldom."""
    letters = _letters(word)
    if _word_says_none(word) or _is_one_letter_again(word) or letters in _ANYWHERE:
        return True
    piece = _letters(following)
    joined = letters + (piece[1:] if letters[-1:] == piece[:1] else piece)
    return joined[:_STEM] in _STEMS


def _starts_phrase(words: Words, start: int) -> bool:
    """Whether a phrase of the lexicon starts at this word and ends with this or a later one."""
    if words[start] == "NO" and start and _is_unit_number(words[start - 1 : start + 3]):
        return False
    letters = ""
    for end in range(start, min(len(words), start + _LONGEST)):
        piece = _letters(words[end])
        if letters[-1:] == piece:
            continue
        letters += piece[1:] if letters[-1:] == piece[:1] else piece
        if len(letters) > _LONGEST or letters[:_STEM] not in _STEMS:
            return False
        if (letters in _ANYWHERE or (len(letters) > _STEM and _INSIDE.match(letters))) and _is_meant(
            words[start : end + 1], letters
        ):
            return True
    return False


def _is_unit_number(words: Words) -> bool:
    """Whether ``NO`` is the number sign of a unit behind a street or designator: ``ST NO D100`` is no ``NO DIO``."""
    return _UNIT_NUMBER.fullmatch("".join(words[2:])) is not None and (
        words[0] in STREET_TYPES or words[0] in UNIT_WORDS or words[0] in DIRECTIONS
    )


def _is_meant(words: Words, letters: str) -> bool:
    """A third of it must be letters, and all of a short phrase: ``TBD`` is, ``78D`` and ``T B D`` are not."""
    written = "".join(words)
    if len(letters) <= _SHORT:
        return written.isalpha() and (len(words) == 1 or min(map(len, words)) > 1)
    return 3 * sum(map(str.isalpha, written)) >= len(written)


def _has_no_street_name(words: Words) -> bool:
    """Whether a house number is followed by a name no street has, or is filled with zeros."""
    if len(words) < 2 or not words[0].isdigit():
        return False
    if words[1] in BARE_STREET_NAMES if len(words) == 2 else " ".join(words[1:]) in BARE_PHRASES:
        return True
    if words[1] in _LEADING_NO_NAME or len(set(words[1])) == 1 or words[0].startswith("00"):
        return _names_no_street(words)
    return False  # a name that begins otherwise is a street's


def _names_no_street(words: Words) -> bool:
    number, name = words[0].lstrip("0"), _street_name(words[1:])
    if (words[0].startswith("00") and not number) or (
        words[1] == "NO" and _NO_NAME.fullmatch(" ".join(words[1:4]))
    ):
        return True
    filler = not number or number in FILLER_NUMBERS or len(words) == 2
    unlikely = UNLIKELY_NAMES if filler else STREET_NAMES
    return bool(name) and (unlikely.issuperset(name) or _is_one_letter_again("".join(name)))


def _street_name(words: Words) -> list[str]:
    """The words between the number and the first suffix or unit, without a leading directional.

    A directional before the suffix is the name: ``WEST STREET``.
    """
    name: list[str] = []
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if (name and word in STREET_TYPES) or word in UNIT_WORDS:
            break
        if name or word not in DIRECTIONS or following in STREET_TYPES:
            name.append(word)
    return name
