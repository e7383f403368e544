"""Step 6: canonical bytes and every eligibility rule, item by item; the index plays no part."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice

from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import DeliveryPoint
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.eligibility.examine import Admitted, examine_item
from narrowgate.core.eligibility.history.keys import HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.person.model import Person
from narrowgate.core.request.item import Item, parse_item
from narrowgate.gate.packing import keep_admitted, pack_admitted, pack_commitments
from narrowgate.gate.ports import Workers
from narrowgate.gate.types import ExaminedBatch, LoggedPackage

BATCH_ITEMS = 4_000
"""Items that one worker takes at a time: large enough to hide the passing, small enough to share."""

DUPLICATE_ITEM = "R-10"


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that the examination of an item depends on besides the item."""

    agreement: Agreement
    today: date
    officers: frozenset[str]
    facilities: frozenset[str]
    digester: HistoryDigester
    salts: Salts


def examine_package(logged: LoggedPackage, terms: Terms, workers: Workers) -> Iterator[ExaminedBatch]:
    """Every item of the package, once and in order, admitted or refused with all its findings.

    A row that cannot be read, or that repeats the id of an earlier one, is refused by R-10 or R-18 like any
    other item; it does not stop the package.
    """
    seen: set[str] = set()
    teams: dict[tuple[str, ...], tuple[str, ...]] = {}
    batches = _batches(logged.kept.rows())
    for batch in workers.map(partial(examine_batch, terms), batches):
        # Few teams work on many items, and every batch comes with strings of its own.
        shared = tuple([teams.setdefault(team, team) for team in batch.officers])
        yield _without_duplicates(replace(batch, officers=shared), seen)


def examine_batch(terms: Terms, numbered: tuple[int, Sequence[bytes]]) -> ExaminedBatch:
    """The same result for the same lines and terms, in any process."""
    first, lines = numbered
    batch = _Batch(terms, first)
    for ordinal, line in enumerate(lines, first):
        batch.examine(ordinal, line)
    return batch.close()


class _Batch:
    """Collects what one batch comes to."""

    def __init__(self, terms: Terms, first: int) -> None:
        self._terms = terms
        self._first = first
        self._items: list[str] = []
        self._officers: list[tuple[str, ...]] = []
        self._findings: dict[int, tuple[str, ...]] = {}
        self._commitments: list[tuple[bytes, bytes]] = []
        self._ordinals = array("Q")
        self._history: list[bytes] = []
        self._admitted: list[tuple[int, Person, DeliveryPoint, tuple[int, ...]]] = []

    def examine(self, ordinal: int, line: bytes) -> None:
        terms = self._terms
        try:
            item = parse_item(line, "rows.ndjson")
        except EnvelopeError as error:
            self._add("", (), (error.rule or DUPLICATE_ITEM,), ordinal, line, b"")
            return
        named = tuple(officer for officer in item.officers.split() if officer in terms.officers)
        result = examine_item(item, terms.agreement, terms.today, terms.officers, terms.facilities)
        if isinstance(result, Admitted):
            address_key = keys(result.delivery_point)[0]
            self._admit(ordinal, item, result, address_key)
            self._add(item.item, named, (), ordinal, line, address_key.encode())
        else:
            self._add(item.item, named, result.findings, ordinal, line, b"")

    def _admit(self, ordinal: int, item: Item, admitted: Admitted, address_key: str) -> None:
        person, point = admitted.person, admitted.delivery_point
        self._ordinals.append(ordinal)
        self._admitted.append((ordinal, person, point, admitted.tax_years))
        self._history.append(
            self._terms.digester.record(
                person, item.alien_number, item.removal_order_number, address_key, item.reason
            )
        )

    def _add(
        self,
        item: str,
        officers: tuple[str, ...],
        findings: tuple[str, ...],
        ordinal: int,
        line: bytes,
        address: bytes,
    ) -> None:
        salts = self._terms.salts
        self._items.append(item)
        self._officers.append(officers)
        if findings:
            self._findings[ordinal] = findings
        self._commitments.append(
            (salts.commit("row", ordinal, line), salts.commit("address", ordinal, address))
        )

    def close(self) -> ExaminedBatch:
        return ExaminedBatch(
            first=self._first,
            items="\n".join(self._items),
            officers=tuple(self._officers),
            findings=self._findings,
            commitments=pack_commitments(self._commitments),
            ordinals=self._ordinals,
            history=b"".join(self._history),
            admitted=pack_admitted(self._admitted),
        )


def _batches(lines: Iterator[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    first = 0
    while batch := list(islice(lines, BATCH_ITEMS)):
        yield first, batch
        first += len(batch)


def _without_duplicates(batch: ExaminedBatch, seen: set[str]) -> ExaminedBatch:
    """The batch with every repeated item id refused: two answers under one id would be a choice."""
    repeated = {}
    for ordinal, item in enumerate(batch.item_ids(), batch.first):
        if item and item in seen:
            repeated[ordinal] = tuple(dict.fromkeys((DUPLICATE_ITEM, *batch.findings.get(ordinal, ()))))
        seen.add(item)
    if not repeated:
        return batch
    kept = [row for row, ordinal in enumerate(batch.ordinals) if ordinal not in repeated]
    admitted, history = keep_admitted(batch.admitted, batch.history, kept)
    return replace(
        batch,
        findings={**batch.findings, **repeated},
        ordinals=array("Q", (batch.ordinals[row] for row in kept)),
        history=history,
        admitted=admitted,
    )
