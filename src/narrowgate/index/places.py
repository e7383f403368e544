"""Streets a worker has met: the canonical form and the tokens of each are made once for all its addresses."""

from __future__ import annotations

import pyarrow as pa

from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.address.parse.same_street import point_at_every_number, take_apart
from narrowgate.core.address.recorded import examine_recorded
from narrowgate.core.matching.record import known_wildcards
from narrowgate.core.matching.token import (
    IndexKey,
    Token,
    anchor_around,
    exclusive_or,
    known_street_token,
    named_street_token,
    numbered_street_mac,
    shared_point_mac,
    street_token,
    suffix_token,
)
from narrowgate.index.columns import token_batch
from narrowgate.index.tally import Unread

RawCells = tuple[str, str, str, str, str]
"""``address_line_1``, ``address_line_2``, ``city``, ``state`` and ``zip`` as the source has them."""

NO_ADDRESS: RawCells = ("", "", "", "", "")

NOTHING = bytes(16)
"""Stands where an entry has no such token."""

NO_MAC = bytes(32)
"""Stands where an entry has no such MAC."""

_REMEMBERED_ADDRESSES = 1 << 14
"""Addresses kept by one process that no street is kept for: a box, a word that stands for no address."""

_REMEMBERED_STREETS = 1_000_000
"""Streets kept by one process, one with units and the same without counted as two: at most some 450 MB."""

PlaceFacts = tuple[bytes, bytes]
"""One sufficient address: the message of ``A`` up to the identity, and, one behind the other: the MAC of
``shared_point_mac`` when it has no unit, else nothing; the MAC that begins with ``U``, where there is a suffix;
``N`` XOR ``X``, which makes the token of an identity here out of ``A``; ``V`` and ``X``, or nothing unless it is a
street address."""

_Street = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""What all numbers of a street have in common.

The three pieces of ``anchor_around``; its locality, or nothing where it has no ``U``; its name; its suffix; ``N`` XOR
``X``, ``V`` and ``X``; and the units of an address whose unit ``take_apart`` leaves in its line. A plain tuple, for it
is unpacked millions of times; what many streets share stands in memory once.
"""


class KnownPlaces:
    """The streets of one process, as many as are worth remembering.

    Args:
        key: the index key.
    """

    def __init__(self, key: IndexKey) -> None:
        self._key = key
        self._places: dict[RawCells, PlaceFacts | Unread] = {}
        self._streets: dict[str, _Street | None] = {}
        self._older_streets: dict[str, _Street | None] = {}
        self._known: dict[Token, _Street] = {}
        self._shared: dict[bytes, bytes] = {}
        self._suffixes: dict[tuple[str, str], Token] = {}
        self._wildcards: list[Token] = []
        self._wildcard_streets: list[Token] = []
        self._wildcard_known: list[Token] = []

    def facts(self, cells: RawCells) -> PlaceFacts | Unread:
        """The tokens of an address, or the reasons why it is not sufficient; no reasons where nothing is written."""
        line_1, line_2, city, state, zip_code = cells
        apart = take_apart(line_1, line_2)
        if apart is not None:
            number, unit, line_1, line_2 = apart
            name = "\x1f".join((line_1, line_2, city, state, zip_code))
            try:
                street = self._streets[name]
            except KeyError:
                street = self._meet(name, (line_1, line_2, city, state, zip_code), has_unit=bool(unit))
            if street is not None:
                return self._at(street, number.encode(), unit.encode())
        if not any(cells):
            return Unread()
        found = self._places.get(cells)
        if found is None:
            if len(self._places) >= _REMEMBERED_ADDRESSES:
                self._places.clear()
            found = self._places[cells] = self.read(cells)
        return found

    def read(self, cells: RawCells) -> PlaceFacts | Unread:
        """As ``facts``, but blank cells are no sufficient address either."""
        examined = examine_recorded(RawAddress(*cells))
        point = examined.delivery_point
        if point is None:
            return Unread(tuple(f"address_{defect.value}" for defect in examined.defects))
        return self._at(self._street_of(point), point.number.encode(), b"")

    def take_streets(self) -> pa.RecordBatch:
        """``W`` and ``G``, the ``N`` they lead to, if any, and the ``V`` of that street, for streets newly met."""
        batch = token_batch(
            wildcard=self._wildcards, street=self._wildcard_streets, known=self._wildcard_known
        )
        self._wildcards, self._wildcard_streets, self._wildcard_known = [], [], []
        return batch

    def _meet(self, name: str, cells: RawCells, *, has_unit: bool) -> _Street | None:
        """A street that is not among those of late: taken from those met before them, or read.

        When there are enough of late they become those before, and those before are forgotten: what is asked for
        often stays, in whatever order the file names its streets.
        """
        if len(self._streets) >= _REMEMBERED_STREETS // 2:
            self._older_streets, self._streets = self._streets, {}
        if name in self._older_streets:
            street = self._older_streets[name]
        else:
            point = point_at_every_number(*cells, has_unit=has_unit)
            street = self._street_of(point) if point else None
        self._streets[name] = street
        return street

    def _at(self, street: _Street, number: bytes, unit: bytes) -> PlaceFacts:
        before, between, behind, locality, name, suffix, tokens, units = street
        units = unit or units
        here = b"".join((before, number, between, units, behind))
        shared = NO_MAC if units else shared_point_mac(self._key, here, name, suffix)
        numbered = numbered_street_mac(self._key, locality, number, name) if locality else NO_MAC
        return here, b"".join((shared, numbered, tokens))

    def _street_of(self, point: DeliveryPoint) -> _Street:
        (locality,) = record_localities(point)  # a record has one key
        name = key_street_name(point)
        street = street_token(self._key, locality, name)
        suffix = self._suffix(locality, point.suffix)
        rest, units = exclusive_or(street, suffix), "\x1e".join(point.units).encode()
        around, of_suffix = anchor_around(point, locality), point.suffix.encode()
        if point.address_class is not AddressClass.STREET:
            return *around, b"", name.encode(), of_suffix, rest + NOTHING + NOTHING, units
        known = known_street_token(self._key, locality, name)
        before, between, behind, numbered, of_suffix = (
            self._shared.setdefault(part, part)
            for part in (*around, locality.encode() if point.suffix else b"", of_suffix)
        )
        found = before, between, behind, numbered, name.encode(), of_suffix, rest + known + suffix, units
        met = self._known.get(known)
        if met is None:
            self._note(locality, name, street, known)
            self._known[known] = found
        return met if met == found else found

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
            self._shared.clear()
        wildcards = known_wildcards(self._key, locality, name)
        self._wildcards.extend(wildcards)
        self._wildcard_streets.extend([street] * len(wildcards))
        self._wildcard_known.extend([known] * len(wildcards))
        self._wildcards.append(named_street_token(self._key, name))
        self._wildcard_streets.append(NOTHING)
        self._wildcard_known.append(known)
