"""Detention facilities that an agreement lists, refused by their bare address and by their name."""

from __future__ import annotations

import re
from collections.abc import Container

from narrowgate.core.address.keys import keys_without_units
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.address.parse.place_names import fold_place

_NAME = "facility name|"
_LINE_END = re.compile(r"[,;\n\r\t]+")


def facility_entries(name: str, point: DeliveryPoint | None) -> frozenset[str]:
    """What a facility list holds of one facility: its name, and the keys of its delivery point without unit.

    The keys are in its ZIP and in its city, so that a question without ZIP meets it too; of an address with
    street and box, the street alone is listed as well.

    Args:
        name: the facility's name; a name of one word is too common to refuse by, and is left out.
        point: its delivery point, or ``None`` where its address is not sufficient: such an address is refused
            in a question too.
    """
    folded = fold_place(name)
    names = frozenset((_NAME + folded,)) if " " in folded else frozenset()
    if point is None:
        return names
    points = [point]
    if point.box and point.street_name:
        points.append(point._replace(address_class=AddressClass.STREET, box=""))
    return names.union(*map(keys_without_units, points), *map(_keys_in_city, points))


def is_listed_point(point: DeliveryPoint, facilities: Container[str]) -> bool:
    """Whether the delivery point is a listed facility's, whatever unit is written with it."""
    return any(map(facilities.__contains__, keys_without_units(point)))


def is_listed_name(raw: RawAddress, facilities: Container[str]) -> bool:
    """Whether a listed facility's name stands as a line, or as a part between commas, of its own."""
    return any(
        _NAME + fold_place(part) in facilities
        for line in filter(None, (raw.address_line_1, raw.address_line_2))
        for part in _LINE_END.split(line)
    )


def _keys_in_city(point: DeliveryPoint) -> tuple[str, ...]:
    """The key that a question without ZIP asks first; none where the facility's city is not known."""
    return keys_without_units(point._replace(zip5=""))[:1] if point.city and point.state else ()
