"""Addresses on one street: a plain house number and a plain unit take no part in how the rest is read.

A tax file has thousands of numbers on each street. The street is read once, at number 1, and is then known for all.
"""

from __future__ import annotations

import re

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.address.parse.numbers import is_in_queens
from narrowgate.core.address.sufficiency.placeholders import FILLER_NUMBERS

_NUMBER = re.compile(r"([1-9][0-9]{0,5}) (?=(?:[NSEWnsew] )?[A-Za-z]{2})")
_PLAIN_UNIT = re.compile(r"[1-9][0-9]{0,3}")
_DESIGNATORS = frozenset({"APT", "UNIT", "STE"})
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_FIRST = "1"
_ANY_UNIT = "73"
"""The unit that denotes all."""
_LONGEST = 200
"""Characters of an address that no number and no unit can make too long to be read."""


def take_apart(line_1: str, line_2: str) -> tuple[str, str, str, str] | None:
    """Number and unit as written, and both lines with number 1 and the unit that represents every unit.

    None when the number is not plain, or is one that people invent.
    """
    numbered = _NUMBER.match(line_1)
    if numbered is None or numbered[1] in FILLER_NUMBERS:
        return None
    number = numbered[1]
    street = _FIRST + line_1[len(number) :]
    if line_1[-1].isdigit() and (unit := _plain_unit(line_1)):
        return number, unit, street[: -len(unit)] + _ANY_UNIT, line_2
    if line_2 and (unit := _plain_unit(line_2)):
        return number, unit, street, line_2[: -len(unit)] + _ANY_UNIT
    return number, "", street, line_2


def _plain_unit(line: str) -> str:
    """The digits of a unit that ends the line behind its designator, or nothing."""
    before, _, unit = line.rpartition(" ")
    plain = _PLAIN_UNIT.fullmatch(unit) and before.rpartition(" ")[2].upper() in _DESIGNATORS
    return unit if plain else ""


def point_at_every_number(
    line_1: str, line_2: str, city: str, state: str, zip_code: str, *, has_unit: bool
) -> DeliveryPoint | None:
    """The delivery point at number 1 and the unit that represents all: every other one differs in these alone.

    None where the address is not sufficient, or where number or unit may take part in how it is read.

    Args:
        line_1: from ``take_apart``.
        line_2: from ``take_apart``.
        city: as written.
        state: as written.
        zip_code: as written.
        has_unit: ``take_apart`` found one.
    """
    raw = RawAddress(line_1, line_2, city, state, zip_code)
    length = sum(map(len, (line_1, line_2, city, state, zip_code)))
    if length > _LONGEST or not (city and state and _ZIP.fullmatch(zip_code)):
        return None
    point = examine_address(raw).delivery_point
    if point is None or point.number != _FIRST or is_in_queens(point.city, point.state, point.zip5):
        return None
    if has_unit and (point.units != (_ANY_UNIT,) or (line_1 + line_2).count(_ANY_UNIT) > 1):
        return None
    return point
