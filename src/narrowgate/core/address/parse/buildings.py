"""Names of buildings and complexes on a line of their own, Publication 28 sections 213 and 353."""

from __future__ import annotations

from narrowgate.core.address.parse.designators import NAMED_BUILDINGS
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.number_words import NUMBER_WORDS
from narrowgate.core.address.parse.units import Units, read_units
from narrowgate.core.address.words.word_list import words as word_set

COMPLEX_ENDS = word_set("APARTMENTS APTS CONDOMINIUM CONDOMINIUMS CONDOS TOWNHOMES TOWNHOUSES LOFTS MHP")
"""Words that end the name of a complex and of nothing else, so that it may follow a street without a comma."""

_COMPLEXES = COMPLEX_ENDS | word_set(
    """
    ESTATES VILLAGE CENTER CENTRE MALL COMPLEX MANOR VILLAS HOMES RESIDENCES TERRACE PLAZA GARDENS COURT
    SQUARE PARK
    """
)
_PARTS = word_set(
    """
    UPPER LOWER FRONT REAR PHASE SECTION UNIT BUILDING NEW OLD INNER OUTER LEFT RIGHT MAIN ANNEX
    """
)


def units_behind_complex(words: list[str], *, apart: bool) -> Units | None:
    """The units behind the name of a complex, which adds nothing (``FOREST COVE APARTMENTS APT 5``); else ``None``.

    Args:
        words: of a delivery line behind its street, or of a part of its own.
        apart: a comma is before them, so that the name may end in a word that streets are named by too.
    """
    ends = _COMPLEXES if apart else COMPLEX_ENDS
    end = next((at for at, word in enumerate(words, 1) if word in ends), 0)
    if not end or read_building(words[:end]) != "":
        return None
    units = read_units(words[end:])
    return units if units and (not apart or units.identifiers) else None


def read_building(words: list[str]) -> str | None:
    """What the name of a building adds to an address; ``None`` when the words are no such name.

    The name of a complex adds nothing to the street address under which it stands. The name of one building or
    tower is kept like a unit, because a street number may have several.
    """
    if not 2 <= len(words) <= 6 or not all(word.isalpha() and len(word) > 1 for word in words):
        return None
    name = words[:-1]
    if words[-1] in NAMED_BUILDINGS:
        return f"{NAMED_BUILDINGS[words[-1]]} {''.join(name)}"
    if words[-1] not in _COMPLEXES or any(
        word in DIRECTIONALS or word in NUMBER_WORDS or word in _PARTS for word in name
    ):
        return None
    return ""
