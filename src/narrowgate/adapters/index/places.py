"""Addresses and streets a worker has met: the canonical form and the tokens of each are made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from narrowgate.adapters.index.columns import token_batch
from narrowgate.core.address.examine import examine
from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.address.same_street import point_at_every_number, take_apart
from narrowgate.core.record import known_wildcards
from narrowgate.core.token import (
    IndexKey,
    Token,
    anchor_around,
    exclusive_or,
    known_street_token,
    named_street_token,
    numbered_street_token,
    shared_point_token,
    street_token,
    suffix_token,
)

RawCells = tuple[str, str, str, str, str]
"""``address_line_1``, ``address_line_2``, ``city``, ``state`` and ``zip`` as the source has them."""

NO_ADDRESS: RawCells = ("", "", "", "", "")

NOTHING = bytes(16)
"""Stands where an entry has no such token."""

_REMEMBERED_ADDRESSES = 1 << 14
"""Addresses kept by one process: a spouse, another year of the same person and a neighbor stand close by."""

_REMEMBERED_STREETS = 300_000
"""Streets kept by one process: about 200 MB when there are so many."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """One sufficient address as tokens.

    Args:
        anchor: the message of ``A`` up to the identity.
        rest: ``N`` XOR ``X``: with ``A`` it makes the token of an identity here.
        tokens: as ``PLACE_COLUMNS``, one behind the other.
    """

    anchor: bytes
    rest: Token
    tokens: bytes


PLACE_COLUMNS = ("point", "known", "numbered", "suffix")
"""What stands for the address when it has no unit, else nothing; then ``V``, ``U`` where there is a suffix, and
``X``, or nothing unless it is a street address."""


class _Street(NamedTuple):
    """What all numbers of a street have in common.

    ``anchor`` is its ``anchor_around``, ``rest`` is ``N`` XOR ``X``, ``known`` is ``V``, ``suffix_token`` is ``X``;
    ``units`` are those of an address whose unit is not written in digits.
    """

    anchor: tuple[bytes, bytes, bytes]
    rest: Token
    known: Token
    suffix_token: Token
    locality: str
    name: str
    suffix: str
    units: str


class KnownPlaces:
    """The places of one process, as many as are worth remembering.

    Args:
        key: the index key.
    """

    def __init__(self, key: IndexKey) -> None:
        self._key = key
        self._places: dict[RawCells, PlaceFacts | tuple[str, ...]] = {}
        self._streets: dict[str, _Street | None] = {}
        self._known: set[Token] = set()
        self._suffixes: dict[tuple[str, str], Token] = {}
        self._wildcards: list[Token] = []
        self._wildcard_streets: list[Token] = []
        self._wildcard_known: list[Token] = []

    def facts(self, cells: RawCells) -> PlaceFacts | tuple[str, ...]:
        """The tokens of an address, or the reasons why it is not sufficient; no reasons where nothing is written."""
        found = self._places.get(cells)
        if found is None:
            if len(self._places) >= _REMEMBERED_ADDRESSES:
                self._places.clear()
            found = self._places[cells] = self._on_street(cells) or (self.read(cells) if any(cells) else ())
        return found

    def read(self, cells: RawCells) -> PlaceFacts | tuple[str, ...]:
        """As ``facts``, but blank cells are no sufficient address either."""
        examined = examine(RawAddress(*cells))
        point = examined.delivery_point
        if point is None:
            return tuple(f"address_{defect.value}" for defect in examined.defects)
        return self._at(self._street_of(point), point.number)

    def take_streets(self) -> pa.RecordBatch:
        """``W`` and ``G``, the ``N`` they lead to, if any, and the ``V`` of that street, for streets newly met."""
        batch = token_batch(
            wildcard=self._wildcards, street=self._wildcard_streets, known=self._wildcard_known
        )
        self._wildcards, self._wildcard_streets, self._wildcard_known = [], [], []
        return batch

    def _on_street(self, cells: RawCells) -> PlaceFacts | None:
        """The tokens of an address on a street that is read once for all numbers and units; None for others."""
        line_1, line_2, city, state, zip_code = cells
        apart = take_apart(line_1, line_2)
        if apart is None:
            return None
        name = "\x1f".join((apart.line_1, apart.line_2, city, state, zip_code))
        try:
            street = self._streets[name]
        except KeyError:
            if len(self._streets) >= _REMEMBERED_STREETS:
                self._streets.clear()
            point = point_at_every_number(apart, city, state, zip_code)
            street = self._streets[name] = self._street_of(point) if point else None
        if street is None:
            return None
        return self._at(street, apart.number, apart.unit)

    def _at(self, street: _Street, number: str, unit: str = "") -> PlaceFacts:
        anchor, rest, known, suffix_token, locality, name, suffix, units = street
        units = unit or units
        before, between, behind = anchor
        here = b"".join((before, number.encode(), between, units.encode(), behind))
        shared = NOTHING if units else shared_point_token(self._key, here, name, suffix)
        numbered = (
            numbered_street_token(self._key, locality, number, name)
            if suffix and known != NOTHING
            else NOTHING
        )
        return PlaceFacts(here, rest, b"".join((shared, known, numbered, suffix_token)))

    def _street_of(self, point: DeliveryPoint) -> _Street:
        (locality,) = record_localities(point)  # a record has one key
        name, units = key_street_name(point), "\x1e".join(point.units)
        street = street_token(self._key, locality, name)
        suffix = self._suffix(locality, point.suffix)
        anchor, rest = anchor_around(point, locality), exclusive_or(street, suffix)
        if point.address_class is not AddressClass.STREET:
            return _Street(anchor, rest, NOTHING, NOTHING, locality, name, point.suffix, units)
        known = known_street_token(self._key, locality, name)
        if known not in self._known:
            self._note(locality, name, street, known)
        return _Street(anchor, rest, known, suffix, locality, name, point.suffix, units)

    def _suffix(self, locality: str, suffix: str) -> Token:
        found = self._suffixes.get((locality, suffix))
        if found is None:
            if len(self._suffixes) >= _REMEMBERED_STREETS:
                self._suffixes.clear()
            found = self._suffixes[locality, suffix] = suffix_token(self._key, locality, suffix)
        return found

    def _note(self, locality: str, name: str, street: Token, known: Token) -> None:
        """Keeps the ``W`` and ``G`` tokens of a street at the first meeting."""
        if len(self._known) >= _REMEMBERED_STREETS:
            self._known.clear()
        self._known.add(known)
        wildcards = known_wildcards(self._key, locality, name)
        self._wildcards.extend(wildcards)
        self._wildcard_streets.extend([street] * len(wildcards))
        self._wildcard_known.extend([known] * len(wildcards))
        self._wildcards.append(named_street_token(self._key, name))
        self._wildcard_streets.append(NOTHING)
        self._wildcard_known.append(known)
