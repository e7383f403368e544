"""Delivery points as keys: two addresses denote the same delivery point exactly when they share a key."""

from __future__ import annotations

import re

from narrowgate.core.address.model import CANONICAL_FORM_VERSION, DeliveryPoint
from narrowgate.core.address.postal import canonical_city, cities_of_zip, states_of_zip, zips_of_city

_SPACE_BETWEEN_LETTERS = re.compile(r"(?<=[A-Z]) (?=[A-Z])")


def without_spaces(name: str) -> str:
    """The name without the spaces between letters: ``LA SALLE`` and ``LASALLE`` are one name.

    Beside a digit a space stays, so that numbers are never joined.
    """
    return _SPACE_BETWEEN_LETTERS.sub("", name) if " " in name else name


def key_street_name(point: DeliveryPoint) -> str:
    """The street name as keys and tokens know it."""
    return without_spaces(point.street_name)


def key_urbanization(point: DeliveryPoint) -> str:
    """The urbanization as keys and tokens know it."""
    return without_spaces(point.urbanization)


def key_locality(point: DeliveryPoint) -> str:
    """The place as keys write it: ``Z45202``, or ``CCINCINNATI,OH`` where the address has no ZIP Code."""
    return f"Z{point.zip5}" if point.zip5 else f"C{without_spaces(canonical_city(point.city))},{point.state}"


def record_localities(point: DeliveryPoint) -> tuple[str, ...]:
    """The localities under which a record is kept: its own only."""
    return (key_locality(point),)


def request_localities(point: DeliveryPoint) -> tuple[str, ...]:
    """The localities under which a request asks, its own first.

    Together with :func:`record_localities` this is the relation of :func:`keys`: a ZIP Code equals itself and the
    cities it serves, a city equals itself and its ZIP Codes.
    """
    if point.zip5:
        cities = cities_of_zip(point.zip5)
        states = sorted(states_of_zip(point.zip5)) if cities else ()
        return (
            f"Z{point.zip5}",
            *(
                f"C{without_spaces(city)},{state}"
                for state in states
                for city in cities
                if point.zip5 in zips_of_city(city, state)
            ),
        )
    zips = zips_of_city(canonical_city(point.city), point.state)
    return (key_locality(point), *(f"Z{zip5}" for zip5 in zips))


def keys(point: DeliveryPoint) -> tuple[str, ...]:
    """Two delivery points are the same exactly when their keys intersect.

    With a ZIP Code there is one key and the city is no evidence. Without one there is a key for the city and one
    for each of the city's ZIP Codes. A key is readable text that begins with the version of the canonical form.
    """
    parts = "|".join(
        (
            point.address_class.value,
            point.number,
            point.predirectional,
            key_street_name(point),
            point.suffix,
            point.postdirectional,
            ",".join(point.units),
            point.route,
            point.box,
            key_urbanization(point),
        )
    )
    localities = (key_locality(point),) if point.zip5 else request_localities(point)
    return tuple(f"{CANONICAL_FORM_VERSION}|{locality}|{parts}" for locality in localities)
