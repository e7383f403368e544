"""Streets a worker has met: the canonical form and the tokens of each are made once for all its addresses."""

from __future__ import annotations

import pyarrow as pa

from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.address.parse.same_street import point_at_every_number, take_apart
from narrowgate.core.address.recorded import STATE_PASSED_OVER, examine_recorded
from narrowgate.core.matching.record import has_street_row, street_row
from narrowgate.core.matching.token import (
    TOKEN_SIZE,
    IndexKey,
    Token,
    anchor_around,
    covered_zip,
    shared_point_mac,
    street_value,
    suffix_value,
)
from narrowgate.index.layout import GUARD
from narrowgate.index.tally import Unread

RawCells = tuple[str, str, str, str, str]
"""``address_line_1``, ``address_line_2``, ``city``, ``state`` and ``zip`` as the source has them."""

NO_ADDRESS: RawCells = ("", "", "", "", "")

NO_MAC = bytes(32)
"""Fills the place of an entry that has no such MAC."""

_REMEMBERED_ADDRESSES = 1 << 14
"""Addresses kept by one process that no street is kept for: a box, a word that denotes no address."""

REMEMBERED_STREETS = 1_000_000
"""Streets kept by one process, one with units and the same without counted as two: at most some 350 MB."""

_REMEMBERED_FACTS = 1 << 17
"""Streets of which one process knows that it told of them; to tell again costs 56 bytes until the rows are joined."""

PlaceFacts = tuple[bytes, bytes, bytes, bool]
"""One sufficient address: the message of ``A`` up to the identity; the MAC of ``shared_point_mac`` when it has no
unit, else nothing; ``N`` and ``X``; and whether the state was passed over (``examine_recorded``)."""

_Street = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""What all numbers of a street have in common.

The three pieces of ``anchor_around``; its name; its suffix; ``N`` and ``X``; and the units of an address whose unit
``take_apart`` leaves in its line. A plain tuple, for it is unpacked millions of times; what many streets share stands
in memory once.
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
        self._told: set[bytes] = set()
        self._shared: dict[bytes, bytes] = {}
        self._before: dict[str, bytes] = {}
        self._rests: dict[tuple[str, str, str], tuple[bytes, bytes]] = {}
        self._suffixes: dict[str, bytes] = {}
        self._zips: dict[str, Token] = {}
        self._met: list[bytes] = []

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
        here, shared, ending, _ = self._at(self._street_of(point), point.number.encode(), b"")
        return here, shared, ending, STATE_PASSED_OVER in examined.warnings

    def take_streets(self) -> pa.RecordBatch:
        """The guard rows of streets newly met (``layout.GUARD``)."""
        met, self._met = self._met, []
        return pa.RecordBatch.from_pydict(GUARD.columns(b"".join(met)))

    def _meet(self, name: str, cells: RawCells, *, has_unit: bool) -> _Street | None:
        """A street that is not among those of late: taken from those met before them, or read.

        When there are enough of late they become those before, and those before are forgotten: what is asked for
        often stays, in whatever order the file names its streets.
        """
        if len(self._streets) >= REMEMBERED_STREETS // 2:
            self._older_streets, self._streets = self._streets, {}
        if name in self._older_streets:
            street = self._older_streets[name]
        else:
            point = point_at_every_number(*cells, has_unit=has_unit)
            street = self._street_of(point) if point else None
        self._streets[name] = street
        return street

    def _at(self, street: _Street, number: bytes, unit: bytes) -> PlaceFacts:
        before, between, behind, name, suffix, ending, units = street
        units = unit or units
        here = b"".join((before, number, between, units, behind))
        return here, NO_MAC if units else shared_point_mac(self._key, here, name, suffix), ending, False

    def _street_of(self, point: DeliveryPoint) -> _Street:
        (locality,) = record_localities(point)  # a record has one key
        name, units = key_street_name(point), "\x1e".join(point.units).encode()
        keyed_suffix = self._suffix(point.suffix)
        ending = street_value(self._key, locality, name) + keyed_suffix
        if not has_street_row(point, locality):
            return *anchor_around(point, locality), name.encode(), point.suffix.encode(), ending, units
        suffix = point.suffix.encode()
        suffix = self._shared.setdefault(suffix, suffix)
        found = *self._around(point, locality), name.encode(), suffix, ending, units
        row = street_row(self._key, locality, point, keyed_suffix)
        fact = row.guard + row.value
        if fact not in self._told:
            self._note(fact, locality)
        return found

    def _around(self, point: DeliveryPoint, locality: str) -> tuple[bytes, bytes, bytes]:
        """As ``anchor_around``: streets share the piece of their ZIP Code, and nearly all of them the others."""
        kind = point.predirectional, point.postdirectional, point.urbanization
        before, rest = self._before.get(locality), self._rests.get(kind)
        if before is None or rest is None or point.route or point.box:
            made = anchor_around(point, locality)
            if point.route or point.box:
                return made
            before = self._before.setdefault(locality, made[0])
            rest = self._rests.setdefault(kind, made[1:])
        return before, *rest

    def _suffix(self, suffix: str) -> bytes:
        found = self._suffixes.get(suffix)
        if found is None:
            found = self._suffixes[suffix] = suffix_value(self._key, suffix)
        return found

    def _note(self, fact: bytes, locality: str) -> None:
        """Keeps the guard row of a street at the first meeting, and perhaps again at a late one."""
        if len(self._told) >= _REMEMBERED_FACTS:
            self._told.clear()
            self._rests.clear()
        self._told.add(fact)
        zip_token = self._zips.get(locality)
        if zip_token is None:
            zip_token = self._zips[locality] = covered_zip(self._key, locality)[:TOKEN_SIZE]
        self._met.append(fact + zip_token)
