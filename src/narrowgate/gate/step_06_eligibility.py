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
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.person.model import Person
from narrowgate.core.request.item import parse_item
from narrowgate.gate.packing import keep_admitted, pack_admitted, pack_commitments
from narrowgate.gate.ports import Workers
from narrowgate.gate.types import UNREADABLE_ITEM, ExaminedBatch, LoggedPackage

BATCH_ITEMS = 4_000
"""Items that one worker takes at a time: large enough to hide the passing, small enough to share."""


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
        """Account for one row; a fault that it alone brings about refuses it, and no other."""
        try:
            row = _examine_row(self._terms, line)
        except (MemoryError, OSError):
            raise  # the machine's fault, not the row's
        except Exception:  # noqa: BLE001 - whatever one row brings about, the others are decided
            row = _Row(findings=(UNREADABLE_ITEM,))
        salts = self._terms.salts
        self._items.append(row.item)
        self._officers.append(row.officers)
        self._commitments.append(
            (
                salts.commit("row", ordinal, line),
                salts.commit("address", ordinal, row.address_key.encode()),
            )
        )
        if row.findings:
            self._findings[ordinal] = row.findings
        if row.admitted is not None:
            person, point, years = row.admitted
            self._ordinals.append(ordinal)
            self._admitted.append((ordinal, person, point, years))
            self._history.append(row.history)

    def close(self) -> ExaminedBatch:
        return ExaminedBatch(
            first=self._first,
            items="\n".join(self._items),
            officers=tuple(self._officers),
            findings=self._findings,
            commitments=pack_commitments(self._commitments),
            ordinals=self._ordinals,
            history=tuple(self._history),
            admitted=pack_admitted(self._admitted),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """What one row comes to.

    Args:
        findings: of the rules that refuse it; none where it is admitted.
        item: its id, where it can be read.
        officers: the registered officers it names.
        admitted: person, delivery point and tax years.
        address_key: of the delivery point.
        history: digests of an admitted item.
    """

    findings: tuple[str, ...]
    item: str = ""
    officers: tuple[str, ...] = ()
    admitted: tuple[Person, DeliveryPoint, tuple[int, ...]] | None = None
    address_key: str = ""
    history: bytes = b""


def _examine_row(terms: Terms, line: bytes) -> _Row:
    try:
        item = parse_item(line, "rows.ndjson")
    except EnvelopeError as error:
        return _Row((error.rule or UNREADABLE_ITEM,))
    named = tuple(officer for officer in item.officers.split() if officer in terms.officers)
    result = examine_item(item, terms.agreement, terms.today, terms.officers, terms.facilities)
    if not isinstance(result, Admitted):
        return _Row(result.findings, item.item, named)
    person, point = result.person, result.delivery_point
    address_keys = keys(point)
    numbers = (item.alien_number, item.removal_order_number)
    history = terms.digester.record(person, numbers, address_keys, result.tax_years, item.reason)
    return _Row((), item.item, named, (person, point, result.tax_years), address_keys[0], history)


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
            repeated[ordinal] = tuple(dict.fromkeys((UNREADABLE_ITEM, *batch.findings.get(ordinal, ()))))
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
