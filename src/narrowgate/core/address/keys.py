"""Delivery points as keys: two addresses denote the same delivery point exactly when they share a key."""

from __future__ import annotations

import re
from functools import lru_cache

from narrowgate.core.address.model import CANONICAL_FORM_VERSION, DeliveryPoint
from narrowgate.core.address.postal import canonical_city, cities_of_zip, states_of_zip, zips_of_city

_SPACE_BETWEEN_LETTERS = re.compile(r"(?<=[A-Z]) (?=[A-Z])")


def without_spaces(name: str) -> str:
    """The name without the spaces between letters: ``LA SALLE`` and ``LASALLE`` are one name.

    Beside a digit a space stays, so that numbers are never joined.
    """
    if " " not in name:
        return name
    joined = name.replace(" ", "")
    return (
        joined
        if joined.isalpha() and name.isascii() and name.isupper() and "  " not in name
        else _SPACE_BETWEEN_LETTERS.sub("", name)
    )


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
        return _localities_of_zip(point.zip5)
    zips = zips_of_city(canonical_city(point.city), point.state)
    return (key_locality(point), *(f"Z{zip5}" for zip5 in zips))


@lru_cache(maxsize=65536)
def _localities_of_zip(zip5: str) -> tuple[str, ...]:
    """The ZIP Code, and its cities."""
    return (f"Z{zip5}", *(f"C{place}" for place in _places_of_zip(zip5)))


def _places_of_zip(zip5: str) -> tuple[str, ...]:
    """The cities of a ZIP Code, with its state: none where the table does not know it."""
    return tuple(
        [
            f"{without_spaces(city)},{state}"
            for city in dict.fromkeys(cities_of_zip(zip5))
            for state in states_of_zip(zip5)
        ]
    )


# How keys begin: with version and own locality, or with a locality that joins addresses with a ZIP and without. Each
# pair of a city and a ZIP Code is such a locality. Two cities that share a ZIP Code stay two places, as do two
# ZIP Codes of one city.


@lru_cache(maxsize=65536)
def _beginnings_with_zip(zip5: str) -> tuple[str, ...]:
    return _beginnings(f"Z{zip5}", *[f"Z{zip5} in {place}" for place in _places_of_zip(zip5)])


@lru_cache(maxsize=65536)
def _beginnings_without_zip(city: str, state: str) -> tuple[str, ...]:
    name = canonical_city(city)
    place = f"{without_spaces(name)},{state}"
    return _beginnings(f"C{place}", *[f"Z{zip5} in {place}" for zip5 in zips_of_city(name, state)])


def _beginnings(*localities: str) -> tuple[str, ...]:
    return tuple([f"{CANONICAL_FORM_VERSION}|{locality}|" for locality in localities])


def keys(point: DeliveryPoint) -> tuple[str, ...]:
    """Two delivery points are the same exactly when their keys intersect.

    Two ZIP Codes must be equal, and the city is then no evidence. An address without a ZIP Code equals another one in
    the same city, and one with a ZIP Code that serves the city. The first key is the address in its own locality;
    each other one joins it with the addresses written with a ZIP Code instead, or without. A key is readable text
    that begins with the version of the canonical form.
    """
    return _keys(point, point.units)


def keys_without_units(point: DeliveryPoint) -> tuple[str, ...]:
    """The keys that the delivery point has when no unit is written with it."""
    return _keys(point, ())


def _keys(point: DeliveryPoint, units: tuple[str, ...]) -> tuple[str, ...]:
    (
        address_class,
        number,
        predirectional,
        street_name,
        suffix,
        postdirectional,
        _,
        route,
        box,
        urbanization,
        city,
        state,
        zip5,
    ) = point
    street, estate = without_spaces(street_name), without_spaces(urbanization)
    parts = (
        f"{address_class}|{number}|{predirectional}|{street}|{suffix}|{postdirectional}"
        f"|{','.join(units)}|{route}|{box}|{estate}"
    )
    beginnings = _beginnings_with_zip(zip5) if zip5 else _beginnings_without_zip(city, state)
    return tuple([beginning + parts for beginning in beginnings])
