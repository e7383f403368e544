"""Reading the history, set by set through the driver: a package may hold 1.28 million items.

The statements keep to what SQLite and PostgreSQL share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, select

from narrowgate.adapters.state.tables import FIRST_ANSWERS, OPEN_ITEMS
from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.budgets import Past
from narrowgate.core.eligibility.history.charges import Facts, keeps_subjects
from narrowgate.core.eligibility.history.keys import (
    ADDRESS_COLUMN,
    QUESTION_COLUMN,
    REASON_COLUMN,
    HistoryKeys,
)

_ASKED_AT_ONCE = 2_000
"""Values in one statement; SQLite allows 32,766, PostgreSQL 65,535."""

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


def _holds_any(connection: Connection, table: str) -> bool:
    return connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() is not None  # noqa: S608 constant


def _ask(connection: Connection, statement: str, values: Collection[Any]) -> Iterator[Sequence[Any]]:
    """The rows of ``statement`` for all values; asked in sorted order, so that neighbors share pages."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _ASKED_AT_ONCE):
        asked = ordered[start : start + _ASKED_AT_ONCE]
        text = statement.format(_placeholders(connection, len(asked)))
        yield from connection.exec_driver_sql(text, tuple(asked)).all()


def _placeholders(connection: Connection, count: int) -> str:
    return ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * count)
