"""Addresses and streets a worker has met: the canonical form and the tokens of each are made once."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from narrowgate.adapters.index.columns import token_batch
from narrowgate.core.address.examine import examine
from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import RawAddress
from narrowgate.core.record import StreetFacts, known_wildcards, record_guards
from narrowgate.core.token import IndexKey, Place, Token, place, shared_point_token

RawCells = tuple[str, str, str, str, str]
"""``address_line_1``, ``address_line_2``, ``city``, ``state`` and ``zip`` as the source has them."""

NO_ADDRESS: RawCells = ("", "", "", "", "")

NOTHING = bytes(16)
"""Stands where an entry has no such token."""

_REMEMBERED = 1 << 17
"""Addresses, and streets, kept by one process: about 100 MB."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """One sufficient address as tokens.

    Args:
        place: joins it to an identity.
        point: stands for the address when it has no unit; else nothing.
        known: ``V``; nothing unless it is a street address.
        numbered: ``U``; nothing unless it is a street address with a suffix.
        suffix: ``X``.
    """

    place: Place
    point: Token
    known: Token
    numbered: Token
    suffix: Token


class KnownPlaces:
    """The places of one process, as many as are worth remembering.

    Args:
        key: the index key.
    """

    def __init__(self, key: IndexKey) -> None:
        self._key = key
        self._places: dict[RawCells, PlaceFacts | tuple[str, ...]] = {}
        self._streets: set[Token] = set()
        self._wildcards: list[Token] = []
        self._wildcard_streets: list[Token] = []
        self._wildcard_known: list[Token] = []

    def facts(self, cells: RawCells) -> PlaceFacts | tuple[str, ...]:
        """The tokens of an address, or the reasons why it is not sufficient."""
        found = self._places.get(cells)
        if found is None:
            if len(self._places) >= _REMEMBERED:
                self._places.clear()
            found = self._places[cells] = self._read(cells)
        return found

    def take_streets(self) -> pa.RecordBatch:
        """``W``, the ``N`` it leads to and the ``V`` of that street, for streets met since the last call."""
        batch = token_batch(
            wildcard=self._wildcards, street=self._wildcard_streets, known=self._wildcard_known
        )
        self._wildcards, self._wildcard_streets, self._wildcard_known = [], [], []
        return batch

    def _read(self, cells: RawCells) -> PlaceFacts | tuple[str, ...]:
        examined = examine(RawAddress(*cells))
        point = examined.delivery_point
        if point is None:
            return tuple(f"address_{defect.value}" for defect in examined.defects)
        (locality,) = record_localities(point)  # a record has one key
        here = place(self._key, point, locality)
        shared = shared_point_token(self._key, point, locality) or NOTHING
        guards = record_guards(self._key, point)
        if not guards:
            return PlaceFacts(here, shared, NOTHING, NOTHING, NOTHING)
        (street,) = guards
        self._note(street, locality, key_street_name(point))
        numbered = NOTHING if street.suffix_blank else street.numbered
        return PlaceFacts(here, shared, street.known, numbered, street.suffix)

    def _note(self, street: StreetFacts, locality: str, name: str) -> None:
        """Keeps the ``W`` tokens of a street at the first meeting."""
        if street.known in self._streets:
            return
        if len(self._streets) >= _REMEMBERED:
            self._streets.clear()
        self._streets.add(street.known)
        wildcards = known_wildcards(self._key, locality, name)
        self._wildcards.extend(wildcards)
        self._wildcard_streets.extend([street.street] * len(wildcards))
        self._wildcard_known.extend([street.known] * len(wildcards))
