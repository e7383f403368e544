"""Which street names are whole without a suffix, so that a blank one is never a suffix left out."""

from __future__ import annotations

import re
from functools import lru_cache

from narrowgate.core.address.parse.suffixes import LAST_WORDS
from narrowgate.core.address.words.word_list import words

_WHOLE = words("BROADWAY BROAD WAY BOARDWALK BOWERY CONCOURSE EMBARCADERO ESPLANADE MALECON PROMENADE STRAND")
"""Thoroughfares whose name says what they are."""

_FIRST = words("""
    THE ALAMEDA ALLEE AVENIDA AVENUE BOULEVARD CALLE CALLEJON CALLEJA CAMINO CAMINITO CARRETERA CERRADA COURT DRIVE
    LANE PASAJE PASEO PLACE PLAZA RAMBLA ROAD RUE SENDA STREET VEREDA VIA
""")
"""First words behind which the name of a thoroughfare stands (AVENUE OF THE AMERICAS, CAMINO REAL), and the article."""

_NUMBER_OR_LETTER = re.compile(r"\d+[A-Z]?|\d*[A-Z]")


@lru_cache(maxsize=1 << 17)
def is_whole_without_suffix(street_name: str) -> bool:
    """Whether the name ends in a suffix word, or is a thoroughfare, numbered or lettered road by itself.

    Beside ``DEER RUN`` there may be a ``DEER RUN CT``, and beside ``COUNTY ROAD 12`` a ``COUNTY ROAD 12 CT``: a blank
    suffix of such a name is what it says. A street with an ordinal is a numbered one.

    Args:
        street_name: canonical, its spaces kept.
    """
    parts = street_name.split()
    last = parts[-1] if parts else ""
    return (
        street_name in _WHOLE
        or (len(parts) > 1 and (parts[0] in _FIRST or last in LAST_WORDS or last in _SUFFIX_NAMES))
        or _NUMBER_OR_LETTER.fullmatch(last) is not None
    )


_SUFFIX_NAMES = frozenset(LAST_WORDS.values())
