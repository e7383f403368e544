"""A line in the words that may be meant: those that were written apart, together, or with digits for letters.

``1 JA IL``, ``1 J A I L``, ``1 COUNTYJAIL``, ``1 H0TEL`` and ``1 AS DF`` are read here as ``JAIL``, ``COUNTY JAIL``,
``HOTEL`` and ``ASDF``. What is read so is only judged: no delivery point is made of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from narrowgate.core.address.sufficiency.institutions import (
    AGENCIES,
    INSTITUTION_PHRASES,
    INSTITUTION_SINGLES,
)
from narrowgate.core.address.sufficiency.placeholders import KEYBOARD, KEYBOARD_ROWS, LETTER_FOR
from narrowgate.core.address.sufficiency.reading import DIRECTIONS
from narrowgate.core.address.words.placeholder_lexicon import BARE_STREET_NAMES, STREET_NAMES
from narrowgate.core.address.words.word_list import words as word_list

_SHORTEST = 5
_SHORTEST_IN_DIGITS = 4
_WHOLE = frozenset(word for word in INSTITUTION_SINGLES if len(word) >= _SHORTEST) | {"JAIL"}
_IN_LETTERS = {
    word.translate(LETTER_FOR): word
    for word in _WHOLE | STREET_NAMES | BARE_STREET_NAMES
    if len(word) >= _SHORTEST_IN_DIGITS
}
_PIECES = frozenset(whole[:length] for whole in _WHOLE | KEYBOARD_ROWS for length in range(2, len(whole)))
"""What is written first of a word that is written apart."""
_MOST_PIECES = 4
_LONGEST = max(map(len, _WHOLE))
_FIRST = word_list(
    "DETENTION CORRECTIONAL CORRECTIONS POLICE SHERIFF SHERIFFS PRISON JAIL HOSPITAL HOTEL MOTEL SHELTER"
)
_BEHIND_FIRST = word_list(
    "CENTER CENTRE CTR STATION DEPT DEPARTMENT OFFICE FACILITY HOUSE ANNEX COMPLEX CAMP BLDG BUILDING INSTITUTION FARM"
)
_LAST = word_list(
    """
    JAIL JAILS PRISON PENITENTIARY HOSPITAL COURTHOUSE HOTEL MOTEL HOSTEL SHELTER CLINIC POLICE SHERIFF DETENTION
    CORRECTIONS CARCEL ALBERGUE EMBASSY CONSULATE
    """
)
_SHORTEST_BEFORE = 3
_ATTACHED = {
    "".join(phrase.split()): phrase
    for phrase in (*INSTITUTION_PHRASES, *(f"{one} {other}" for one in _FIRST for other in _BEHIND_FIRST))
    if "".join(phrase.split()) not in INSTITUTION_SINGLES
}
_WITH_NUMBER = re.compile(r"^([A-Z]{4,})([0-9]{1,3})$")


def as_meant(folded: str) -> str:
    """The folded line in the words that may be meant; the line itself where it holds none but those written.

    Args:
        folded: a line as ``fold`` writes it.
    """
    words = folded.split(" ")
    if not any(map(may_be_meant_otherwise, words)):
        return folded
    meant: list[str] = []
    at = 0
    while at < len(words):
        word, taken = _together(words, at)
        meant.append(_meant(word))
        at += taken
    return " ".join(meant)


@lru_cache(maxsize=65536)
def may_be_meant_otherwise(word: str) -> bool:
    """Whether the word may be another one, or the first piece of one."""
    return may_begin_a_word(word) or is_meant_otherwise(word)


def may_begin_a_word(word: str) -> bool:
    """Whether the word, with another behind it, may be a word that is written apart; a directional alone is none."""
    return word in _PIECES or (len(word) == 1 and word.isalpha() and word not in DIRECTIONS)


def is_meant_otherwise(word: str) -> bool:
    """Whether the word by itself may be another one."""
    return len(word) > 1 and _meant(word) != word


def are_meant_otherwise(words: list[str]) -> bool:
    """Whether the words of a line that is its own folded form may be meant as others."""
    return any(map(may_be_meant_otherwise, words)) and as_meant(" ".join(words)).split() != words


def _together(words: list[str], at: int) -> tuple[str, int]:
    """The word that begins here, with what was written apart of it, and of how many words it is."""
    run = at
    while run < len(words) and len(words[run]) == 1 and words[run].isalpha():
        run += 1
    if run - at > _SHORTEST_BEFORE or "".join(words[at:run]) in AGENCIES:
        return _spelled("".join(words[at:run])), run - at
    if words[at] in _PIECES or run > at:
        joined = words[at]
        for end in range(at + 1, min(at + _MOST_PIECES, len(words))):
            joined += words[end]
            if not words[end].isalpha() or len(joined) > _LONGEST:
                break
            if joined in _WHOLE or KEYBOARD.fullmatch(joined):
                return joined, end + 1 - at
    return words[at], 1


def _spelled(letters: str) -> str:
    """Every word that the letters spell, in the order in which they begin; the letters where they spell none."""
    spelled = [whole for whole in _WHOLE if whole in letters]
    return " ".join(sorted(spelled, key=lambda whole: (letters.index(whole), whole))) or letters


@lru_cache(maxsize=65536)
def _meant(word: str) -> str:
    """The word in its letters, and parted where several are written as one."""
    if not word.isalpha():
        if 2 * sum(map(str.isalpha, word)) > len(word) and (
            whole := _IN_LETTERS.get(word.translate(LETTER_FOR))
        ):
            return whole
        return _WITH_NUMBER.sub(r"\1 \2", word)
    if word in _WHOLE or word in INSTITUTION_SINGLES:
        return word
    for end in range(len(word) - 1, _SHORTEST_BEFORE - 2, -1):
        if phrase := _ATTACHED.get(word[len(word) - end - 1 :]):
            return f"{word[: len(word) - end - 1]} {phrase}".strip()
    return next(
        (
            f"{word.removesuffix(last)} {last}"
            for last in _LAST
            if word.endswith(last) and len(word) - len(last) >= _SHORTEST_BEFORE
        ),
        word,
    )
