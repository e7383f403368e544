"""House number and street of one part of a delivery line, perhaps behind a unit, a lot or the name of a building."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from narrowgate.core.address.model import Defect
from narrowgate.core.address.parse.buildings import read_building
from narrowgate.core.address.parse.designators import DESIGNATORS, STANDING_ALONE
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.number_words import NUMBER_WORDS
from narrowgate.core.address.parse.numbers import read_number
from narrowgate.core.address.parse.streets import Street
from narrowgate.core.address.parse.units import NO_UNITS, Units, read_units

ReadStreet = Callable[[str], Street]
"""Reads the street of a text behind its house number, in the place of the address."""

_NUMBERING = {
    spelling: designator for spelling, designator in DESIGNATORS.items() if designator in {"LOT", "BLDG"}
}
"""Designators that number the doors of a street where they stand before it and no house number does."""
_SPANISH = frozenset(("CALLE", "AVE", "AVENIDA", "AVENUE", "CALLEJON", "PASEO", "CAMINO", "VIA"))


class Line(NamedTuple):
    """House number and street, and the units that stand before them."""

    number: str
    street: Street
    units_before: Units = NO_UNITS


def read_line(segment: str, read_street: ReadStreet) -> Line | None:
    """House number and street of one segment, perhaps behind a unit or the name of a building."""
    number, rest = read_number(segment)
    if number:
        return Line(number, read_street(rest) if rest else Street(defect=Defect.STREET_MISSING))
    words = segment.split()
    if (
        words[0] == "#"
        or words[0] in DESIGNATORS
        or words[0] in STANDING_ALONE
        or words[0] in NUMBER_WORDS
        or words[0][0].isdigit()
    ):
        line = _behind_units(words, read_street)
        if line:
            return line
    if words[0] in _NUMBERING and len(words) > 2 and (lot := _behind_lot(words, read_street)):
        return lot
    if words[0] in {"#", "NO", "NUM", "NUMBER"} and (numbered := read_number(segment.partition(" ")[2]))[0]:
        return Line(numbered[0], read_street(numbered[1]))
    return _behind_building(words, read_street)


def _behind_units(words: list[str], read_street: ReadStreet) -> Line | None:
    for end in range(1, min(len(words) - 1, 7)):
        units = read_units(words[:end])
        if units is None or units.missing:
            continue
        number, rest = read_number(" ".join(words[end:]))
        if number and rest:
            street = read_street(rest)
            if not street.defect:
                return Line(number, street, units)
    return None


def _behind_lot(words: list[str], read_street: ReadStreet) -> Line | None:
    """The street of ``LOT 2B STATE ROUTE 108``: where a road has lots, a lot without a house number is the number.

    In Puerto Rico a building is: ``EDIF D-12 CALLE 5``.
    """
    units = read_units(words[:2])
    if units is None or units.missing or len(units.identifiers) != 1:
        return None
    street = read_street(" ".join(words[2:]))
    if _NUMBERING[words[0]] == "BLDG" and words[2] not in _SPANISH:
        return None
    is_street = not street.defect and (street.suffix or any(map(str.isdigit, street.name)))
    return Line(units.identifiers[0], street) if is_street else None


def behind_its_units(words: list[str], read_street: ReadStreet) -> Street | None:
    """The street of ``APT 134 WEST HANCOCK AVE``: between the house number and it stands the unit."""
    for end in range(2, min(len(words) - 1, 5)):
        units = read_units(words[:end])
        if units is None or units.missing or (len(words[end]) == 1 and words[end] not in DIRECTIONALS):
            continue
        street = read_street(" ".join(words[end:]))
        if not street.defect and street.units == NO_UNITS and _begins_its_street(words[end], street):
            return street._replace(units=units)
    return None


def _begins_its_street(word: str, street: Street) -> bool:
    """Whether the unit before the word has ended: a number behind it may be the unit's, unless ``EAST`` is between."""
    if street.name[:1].isalpha():
        return True
    return len(word) > 2 and word in DIRECTIONALS and bool(street.suffix)


def _behind_building(words: list[str], read_street: ReadStreet) -> Line | None:
    end = next((at for at, word in enumerate(words) if word[0].isdigit()), 0)
    building = read_building(words[:end])
    if building is None:
        return None
    number, rest = read_number(" ".join(words[end:]))
    if not number or not rest:
        return None
    return Line(number, read_street(rest), Units((building,)) if building else NO_UNITS)
