"""Street lines of words that no rule of sufficiency mentions: they are passed over without reading them.

Most lines are. Whatever a line says that is no address, it says with one of these words. A place of the United States
says it only in care of somebody, or by the words for no address; a line with a house number is no country's name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from narrowgate.core.address.postal import state_code
from narrowgate.core.address.sufficiency.care_of import (
    CARE_OF_WORDS,
    GENERAL_DELIVERY_WORDS,
    PRIVATE_MAILBOX_WORDS,
)
from narrowgate.core.address.sufficiency.foreign import LAST_OF_CITY
from narrowgate.core.address.sufficiency.institutions import (
    INSTITUTION_WORDS,
    SINGLE_INSTITUTION_WORDS,
)
from narrowgate.core.address.sufficiency.meant import are_meant_otherwise
from narrowgate.core.address.sufficiency.no_city import no_city_defects
from narrowgate.core.address.sufficiency.not_address import DESCRIPTION_WORDS
from narrowgate.core.address.sufficiency.placeholders import UNLIKELY_NAMES, says_none
from narrowgate.core.address.sufficiency.reading import DIRECTIONS, STREET_TYPES, UNIT_WORDS
from narrowgate.core.address.words.placeholder_lexicon import BARE_PHRASES, BARE_STREET_NAMES

_PLAIN = re.compile(r"[A-Za-z]+(?: (?:[A-Za-z]+|[0-9]{1,4}[A-Za-z]{0,2}))*")
_PLACE = re.compile(r"[A-Za-z]+(?:\.? [A-Za-z]+)*|")
_ABOUT_CARE = CARE_OF_WORDS - {"CO"}
"""What a line in care of somebody is written with, but for ``C/O``, which has a sign that no plain line has."""
TELLING_IN_A_NAME = frozenset().union(
    _ABOUT_CARE,
    GENERAL_DELIVERY_WORDS,
    PRIVATE_MAILBOX_WORDS,
    SINGLE_INSTITUTION_WORDS,
    DESCRIPTION_WORDS,
    UNLIKELY_NAMES,
    BARE_STREET_NAMES,
    ("NO",),
)
"""Every word with which a line shows a defect by itself, even where the word is between a house number and a suffix."""
TELLING = TELLING_IN_A_NAME | LAST_OF_CITY | INSTITUTION_WORDS
"""Every word with which a line shows a defect by itself: one that ends in a city abroad, or has a phrase, has more."""
BEGINS_NO_NAME = STREET_TYPES | UNIT_WORDS | DIRECTIONS
"""Words with which no street's name begins."""
MAILBOX = "PMB"
"""Tells a private mailbox wherever it is in a word."""


def shows_nothing(street: str, city: str, state: str) -> bool:
    """Whether no rule can find anything in the line behind an ordinary house number, nor in its place.

    Args:
        street: the line without its house number, as written.
        city: as written.
        state: as written.
    """
    place = plain_place(city, state)
    if not place or not _PLAIN.fullmatch(street):
        return False
    text = street.upper()
    words = text.split()
    name = words[1] if words[0] in DIRECTIONS and len(words) > 1 else words[0]
    return (
        name not in BEGINS_NO_NAME
        and len(set(name)) > 1
        and TELLING.isdisjoint(words)
        and MAILBOX not in text
        and text not in BARE_PHRASES
        and not says_none((*words, *place), len(words))
        and not are_meant_otherwise(words)
    )


@lru_cache(maxsize=65536)
def plain_place(city: str, state: str) -> tuple[str, ...]:
    """The words of a city and state that show nothing; none where they may."""
    if not state_code(state) or not (_PLACE.fullmatch(city) and _PLACE.fullmatch(state)):
        return ()
    words = tuple(f"{city} {state}".upper().replace(".", "").split())
    is_place = _ABOUT_CARE.isdisjoint(words) and not says_none(words, len(words))
    return words if is_place and not no_city_defects(city, state) else ()
