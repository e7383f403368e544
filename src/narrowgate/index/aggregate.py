"""From entries to the rows of an index, as set operations on tokens alone; an engine runs the statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from narrowgate.core.matching.token import TOKEN_SIZE, IndexKey, Token, decoy, filler
from narrowgate.index import sql
from narrowgate.index.columns import integers, token_batch
from narrowgate.index.progress import Progress

DECOYS_TO = 1024
"""Guard rows of a layer are filled up to a multiple of this, so that a few excluded persons cannot be counted."""

NO_TOKEN = bytes(TOKEN_SIZE)
"""Fills the place of an entry that has no such token."""


class Database(Protocol):
    """An engine with the relations ``entries``, ``streets``, ``suppressed``, ``reference`` and ``base_guards``."""

    def rows(self, statement: str) -> list[tuple[int, ...]]:
        """The few rows of ``statement``."""
        ...

    def put(self, name: str, batch: pa.RecordBatch) -> None:
        """Makes a few rows appear as ``name``, instead of those that did."""
        ...

    def keep(self, name: str, statement: str) -> None:
        """Makes the rows of ``statement`` appear as ``name``, computed once."""
        ...

    def view(self, name: str, statement: str) -> None:
        """Makes the rows of ``statement`` appear as ``name``, computed when they are read."""
        ...


def aggregate(database: Database, key: IndexKey, layer: str, limit: int, progress: Progress) -> int:
    """Makes the relations ``uncrowded`` and ``guards`` of one build, and tells how many guards there are.

    Args:
        database: holds what was tokenized.
        key: the index key, for rows that look like those of every other guard.
        layer: tells the layers of an index apart.
        limit: filers who may share an address without units.
        progress: told what is computed.
    """
    progress("persons and streets", 0, None)
    database.put("exclusions", exclusion_rows(key, _all_excluded(database)))
    database.keep("crowded", sql.CROWDED.format(limit=limit))
    database.view("kept", sql.KEPT)
    database.view("uncrowded", sql.UNCROWDED)
    database.keep("here", sql.HERE)
    database.keep("facts", sql.FACTS)
    ((count,),) = database.rows(sql.COUNT_GUARDS)
    decoys = decoy_rows(key, layer, count)
    database.put("decoys", decoys)
    database.view("guards", sql.GUARDS)
    progress("persons and streets", 1, 1)
    return count + decoys.num_rows


def counts(database: Database) -> dict[str, int]:
    """Entries left out as suppressed, entries left out as shared, and filers read."""
    ((entries, kept, uncrowded, filers),) = database.rows(sql.COUNTS)
    return {"excluded_suppressed": entries - kept, "excluded_shared": kept - uncrowded, "filers": filers}


def _all_excluded(database: Database) -> list[Token]:
    """A suppressed person's other numbers and spellings are found through what they share, to the end."""
    excluded: set[Token] = set()
    found = {_token(high, low) for high, low in database.rows(sql.EXCLUDED)} - {NO_TOKEN}
    while found:
        excluded |= found
        database.put("excluded", _high_and_low(sorted(found)))
        persons = database.rows(sql.SAME_PERSONS)
        found = {_token(*row[at : at + 2]) for row in persons for at in (0, 2)} - excluded - {NO_TOKEN}
    database.put("excluded", _high_and_low(sorted(excluded)))
    return sorted(excluded)


def _high_and_low(tokens: Sequence[Token]) -> pa.RecordBatch:
    return token_batch(_=tokens).rename_columns(["high", "low"])


def _token(high: int, low: int) -> Token:
    return high.to_bytes(8, signed=True) + low.to_bytes(8, signed=True)


def exclusion_rows(key: IndexKey, excluded: Sequence[Token]) -> pa.RecordBatch:
    """Rows named by ``excluded`` that look like those of every other guard."""
    return _guard_rows([(token, filler(key, token)) for token in excluded])


def decoy_rows(key: IndexKey, layer: str, rows: int) -> pa.RecordBatch:
    """So many rows of nothing that those of a layer, ``rows`` without them, are a multiple of ``DECOYS_TO``."""
    return _guard_rows([decoy(key, layer, number) for number in range(-rows % DECOYS_TO)])


def _guard_rows(rows: Sequence[tuple[Token, bytes]]) -> pa.RecordBatch:
    batch = token_batch(token=[token for token, _ in rows])
    sealed = integers([int.from_bytes(value) for _, value in rows])
    return batch.append_column("sealed", sealed)
