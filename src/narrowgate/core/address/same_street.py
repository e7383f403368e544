"""Addresses on one street: a plain house number and a plain unit take no part in how the rest is read.

A tax file has thousands of numbers on each street. The street is read once, at number 1, and is then known for all.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from narrowgate.core.address.examine import examine
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.address.placeholders import FILLER_NUMBERS

_NUMBER = re.compile(r"([1-9][0-9]{0,5}) (?=(?:[NSEWnsew] )?[A-Za-z]{2})")
_UNIT = re.compile(r"(?:.* )?(?:APT|UNIT|STE) ([1-9][0-9]{1,3})", re.IGNORECASE | re.DOTALL)
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_FIRST = "1"
_UNITS = ("", "", "73", "731", "7319")
"""A unit that stands for all units of so many digits."""
_LONGEST = 200
"""Characters of an address that no number and no unit can make too long to be read."""


class Apart(NamedTuple):
    """An address without what its neighbors do not share.

    ``number`` and ``unit`` as written; the two lines with number 1, and with the unit that stands for every unit.
    """

    number: str
    unit: str
    line_1: str
    line_2: str


def take_apart(line_1: str, line_2: str) -> Apart | None:
    """The address without its number and unit; None when its number is not plain, or is one that people invent."""
    numbered = _NUMBER.match(line_1)
    if numbered is None or numbered[1] in FILLER_NUMBERS:
        return None
    street = _FIRST + line_1[numbered.end() - 1 :]
    if line_1[-1].isdigit() and (found := _UNIT.fullmatch(street)):
        return Apart(numbered[1], found[1], street[: found.start(1)] + _UNITS[len(found[1])], line_2)
    if line_2 and (found := _UNIT.fullmatch(line_2)):
        return Apart(numbered[1], found[1], street, line_2[: found.start(1)] + _UNITS[len(found[1])])
    return Apart(numbered[1], "", street, line_2)


def point_at_every_number(apart: Apart, city: str, state: str, zip_code: str) -> DeliveryPoint | None:
    """The delivery point at number 1 and the unit that stands for all: every other one differs in these alone.

    None where the address is not sufficient, or where number or unit may take part in how it is read.

    Args:
        apart: from ``take_apart``.
        city: as written.
        state: as written.
        zip_code: as written.
    """
    raw = RawAddress(apart.line_1, apart.line_2, city, state, zip_code)
    length = sum(map(len, (apart.line_1, apart.line_2, city, state, zip_code)))
    if length > _LONGEST or not (city and state and _ZIP.fullmatch(zip_code)):
        return None
    point = examine(raw).delivery_point
    if point is None or point.number != _FIRST:
        return None
    unit = _UNITS[len(apart.unit)]
    if unit and (point.units != (unit,) or (apart.line_1 + apart.line_2).count(unit) > 1):
        return None
    return point
