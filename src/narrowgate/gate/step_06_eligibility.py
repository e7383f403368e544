"""Step 6: canonical bytes and every eligibility rule, for each item by itself; the index plays no part."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from typing import NamedTuple

from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import DeliveryPoint
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.eligibility.examine import Admitted, Refused, examine_items
from narrowgate.core.eligibility.history.digests import Charged, HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.person.model import Person
from narrowgate.core.request.item import Item, parse_item
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
    rows = _examine_rows(terms, lines)
    admitted = [(first + at, *row.admitted) for at, row in enumerate(rows) if row.admitted is not None]
    salts = terms.salts
    of_rows = salts.commit_all("row", first, lines)
    of_addresses = salts.commit_all("address", first, [row.address_key.encode() for row in rows])
    return ExaminedBatch(
        first=first,
        items="\n".join([row.item for row in rows]),
        officers=tuple([row.officers for row in rows]),
        findings={first + at: row.findings for at, row in enumerate(rows) if row.findings},
        commitments=pack_commitments(zip(of_rows, of_addresses, strict=True)),
        ordinals=array("Q", [ordinal for ordinal, *_ in admitted]),
        history=tuple([row.history for row in rows if row.admitted is not None]),
        admitted=pack_admitted(admitted),
    )


class _Row(NamedTuple):
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


def _examine_rows(terms: Terms, lines: Sequence[bytes]) -> list[_Row]:
    """What each row comes to; a fault that one alone brings about refuses it, and no other."""
    try:
        return _examine_together(terms, lines)
    except (MemoryError, OSError):
        raise  # the machine's fault, not the row's
    except Exception:  # noqa: BLE001 - whatever one row brings about, the others are decided
        if len(lines) == 1:
            return [_Row((UNREADABLE_ITEM,))]
        return [row for line in lines for row in _examine_rows(terms, [line])]


def _examine_together(terms: Terms, lines: Sequence[bytes]) -> list[_Row]:
    """The same where no row has such a fault: one step after the other, each over all rows."""
    read = list(map(_read_row, lines))
    items = [item for item in read if isinstance(item, Item)]
    results = examine_items(items, terms.agreement, terms.today, terms.officers, terms.facilities)
    admitted = [result for result in results if isinstance(result, Admitted)]
    address_keys = [keys(result.delivery_point) for result in admitted]
    histories = terms.digester.records(list(map(_charged, admitted, address_keys)))
    of_admitted = zip(admitted, address_keys, histories, strict=True)
    teams: dict[str, tuple[str, ...]] = {}
    rows: list[_Row] = []
    judged = iter(results)
    for item in read:
        if isinstance(item, _Row):
            rows.append(item)
            continue
        result = next(judged)
        named = teams.get(item.officers)
        if named is None:
            named = tuple(officer for officer in item.officers.split() if officer in terms.officers)
            teams[item.officers] = named
        if isinstance(result, Refused):
            rows.append(_Row(result.findings, item.item, named))
            continue
        _, own_keys, history = next(of_admitted)
        found = result.person, result.delivery_point, result.tax_years
        rows.append(_Row((), item.item, named, found, own_keys[0], history))
    return rows


def _read_row(line: bytes) -> Item | _Row:
    """The item of one row, or what becomes of a row that holds none."""
    try:
        return parse_item(line, "rows.ndjson")
    except EnvelopeError as error:
        return _Row((error.rule or UNREADABLE_ITEM,))


def _charged(result: Admitted, address_keys: tuple[str, ...]) -> Charged:
    item = result.item
    numbers = (item.alien_number, item.removal_order_number)
    return Charged(result.person, numbers, address_keys, result.tax_years, item.reason)


def _batches(lines: Iterator[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    first = 0
    while batch := list(islice(lines, BATCH_ITEMS)):
        yield first, batch
        first += len(batch)


def _without_duplicates(batch: ExaminedBatch, seen: set[str]) -> ExaminedBatch:
    """The batch with every repeated item id refused: two answers under one id would be a choice."""
    ids = batch.item_ids()
    among = set(ids)
    if len(among) == len(ids) and seen.isdisjoint(among):
        seen.update(among)
        return batch
    repeated = {}
    for ordinal, item in enumerate(ids, batch.first):
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
