"""Whether a street name that nobody in the file lives on looks like the name of a street all the same."""

from __future__ import annotations

from functools import cache, lru_cache

from narrowgate.core.address.postal import city_words
from narrowgate.core.matching.street_word_table import (
    FAMOUS_NAMES,
    FIRST_ELEMENTS,
    NAMES,
    PARTICLES,
    SECOND_ELEMENTS,
    SPANISH_WORDS,
)
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES

_SHORTEST_ELEMENT = 3
"""Letters of either half of a compound."""

_SHORTEST_NAME = 4
"""Letters of a city, given name or surname; many of three letters are half of another word."""

_ELEMENTS = frozenset(word for word in FIRST_ELEMENTS if len(word) >= _SHORTEST_ELEMENT) | SECOND_ELEMENTS


@lru_cache(maxsize=65536)
def is_plausible_street(street_name: str) -> bool:
    """Whether the name consists of words that names of streets are made of; such a name is never corrected.

    A word is one of the tables, a compound of two of their elements (``BROOKSIDE``), the plural of either, a
    single letter or a number. What is missing from the tables costs certainty, and what stands in them too much
    costs a correction: a misspelling that happens to be another word.

    Args:
        street_name: canonical, its spaces kept.
    """
    return all(_is_known(word) or (word[-1] == "S" and _is_known(word[:-1])) for word in street_name.split())


def _is_known(word: str) -> bool:
    return len(word) == 1 or word.isdigit() or word in _known_words() or _is_compound(word)


def _is_compound(word: str) -> bool:
    halves = ((word[:at], word[at:]) for at in range(_SHORTEST_ELEMENT, len(word) - 1))
    return any(
        (first in _ELEMENTS and second in SECOND_ELEMENTS)
        or (first in SECOND_ELEMENTS and second in _ELEMENTS)
        for first, second in halves
    )


@cache
def _known_words() -> frozenset[str]:
    names = (word for word in city_words() | KNOWN_GIVEN_NAMES | NAMES if len(word) >= _SHORTEST_NAME)
    return FIRST_ELEMENTS | SECOND_ELEMENTS | SPANISH_WORDS | FAMOUS_NAMES | PARTICLES | frozenset(names)
