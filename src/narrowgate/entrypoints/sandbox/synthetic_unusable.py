"""What stands in a case file where an address should: nothing, fragments, placeholders, places that are no home."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple

from narrowgate.entrypoints.sandbox.synthetic_homes import Home, Written

_PLACEHOLDERS: Final = (
    "UNKNOWN",
    "Failed to Provide",
    "NA NA",
    "Don't Care 12345",
    "DESCONOCIDO",
    "NONE",
    "Unknown Address",
    "xxxx",
    "N/A",
    "refused to answer",
    "no fixed address",
)
_NOT_RESIDENTIAL: Final = (
    "GENERAL DELIVERY",
    "C/O LAW OFFICE OF THE DEFENDER, 120 MAIN ST",
    "120 MAIN ST PMB 204",
    "PO BOX 812",
    "GREYHOUND BUS STATION",
    "IGLESIA BAUTISTA, 400 OAK ST",
    "RESCUE MISSION, 18 E 5TH ST",
)
_JAILS: Final = (
    "COUNTY JAIL, 1200 BAKER ST",
    "STATE PRISON",
    "ICE DETENTION CENTER 500 PERIMETER RD",
    "FEDERAL CORRECTIONAL INSTITUTION",
    "COUNTY SHERIFF, 700 COURTHOUSE SQ",
)

Writer = Callable[[Home, Random], Written]


class Unusable(NamedTuple):
    """One kind of text that is no address: its share of the items in percent, and the rule expected to refuse it."""

    share: float
    rule: str
    name: str
    write: Writer


def _beside(home: Home, line: str) -> Written:
    return Written(line, "", home.place.city, home.place.state, home.place.zip5)


def _zip_only(home: Home, _: Random) -> Written:
    return Written(zip=home.place.zip5)


def _digits_only(home: Home, _: Random) -> Written:
    return _beside(home, home.place.zip5)


def _number_missing(home: Home, _: Random) -> Written:
    return _beside(home, f"{home.street} {home.suffix}" if home.is_street else "MAIN ST")


def _street_missing(home: Home, _: Random) -> Written:
    return _beside(home, f"{home.number or '12'} APT 4")


def _placeholder(home: Home, random: Random) -> Written:
    return _beside(home, random.choice(_PLACEHOLDERS))


def _not_residential(home: Home, random: Random) -> Written:
    return _beside(home, random.choice(_NOT_RESIDENTIAL))


def _jail(home: Home, random: Random) -> Written:
    return _beside(home, random.choice(_JAILS))


UNUSABLE: Final = (
    Unusable(5.5, "R-11", "blank", _zip_only),
    Unusable(5.0, "R-64", "placeholder", _placeholder),
    Unusable(2.0, "R-6", "digits only", _digits_only),
    Unusable(1.5, "R-62", "number missing", _number_missing),
    Unusable(1.0, "R-62", "street missing", _street_missing),
    Unusable(3.0, "R-65", "not residential", _not_residential),
)
"""18 % name no home: blank 5.5 %, the others undeliverable or not residential (DHS OIG-23-47, September 2023)."""

AUGUST: Final = (
    Unusable(2.0, "R-64", "August: placeholder", _placeholder),
    Unusable(2.0, "R-11", "August: ZIP only", _zip_only),
    Unusable(2.0, "R-62", "August: partial", _number_missing),
    Unusable(2.0, "R-65", "August: jail", _jail),
)
"""What was answered in August 2025 because name and number were right."""
