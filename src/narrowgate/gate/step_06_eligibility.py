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
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.eligibility.examine import Admitted, Refused, examine_items
from narrowgate.core.eligibility.history.digests import Charged, HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.request.item import Item, parse_item
from narrowgate.gate.packing import keep_admitted, line_of_admitted, pack_commitments, pack_lines
from narrowgate.gate.ports import Workers
from narrowgate.gate.types import UNREADABLE_ITEM, ExaminedBatch, LoggedPackage

BATCH_ITEMS = 4_000
"""Items that one worker takes at a time: large enough to hide the passing, small enough to share."""

ITEMS_TOGETHER = 400
"""Items that are examined together: what is made of them stays in the processor's cache until it is packed."""


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
    rows: list[_Row] = []
    commitments: list[bytes] = []
    for start in range(0, len(lines), ITEMS_TOGETHER):
        together = lines[start : start + ITEMS_TOGETHER]
        examined = _examine_rows(terms, first + start, together)
        rows += examined
        of_rows = terms.salts.commit_all("row", first + start, together)
        of_addresses = terms.salts.commit_all("address", first + start, [row.address for row in examined])
        commitments.append(pack_commitments(zip(of_rows, of_addresses, strict=True)))
    return ExaminedBatch(
        first=first,
        items="\n".join([row.item for row in rows]),
        officers=_registered([row.officers for row in rows], terms.officers),
        findings={ordinal: row.findings for ordinal, row in enumerate(rows, first) if row.findings},
        commitments=b"".join(commitments),
        ordinals=array("Q", [ordinal for ordinal, row in enumerate(rows, first) if row.admitted]),
        history=tuple([row.history for row in rows if row.admitted]),
        admitted=pack_lines([row.admitted for row in rows if row.admitted]),
    )


def _registered(named: Sequence[str], officers: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Of the officers that each item names those who are registered; few teams work on many items."""
    teams = {text: tuple([one for one in text.split() if one in officers]) for text in set(named)}
    return tuple([teams[text] for text in named])


class _Row(NamedTuple):
    """What one row comes to.

    Args:
        findings: of the rules that refuse it; none where it is admitted.
        item: its id, where it can be read.
        officers: whom it names, as written.
        admitted: person, delivery point and tax years, packed.
        address: key of the delivery point.
        history: digests of an admitted item.
    """

    findings: tuple[str, ...]
    item: str = ""
    officers: str = ""
    admitted: bytes = b""
    address: bytes = b""
    history: bytes = b""


def _examine_rows(terms: Terms, first: int, lines: Sequence[bytes]) -> list[_Row]:
    """What each row comes to, the first of which has the ordinal ``first``.

    A fault that one alone brings about refuses it, and no other.
    """
    try:
        return _examine_together(terms, first, lines)
    except (MemoryError, OSError):
        raise  # the machine's fault, not the row's
    except Exception:  # noqa: BLE001 - whatever one row brings about, the others are decided
        if len(lines) == 1:
            return [_Row((UNREADABLE_ITEM,))]
        return [
            row for ordinal, line in enumerate(lines, first) for row in _examine_rows(terms, ordinal, [line])
        ]


def _examine_together(terms: Terms, first: int, lines: Sequence[bytes]) -> list[_Row]:
    """The same where no row has such a fault: one step after the other, each over all rows."""
    read = list(map(_read_row, lines))
    items = [item for item in read if isinstance(item, Item)]
    results = examine_items(items, terms.agreement, terms.today, terms.officers, terms.facilities)
    admitted = [result for result in results if isinstance(result, Admitted)]
    address_keys = [keys(result.delivery_point) for result in admitted]
    histories = terms.digester.records(list(map(_charged, admitted, address_keys)))
    of_admitted = zip(address_keys, histories, strict=True)
    rows: list[_Row] = []
    judged = iter(results)
    for ordinal, item in enumerate(read, first):
        if isinstance(item, _Row):
            rows.append(item)
            continue
        result = next(judged)
        if isinstance(result, Refused):
            rows.append(_Row(result.findings, item.item, item.officers))
            continue
        own_keys, history = next(of_admitted)
        packed = line_of_admitted(ordinal, result.person, result.delivery_point, result.tax_years)
        rows.append(_Row((), item.item, item.officers, packed, own_keys[0].encode(), history))
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
