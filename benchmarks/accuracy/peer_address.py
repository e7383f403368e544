"""Addresses as the peers read them. Runs in the environment of ``requirements/peers.txt``, without Narrowgate."""

from __future__ import annotations

import re
from dataclasses import dataclass

import usaddress
from benchmarks.accuracy.data import Address
from rapidfuzz import fuzz
from scourgify import normalize_address_record
from scourgify.address_constants import (
    DIRECTIONAL_REPLACEMENTS,
    STATE_ABBREVIATIONS,
    STREET_TYPE_ABBREVIATIONS,
)
from scourgify.exceptions import AddressNormalizationError

NAME_RATIO = 85
_NOISE = re.compile(r"[.,;]")


@dataclass(frozen=True, slots=True)
class Components:
    """What usaddress finds, folded with the tables that usaddress-scourgify ships."""

    number: str
    predirectional: str
    street_name: str
    suffix: str
    postdirectional: str
    unit: str
    group: str
    box: str
    city: str
    state: str
    zip5: str

    @property
    def delivery(self) -> tuple[str, ...]:
        """Everything but the place."""
        return (
            self.number,
            self.predirectional,
            self.street_name,
            self.suffix,
            self.postdirectional,
            self.unit,
            self.group,
            self.box,
        )


def components(address: Address) -> Components | None:
    """The parts of ``address``, or None where usaddress cannot tag it or finds neither number nor box."""
    try:
        tags, _ = usaddress.tag(address.text)
    except usaddress.RepeatedLabelError:
        return None

    def part(*names: str) -> str:
        words = (_NOISE.sub("", tags.get(name, "")).upper().strip() for name in names)
        return " ".join(word for word in words if word)

    number = part("AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix")
    box = part("USPSBoxID")
    if not (number or box):
        return None
    state = part("StateName")
    return Components(
        number=number,
        predirectional=_abbreviated(part("StreetNamePreDirectional"), DIRECTIONAL_REPLACEMENTS),
        street_name=part("StreetNamePreModifier", "StreetNamePreType", "StreetName"),
        suffix=_abbreviated(part("StreetNamePostType"), STREET_TYPE_ABBREVIATIONS),
        postdirectional=_abbreviated(part("StreetNamePostDirectional"), DIRECTIONAL_REPLACEMENTS),
        unit=part("SubaddressIdentifier", "OccupancyIdentifier").replace("#", "").strip(),
        group=part("USPSBoxGroupID"),
        box=box,
        city=part("PlaceName"),
        state=STATE_ABBREVIATIONS.get(state, state),
        zip5=part("ZipCode")[:5],
    )


def _abbreviated(words: str, table: dict[str, str]) -> str:
    return " ".join(table.get(word, word) for word in words.split())


def same_place(a: Components, b: Components) -> bool:
    """One ZIP Code, or one city and state where either side has no ZIP Code; blank equals blank."""
    if a.zip5 and b.zip5:
        return a.zip5 == b.zip5
    return (a.city, a.state) == (b.city, b.state)


def all_equal(a: Components | None, b: Components | None) -> bool:
    """Every component equal."""
    return a is not None and b is not None and a.delivery == b.delivery and same_place(a, b)


def lenient(a: Components | None, b: Components | None) -> bool:
    """Number, unit and box equal, a blank elsewhere tolerated, the street name alike."""
    if a is None or b is None or (a.number, a.box) != (b.number, b.box):
        return False
    tolerated = (
        (a.predirectional, b.predirectional),
        (a.suffix, b.suffix),
        (a.postdirectional, b.postdirectional),
        (a.unit, b.unit),
        (a.zip5, b.zip5),
    )
    if any(left and right and left != right for left, right in tolerated):
        return False
    return not (a.number or b.number) or fuzz.ratio(a.street_name, b.street_name) >= NAME_RATIO


def scourgified(address: Address) -> tuple[str, ...] | None:
    """What usaddress-scourgify makes of ``address``, or None where it refuses."""
    try:
        found = normalize_address_record(address.text)
    except AddressNormalizationError:
        return None
    return tuple(part or "" for part in found.values())


def folded(address: Address) -> str:
    """One line in capitals, spaces single."""
    return " ".join(address.text.upper().split())
