"""Reading and charging the history, set by set through the driver: a package may hold 1.28 million items.

The statements keep to what SQLite and PostgreSQL share.
"""

from __future__ import annotations

import struct
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from narrowgate.adapters.state.tables import FIRST_ANSWERS, MERGED_SUBJECTS, OPEN_ITEMS, SUBJECT_ADDRESSES
from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.budgets import Past
from narrowgate.core.eligibility.history.charges import Charges, Facts, keeps_subjects
from narrowgate.core.eligibility.history.keys import (
    ADDRESS_COLUMN,
    DIGEST_SIZE,
    QUESTION_COLUMN,
    REASON_COLUMN,
    HistoryKeys,
)

_ASKED_AT_ONCE = 2_000
"""Values in one statement; SQLite allows 32,766, PostgreSQL 65,535."""

_ROWS_AT_ONCE = 500
"""Rows in one statement: each costs less than half of what it costs in a statement of its own."""

_ADDRESSES_AT_ONCE = 20_000
"""Subjects come in order; so many sorted by address fill table and index alike with neighbors, in half the time."""

_SUBJECTS = """
SELECT k.digest, COALESCE(m.merged_into, k.subject)
FROM subject_keys k LEFT JOIN merged_subjects m ON m.subject = k.subject WHERE k.digest IN ({})"""
_ADDRESSES = "SELECT subject, address FROM subject_addresses WHERE subject IN ({})"
_OCCUPANTS = """
SELECT a.address, COALESCE(m.merged_into, a.subject)
FROM subject_addresses a LEFT JOIN merged_subjects m ON m.subject = a.subject WHERE a.address IN ({})"""
_FACTS = "SELECT subject, birth_date, tin FROM subjects WHERE subject IN ({})"
_ANSWERS = "SELECT digest, sealed FROM first_answers WHERE digest IN ({})"
_FORGET = "DELETE FROM first_answers WHERE digest IN ({})"
_REASONS = "SELECT digest, item_count FROM reasons WHERE digest IN ({})"

_ADD_SUBJECT = "INSERT INTO subject_keys (digest, subject) VALUES {} ON CONFLICT (digest, subject) DO NOTHING"
_ADD_ADDRESS = (
    "INSERT INTO subject_addresses (subject, address) VALUES {} ON CONFLICT (subject, address) DO NOTHING"
)
_ADD_FACTS = """
INSERT INTO subjects (subject, birth_date, tin) VALUES {}
ON CONFLICT (subject) DO UPDATE SET birth_date = excluded.birth_date, tin = excluded.tin"""
_ADD_ANSWER = "INSERT INTO first_answers (digest, sealed) VALUES {} ON CONFLICT (digest) DO NOTHING"
_ADD_REASON = """
INSERT INTO reasons (digest, item_count) VALUES {}
ON CONFLICT (digest) DO UPDATE SET item_count = reasons.item_count + excluded.item_count"""
_ADD_OPEN_ITEMS = """
INSERT INTO open_items (term, officer, item_count) VALUES {}
ON CONFLICT (term, officer) DO UPDATE SET item_count = open_items.item_count + excluded.item_count"""


def recall_past(connection: Connection, term: str, keys: HistoryKeys, rows: range, limits: Limits) -> Past:
    """What the tables hold about the keys of ``rows``, for the budgets in force."""
    subjects: defaultdict[bytes, set[int]] = defaultdict(set)
    facts: dict[int, Facts] = {}
    addresses: defaultdict[int, list[bytes]] = defaultdict(list)
    occupants: defaultdict[bytes, set[int]] = defaultdict(set)
    open_items: dict[str, int] = {}
    reasons: dict[bytes, int] = {}
    if keeps_subjects(limits) and _holds_any(connection, "subject_keys"):
        digests = {digest for row in rows for digest in keys.subject_digests(row)}
        for digest, subject in _ask(connection, _SUBJECTS, digests):
            subjects[bytes(digest)].add(subject)
        known = set().union(*subjects.values())
        for subject, birth_date, tin in _ask(connection, _FACTS, known):
            facts[subject] = Facts(bytes(birth_date), bytes(tin))
        if limits.distinct_addresses_per_subject is not None:
            for subject, address in _ask(connection, _ADDRESSES, known):
                addresses[subject].append(address)
        if limits.subjects_per_address is not None:
            for address, subject in _ask(
                connection, _OCCUPANTS, {keys.digest(row, ADDRESS_COLUMN) for row in rows}
            ):
                occupants[address].add(subject)
    if limits.caseload_per_officer is not None:
        query = select(OPEN_ITEMS.c.officer, OPEN_ITEMS.c.item_count).where(OPEN_ITEMS.c.term == term)
        open_items.update((officer, items) for officer, items in connection.execute(query))
    if limits.identical_reasons is not None and _holds_any(connection, "reasons"):
        digests = {keys.digest(row, REASON_COLUMN) for row in rows}
        reasons.update((digest, count) for digest, count in _ask(connection, _REASONS, digests))
    answers = _first_answers(connection, keys, rows)
    return Past(subjects, facts, addresses, occupants, open_items, reasons, answers)


def _first_answers(connection: Connection, keys: HistoryKeys, rows: range) -> dict[bytes, int]:
    """The sealed answers of the first time to questions that were answered before."""
    if not _holds_any(connection, "first_answers"):
        return {}
    digests = {keys.digest(row, QUESTION_COLUMN) for row in rows}
    return {bytes(digest): sealed for digest, sealed in _ask(connection, _ANSWERS, digests)}


def forget_answers(connection: Connection, questions: Iterable[bytes] | None) -> None:
    """The first answers to these questions, or to all, are gone, in the caller's transaction."""
    if questions is None:
        connection.execute(delete(FIRST_ANSWERS))
        return
    waiting = iter(sorted(set(questions)))
    while part := tuple(islice(waiting, _ASKED_AT_ONCE)):
        connection.exec_driver_sql(_FORGET.format(_placeholders(connection, len(part))), part)


def commit_charges(connection: Connection, term: str, charges: Charges) -> None:
    """Add a package's charges to the tables, in the caller's transaction."""
    last = connection.execute(select(func.coalesce(func.max(SUBJECT_ADDRESSES.c.subject), 0))).scalar_one()

    def number(subject: int) -> int:
        return subject if subject > 0 else last - subject

    _merge(connection, charges.merged())
    identifiers = _ByDigest()
    for digests, subject in charges.subjects():
        identifiers.put_all(digests, number(subject))
    for part in identifiers.parts():
        _add(connection, _ADD_SUBJECT, part)
    _add(connection, _ADD_FACTS, ((number(subject), *facts) for subject, *facts in charges.facts()))
    pairs = ((number(subject), address) for subject, address in charges.addresses())
    while neighbors := sorted(islice(pairs, _ADDRESSES_AT_ONCE), key=itemgetter(1)):
        _add(connection, _ADD_ADDRESS, neighbors)
    reasons = _ByDigest()
    for digest in charges.reasons():
        reasons.put(digest, 1)
    for part in reasons.parts():
        _add(connection, _ADD_REASON, Counter(map(itemgetter(0), part)).items())
    answers = _ByDigest()
    for digest, sealed in charges.answers():
        answers.put(digest, sealed)
    for part in answers.parts():
        _add(connection, _ADD_ANSWER, part)
    _add(connection, _ADD_OPEN_ITEMS, ((term, *counts) for counts in sorted(charges.open_items().items())))


def _merge(connection: Connection, merged: Iterable[tuple[int, int]]) -> None:
    """Keep the table flat: whoever was merged into a subject goes with it, so one look-up finds the root."""
    table = MERGED_SUBJECTS
    for subject, root in merged:
        connection.execute(update(table).where(table.c.merged_into == subject).values(merged_into=root))
        connection.execute(delete(table).where(table.c.subject == subject))
        connection.execute(insert(table).values(subject=subject, merged_into=root))


def _holds_any(connection: Connection, table: str) -> bool:
    return connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() is not None  # noqa: S608 constant


def _ask(connection: Connection, statement: str, values: Collection[Any]) -> Iterator[Sequence[Any]]:
    """The rows of ``statement`` for all values; asked in sorted order, so that neighbors share pages."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _ASKED_AT_ONCE):
        asked = ordered[start : start + _ASKED_AT_ONCE]
        text = statement.format(_placeholders(connection, len(asked)))
        yield from connection.exec_driver_sql(text, tuple(asked)).all()


def _add(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Run ``statement`` for all rows, several at a time; of one part, no two rows may update the same one."""
    waiting = iter(rows)
    while part := list(islice(waiting, _ROWS_AT_ONCE)):
        row = f"({_placeholders(connection, len(part[0]))})"
        text = _several(statement, row, len(part))
        connection.exec_driver_sql(text, tuple(chain.from_iterable(part)))


@lru_cache(maxsize=64)
def _several(statement: str, row: str, count: int) -> str:
    """The statement for so many rows; the same text again is prepared already."""
    return statement.format(", ".join([row] * count))


def _placeholders(connection: Connection, count: int) -> str:
    return ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * count)


class _ByDigest:
    """Digests with numbers from 0 upwards, to be had in order, a part at a time.

    A tree that is filled in order writes each page once. 24 bytes of each pair are held, not a tuple: big-endian, so
    that the packed pairs sort as the pairs do.
    """

    _LAYOUT: Final = struct.Struct(f">{DIGEST_SIZE}sq")
    _NUMBER: Final = struct.Struct(">q")

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(256)]

    def put(self, digest: bytes, number: int) -> None:
        """Hold one pair."""
        self._parts[digest[0]] += self._LAYOUT.pack(digest, number)

    def put_all(self, digests: Iterable[bytes], number: int) -> None:
        """Hold each of these digests with the number."""
        parts, packed = self._parts, self._NUMBER.pack(number)
        for digest in digests:
            parts[digest[0]] += digest + packed

    def parts(self) -> Iterator[Iterator[tuple[bytes, int]]]:
        """All pairs in order; each part is held no longer than it takes."""
        size = self._LAYOUT.size
        for part in filter(None, self._parts):
            packed = bytes(part)
            part.clear()
            in_order = sorted([packed[start : start + size] for start in range(0, len(packed), size)])
            yield self._LAYOUT.iter_unpack(b"".join(in_order))
