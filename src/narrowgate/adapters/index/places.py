"""Addresses and streets a worker has met: the canonical form and the tokens of each are made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from narrowgate.adapters.index.columns import token_batch
from narrowgate.core.address.examine import examine
from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.record import known_wildcards
from narrowgate.core.token import (
    IndexKey,
    Token,
    anchor_message,
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

_REMEMBERED_STREETS = 1 << 18
"""Streets kept by one process, and suffixes in a locality: about 100 MB."""


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
    """``N`` and ``V`` of a street name in a locality."""

    street: Token
    known: Token


class KnownPlaces:
    """The places of one process, as many as are worth remembering.

    Args:
        key: the index key.
    """

    def __init__(self, key: IndexKey) -> None:
        self._key = key
        self._places: dict[RawCells, PlaceFacts | tuple[str, ...]] = {}
        self._streets: dict[tuple[str, str], _Street] = {}
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
            found = self._places[cells] = self.read(cells) if any(cells) else ()
        return found

    def take_streets(self) -> pa.RecordBatch:
        """``W`` and ``G``, the ``N`` they lead to, if any, and the ``V`` of that street, for streets newly met."""
        batch = token_batch(
            wildcard=self._wildcards, street=self._wildcard_streets, known=self._wildcard_known
        )
        self._wildcards, self._wildcard_streets, self._wildcard_known = [], [], []
        return batch

    def read(self, cells: RawCells) -> PlaceFacts | tuple[str, ...]:
        """As ``facts``, but blank cells are no sufficient address either."""
        examined = examine(RawAddress(*cells))
        point = examined.delivery_point
        if point is None:
            return tuple(f"address_{defect.value}" for defect in examined.defects)
        return self._tokens(point)

    def _tokens(self, point: DeliveryPoint) -> PlaceFacts:
        (locality,) = record_localities(point)  # a record has one key
        key, name = self._key, key_street_name(point)
        anchor = anchor_message(point, locality)
        shared = shared_point_token(key, point, locality) or NOTHING
        suffix = self._suffix(locality, point.suffix)
        if point.address_class is not AddressClass.STREET:
            rest = exclusive_or(street_token(key, locality, name), suffix)
            return PlaceFacts(anchor, rest, shared + 3 * NOTHING)
        street, known = self._street(locality, name)
        numbered = numbered_street_token(key, locality, point.number, name) if point.suffix else NOTHING
        return PlaceFacts(anchor, exclusive_or(street, suffix), shared + known + numbered + suffix)

    def _suffix(self, locality: str, suffix: str) -> Token:
        found = self._suffixes.get((locality, suffix))
        if found is None:
            if len(self._suffixes) >= _REMEMBERED_STREETS:
                self._suffixes.clear()
            found = self._suffixes[locality, suffix] = suffix_token(self._key, locality, suffix)
        return found

    def _street(self, locality: str, name: str) -> _Street:
        """The tokens of a street; at the first meeting its ``W`` and ``G`` are kept."""
        found = self._streets.get((locality, name))
        if found is None:
            if len(self._streets) >= _REMEMBERED_STREETS:
                self._streets.clear()
            found = _Street(
                street_token(self._key, locality, name), known_street_token(self._key, locality, name)
            )
            self._streets[locality, name] = found
            self._note(found, locality, name)
        return found

    def _note(self, street: _Street, locality: str, name: str) -> None:
        wildcards = known_wildcards(self._key, locality, name)
        self._wildcards.extend(wildcards)
        self._wildcard_streets.extend([street.street] * len(wildcards))
        self._wildcard_known.extend([street.known] * len(wildcards))
        self._wildcards.append(named_street_token(self._key, name))
        self._wildcard_streets.append(NOTHING)
        self._wildcard_known.append(street.known)
