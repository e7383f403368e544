"""What is written in the place of a city and is none: an institution, a box, a unit, a word for no address."""

from __future__ import annotations

import re
from functools import lru_cache

from narrowgate.core.address.model import Defect
from narrowgate.core.address.parse.fold import fold
from narrowgate.core.address.parse.localities import read_fields
from narrowgate.core.address.postal import canonical_city, is_city_of_state, state_code
from narrowgate.core.address.sufficiency.care_of import says_general_delivery, says_private_mailbox
from narrowgate.core.address.sufficiency.institutions import names_institution_in_a_city
from narrowgate.core.address.sufficiency.meant import as_meant
from narrowgate.core.address.sufficiency.placeholders import says_none
from narrowgate.core.address.words.word_list import phrases

_NUMBERED = re.compile(r"(?:29|1000) PALMS|96")
"""Twentynine Palms, Thousand Palms and Ninety Six, as they are written too."""
_NO_CITIES = phrases("NA|N A|NONE|NULL|NIL|SAME|BLANK|EMPTY|TEST|NO CITY|CITY")
_DIGITS = re.compile(r"[0-9]+")


@lru_cache(maxsize=65536)
def no_city_defects(city: str, state: str) -> tuple[Defect, ...]:
    """Every defect that the text in the place of a city shows; none where it is blank, or a city of its state.

    Of what is in no table of cities, only this is judged: a place may have a name that no table knows.

    Args:
        city: as written.
        state: as written.
    """
    place = read_fields(city, state, "")  # a city's field may hold state and ZIP Code too
    folded = fold(city)
    if not folded or not place.city or _is_city(place.city, place.state):
        return ()
    words = tuple(as_meant(folded).replace(" , ", " ").split())
    line = " ".join(words)
    shown = []
    if words and (says_none(words, len(words)) or line in _NO_CITIES):
        shown.append(Defect.PLACEHOLDER)
    if (
        _DIGITS.search(line)
        and not _NUMBERED.fullmatch(line)
        and not _is_city(_DIGITS.sub("", line), place.state)
    ):
        shown.append(Defect.NOT_AN_ADDRESS)
    if names_institution_in_a_city(words):
        shown.append(Defect.INSTITUTION_WORD)
    if says_general_delivery(line):
        shown.append(Defect.GENERAL_DELIVERY)
    if says_private_mailbox(line):
        shown.append(Defect.PRIVATE_MAILBOX)
    return tuple(shown)


def _is_city(text: str, state: str) -> bool:
    return is_city_of_state(canonical_city(text), state_code(state))
