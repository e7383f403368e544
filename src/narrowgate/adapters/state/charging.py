"""A package's charges become rows of the history: made ready in a thread while the database takes those before.

A package of 1.28 million items adds some seven rows an item. A tree that is filled in the order of its keys writes each
page once, so the rows come sorted; and they go over packed (``packed_rows``).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from narrowgate.adapters.state.packed_rows import ROWS_AT_ONCE, Digest, Number, PackedInsert
from narrowgate.adapters.state.tables import MERGED_SUBJECTS, SUBJECT_ADDRESSES
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.core.eligibility.history.keys import DIGEST_SIZE

_ADDRESSES_AT_ONCE: Final = 50_000
"""Subjects come in order; so many sorted by address fill table and index alike with neighbors, in half the time."""

_FEW_ITEMS: Final = 10_000
"""So many are not worth a thread."""

_PARTS_AHEAD: Final = 8
"""Parts that lie ready while the database takes one."""

_SORTED_AT_ONCE: Final = 20_000
"""Rows that a part of sorted ones has at least, but for the last."""

_OFFICERS_AT_ONCE: Final = 500
"""Rows in one statement."""

_ADD_OPEN_ITEMS: Final = """
INSERT INTO open_items (term, officer, item_count) VALUES {}
ON CONFLICT (term, officer) DO UPDATE SET item_count = open_items.item_count + excluded.item_count"""

_SEALED: Final = (b"0", b"1")


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows of a table, packed."""

    insertion: PackedInsert
    packed: bytes


def commit_charges(connection: Connection, term: str, charges: Charges) -> None:
    """Add a package's charges to the tables, in the caller's transaction."""
    last = connection.execute(select(func.coalesce(func.max(SUBJECT_ADDRESSES.c.subject), 0))).scalar_one()
    _merge(connection, charges.merged())
    parts = _Packing(charges, int(last)).parts()
    for part in parts if charges.items <= _FEW_ITEMS else _made_ahead(parts):
        part.insertion.run(connection, part.packed)
    _count_open_items(connection, term, charges)


def _made_ahead(parts: Iterator[_Part]) -> Iterator[_Part]:
    """The same parts, of which a thread makes the next ones meanwhile: a database at work needs no interpreter."""
    with ThreadPoolExecutor(1) as thread:
        ready = deque(thread.submit(next, parts, None) for _ in range(_PARTS_AHEAD))
        try:
            while (part := ready.popleft().result()) is not None:
                ready.append(thread.submit(next, parts, None))
                yield part
        finally:
            for waiting in ready:
                waiting.cancel()


class _Packing:
    """The charges as packed rows, table by table; the one that takes longest to sort is not the first.

    Args:
        charges: of a package.
        last: greatest number of a subject in the history; new ones are numbered from there on.
    """

    def __init__(self, charges: Charges, last: int) -> None:
        self._charges = charges
        self._last = last
        digits, count_digits = len(str(last + charges.items)), len(str(charges.items))
        self._digits, self._count_digits = b"%%0%dd" % digits, b"%%0%dd" % count_digits
        subject = Number("subject", digits)
        digest = Digest("digest")
        self._facts = PackedInsert(
            "subjects",
            (subject, Digest("birth_date"), Digest("tin")),
            "(subject) DO UPDATE SET birth_date = excluded.birth_date, tin = excluded.tin",
        )
        self._addresses = PackedInsert(
            "subject_addresses", (Digest("address"), subject), "(subject, address) DO NOTHING"
        )
        self._keys = PackedInsert("subject_keys", (digest, subject), "(digest, subject) DO NOTHING")
        self._reasons = PackedInsert(
            "reasons",
            (digest, Number("item_count", count_digits)),
            "(digest) DO UPDATE SET item_count = reasons.item_count + excluded.item_count",
        )
        self._answers = PackedInsert("first_answers", (digest, Number("sealed", 1)), "(digest) DO NOTHING")

    def parts(self) -> Iterator[_Part]:
        """All rows, each as soon as it can be had."""
        number, charges = self._number, self._charges
        facts = charges.facts()
        while packed := [
            number(subject) + birth_date + tin for subject, birth_date, tin in islice(facts, ROWS_AT_ONCE)
        ]:
            yield _Part(self._facts, b"".join(packed))
        addresses = charges.addresses()
        while packed := [
            address + number(subject) for subject, address in islice(addresses, _ADDRESSES_AT_ONCE)
        ]:
            packed.sort()
            yield _Part(self._addresses, b"".join(packed))
        yield from self._identifiers()
        yield from self._counted_reasons()
        answers = _ByDigest()
        for question, sealed in charges.answers():
            answers.put(question, _SEALED[sealed])
        for rows in answers.parts():
            yield _Part(self._answers, b"".join(rows))

    def _identifiers(self) -> Iterator[_Part]:
        pairs, number = _ByDigest(), self._number
        for digests, subject in self._charges.subjects():
            pairs.put_all(digests, number(subject))
        for rows in pairs.parts():
            yield _Part(self._keys, b"".join(rows))

    def _counted_reasons(self) -> Iterator[_Part]:
        reasons = _ByDigest()
        for digest in self._charges.reasons():
            reasons.put(digest, b"")
        one = self._count(1)
        for rows in reasons.parts():
            if len(set(rows)) == len(rows):  # hardly a package repeats a reason
                yield _Part(self._reasons, one.join(rows) + one)
            else:
                counted = Counter(rows).items()
                yield _Part(
                    self._reasons, b"".join([digest + self._count(count) for digest, count in counted])
                )

    def _number(self, subject: int) -> bytes:
        """The number of a subject in the history; below zero it is new."""
        return self._digits % (subject if subject > 0 else self._last - subject)

    def _count(self, items: int) -> bytes:
        return self._count_digits % items


class _ByDigest:
    """Rows that begin with a digest, to be had in order, some at a time.

    They lie side by side, for an object each would take a hundred bytes more.
    """

    def __init__(self) -> None:
        self._rows = [bytearray() for _ in range(256)]
        self._size = 0

    def put(self, digest: bytes, rest: bytes) -> None:
        """Hold one row."""
        self.put_all((digest,), rest)

    def put_all(self, digests: Iterable[bytes], rest: bytes) -> None:
        """Hold a row for each of these digests; the rest of every row is of one length."""
        rows = self._rows
        for digest in digests:
            rows[digest[0]] += digest + rest
        self._size = DIGEST_SIZE + len(rest)

    def parts(self) -> Iterator[list[bytes]]:
        """All rows in order; of each part nothing is held once it was had."""
        size = self._size
        part: list[bytes] = []
        for rows in filter(None, self._rows):
            packed = bytes(rows)
            rows.clear()
            part += sorted([packed[start : start + size] for start in range(0, len(packed), size)])
            if len(part) >= _SORTED_AT_ONCE:
                yield part
                part = []
        if part:
            yield part


def _merge(connection: Connection, merged: Iterable[tuple[int, int]]) -> None:
    """Keep the table flat: whoever was merged into a subject goes with it, so one look-up finds the root."""
    table = MERGED_SUBJECTS
    for subject, root in merged:
        connection.execute(update(table).where(table.c.merged_into == subject).values(merged_into=root))
        connection.execute(delete(table).where(table.c.subject == subject))
        connection.execute(insert(table).values(subject=subject, merged_into=root))


def _count_open_items(connection: Connection, term: str, charges: Charges) -> None:
    row = "(?, ?, ?)" if connection.dialect.paramstyle == "qmark" else "(%s, %s, %s)"
    waiting = ((term, *counts) for counts in sorted(charges.open_items().items()))
    while part := list(islice(waiting, _OFFICERS_AT_ONCE)):
        text = _ADD_OPEN_ITEMS.format(", ".join([row] * len(part)))
        connection.exec_driver_sql(text, tuple(chain.from_iterable(part)))
