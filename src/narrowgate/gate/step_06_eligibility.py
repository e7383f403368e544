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
from narrowgate.core.eligibility.history.digests import HistoryDigester
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
    rows = _Rows([], [], {}, [], [], [], [])
    commitments: list[bytes] = []
    for start in range(0, len(lines), ITEMS_TOGETHER):
        together = lines[start : start + ITEMS_TOGETHER]
        examined = _examine_rows(terms, first + start, together)
        of_rows = terms.salts.commit_all("row", first + start, together)
        of_addresses = terms.salts.commit_all("address", first + start, examined.addresses)
        commitments.append(pack_commitments(zip(of_rows, of_addresses, strict=True)))
        rows.add(examined)
    return ExaminedBatch(
        first=first,
        items="\n".join(rows.items),
        officers=_registered(rows.officers, terms.officers),
        findings=rows.findings,
        commitments=b"".join(commitments),
        ordinals=array("Q", rows.ordinals),
        history=tuple(rows.history),
        admitted=pack_lines(rows.admitted),
    )


def _registered(named: Sequence[str], officers: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Of the officers that each item names those who are registered; few teams work on many items."""
    teams = {text: tuple([one for one in text.split() if one in officers]) for text in set(named)}
    return tuple([teams[text] for text in named])


class _Rows(NamedTuple):
    """What some rows come to, side by side.

    Args:
        items: of each row its id; empty where it cannot be read.
        officers: of each whom it names, as written.
        findings: ordinal to rule ids, of those that are refused.
        addresses: of each the key of the delivery point; empty where it is refused.
        ordinals: of the admitted ones, ascending; what follows is theirs, too.
        history: their digests.
        admitted: person, delivery point and tax years of each, packed.
    """

    items: list[str]
    officers: list[str]
    findings: dict[int, tuple[str, ...]]
    addresses: list[bytes]
    ordinals: list[int]
    history: list[bytes]
    admitted: list[bytes]

    def add(self, following: _Rows) -> None:
        """The rows that follow come behind these."""
        self.findings.update(following.findings)
        self.items.extend(following.items)
        self.officers.extend(following.officers)
        self.addresses.extend(following.addresses)
        self.ordinals.extend(following.ordinals)
        self.history.extend(following.history)
        self.admitted.extend(following.admitted)


def _examine_rows(terms: Terms, first: int, lines: Sequence[bytes]) -> _Rows:
    """What the rows come to, the first of which has the ordinal ``first``.

    A fault that one alone brings about refuses it, and no other.
    """
    try:
        return _examine_together(terms, first, lines)
    except (MemoryError, OSError):
        raise  # the machine's fault, not the row's
    except Exception:  # noqa: BLE001 - whatever one row brings about, the others are decided
        if len(lines) == 1:
            return _Rows([""], [""], {first: (UNREADABLE_ITEM,)}, [b""], [], [], [])
        rows = _Rows([], [], {}, [], [], [], [])
        for ordinal, line in enumerate(lines, first):
            rows.add(_examine_rows(terms, ordinal, [line]))
        return rows


def _examine_together(terms: Terms, first: int, lines: Sequence[bytes]) -> _Rows:
    """The same where no row has such a fault: one step after the other, each over all rows."""
    read = list(map(_read_row, lines))
    items = [item for item in read if isinstance(item, Item)]
    results = _among(
        read, examine_items(items, terms.agreement, terms.today, terms.officers, terms.facilities)
    )
    ordinals = [ordinal for ordinal, result in enumerate(results, first) if isinstance(result, Admitted)]
    admitted = [result for result in results if isinstance(result, Admitted)]
    of_items, persons, points, years = zip(*admitted, strict=True) if admitted else ((), (), (), ())
    address_keys = list(map(keys, points))
    addresses = [b""] * len(lines)
    for ordinal, own in zip(ordinals, address_keys, strict=True):
        addresses[ordinal - first] = own[0].encode()
    history = terms.digester.records(
        persons,
        [item.alien_number for item in of_items],
        [item.removal_order_number for item in of_items],
        address_keys,
        years,
        [item.reason for item in of_items],
    )
    return _Rows(
        [item.item if isinstance(item, Item) else "" for item in read],
        [item.officers if isinstance(item, Item) else "" for item in read],
        {at: result.findings for at, result in enumerate(results, first) if isinstance(result, Refused)},
        addresses,
        ordinals,
        history,
        list(map(line_of_admitted, ordinals, persons, points, years)),
    )


def _read_row(line: bytes) -> Item | Refused:
    """The item of one row, or what becomes of a row that holds none."""
    try:
        return parse_item(line, "rows.ndjson")
    except EnvelopeError as error:
        return Refused((error.rule or UNREADABLE_ITEM,))


def _among(read: Sequence[Item | Refused], results: list[Admitted | Refused]) -> list[Admitted | Refused]:
    """What each row comes to, when ``results`` are those of the rows that hold an item."""
    if len(results) == len(read):
        return results
    of_items = iter(results)
    return [row if isinstance(row, Refused) else next(of_items) for row in read]


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
