"""Streets of nothing but a directional, a name and a suffix, whose words no rule is about.

Most streets are. They are read by three look-ups here, and the long way (``streets.py``) reads them the same.
"""

from __future__ import annotations

from narrowgate.core.address.parse import highways
from narrowgate.core.address.parse.buildings import COMPLEX_ENDS
from narrowgate.core.address.parse.designators import (
    DESIGNATORS,
    FLOOR_NAMES,
    FLOOR_WORDS,
    GENERAL,
    NAMED_BUILDINGS,
    STANDING_ALONE,
    TWO_WORDS,
    UNMISTAKABLE,
)
from narrowgate.core.address.parse.directionals import DIRECTIONALS, SPANISH_DIRECTIONALS
from narrowgate.core.address.parse.number_words import NUMBER_WORDS
from narrowgate.core.address.parse.state_roads import STATE_WORDS
from narrowgate.core.address.parse.street_names import KING, RULED_WORDS, is_king
from narrowgate.core.address.parse.suffixes import NAME_WORDS, STREET_SUFFIXES
from narrowgate.core.address.words.word_list import words as word_set

LONGEST = 6
"""Words of the longest plain street."""
_BOX_WORDS = word_set(
    """
    P PO POB BOX BX DRAWER CALLER BIN APARTADO APDO APTDO GPO POST POSTAL OFFICE RURAL RR RFD RD R HC HCR H STAR
    LOCKBOX
    """
)
RULED = frozenset().union(
    NAME_WORDS,
    STREET_SUFFIXES,
    DIRECTIONALS,
    SPANISH_DIRECTIONALS,
    DESIGNATORS,
    STANDING_ALONE,
    GENERAL,
    UNMISTAKABLE,
    FLOOR_WORDS,
    FLOOR_NAMES,
    NAMED_BUILDINGS,
    (word for pair in TWO_WORDS for word in pair),
    NUMBER_WORDS,
    COMPLEX_ENDS,
    STATE_WORDS,
    highways.ROAD_WORDS,
    RULED_WORDS - {KING},
    _BOX_WORDS,
    word_set(
        "THE AND NO SO UT LA OLD NEW COUNTY US DE DEL DU OF RUE CALLE CAMINO CARRETERA PASEO VIA PASAJE CALLEJON"
    ),
)
"""Every word that a rule of streets, units, roads or boxes is about, but for one that is part of a whole name only."""


def read_plain_street(text: str) -> tuple[str, str, str, str] | None:
    """Predirectional, name, suffix and postdirectional of a plain street; ``None`` for every other text.

    Args:
        text: folded text behind a house number.
    """
    words = text.split(" ")
    end = len(words)
    if not 2 <= end <= LONGEST:
        return None
    postdirectional = DIRECTIONALS.get(words[-1], "")
    if postdirectional:
        end -= 1
    suffix = STREET_SUFFIXES.get(words[end - 1])
    predirectional = DIRECTIONALS.get(words[0], "")
    name = words[1 if predirectional else 0 : end - 1]
    if not suffix or not name or not RULED.isdisjoint(name):
        return None
    whole = " ".join(name)
    if not whole.replace(" ", "").isalpha() or min(map(len, name)) < 2 or (KING in name and is_king(whole)):
        return None
    return predirectional, whole, suffix, postdirectional
