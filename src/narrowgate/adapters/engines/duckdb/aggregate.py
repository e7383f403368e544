"""From entries to sorted tokens and guards, as set operations on tokens alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from narrowgate.adapters.engines.duckdb.connection import stream, view_files, view_table
from narrowgate.adapters.engines.duckdb.scatter import merged_in_parts
from narrowgate.core.matching.token import IndexKey, exclusion_guard
from narrowgate.index.base import Base
from narrowgate.index.columns import joined, token_batch
from narrowgate.index.files import GUARD_SCHEMA, STREET_SCHEMA
from narrowgate.index.progress import Progress

EXCLUDED_SCHEMA = pa.schema([pa.field("high", pa.int64()), pa.field("low", pa.int64())])

_EXCLUDED_NEXT = """
    SELECT DISTINCT high, low FROM (
        SELECT unnest([tin_high, birth_high]) AS high, unnest([tin_low, birth_low]) AS low
        FROM entries
        WHERE (tin_high, tin_low) IN (SELECT (high, low) FROM excluded)
           OR (birth_high, birth_low) IN (SELECT (high, low) FROM excluded)
    )
    WHERE NOT (high = 0 AND low = 0) AND (high, low) NOT IN (SELECT (high, low) FROM excluded)
"""

_CROWDED = """
    CREATE TABLE crowded AS
    SELECT point_high, point_low FROM (
        SELECT DISTINCT point_high, point_low, tin_high, tin_low,
            CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE 0 END AS birth
        FROM entries
        WHERE (point_high, point_low) IN (
            SELECT (point_high, point_low) FROM entries
            WHERE NOT (point_high = 0 AND point_low = 0)
            GROUP BY point_high, point_low HAVING count(*) > $limit)
    )
    GROUP BY point_high, point_low HAVING count(*) > $limit
"""

_KEPT = """
    FROM entries
    ANTI JOIN excluded AS by_tin ON tin_high = by_tin.high AND tin_low = by_tin.low
    ANTI JOIN excluded AS by_birth ON birth_high = by_birth.high AND birth_low = by_birth.low
"""

_UNCROWDED = """
    ANTI JOIN crowded ON entries.point_high = crowded.point_high AND entries.point_low = crowded.point_low
"""

_TOKEN_ROWS = f"""
    SELECT unnest(tokens_high) AS token_high, unnest(tokens_low) AS token_low, years
    {_KEPT} {_UNCROWDED}
"""

_TOKENS = """
    SELECT token_high, token_low, bit_or(years) AS tax_years FROM part
    GROUP BY token_high, token_low ORDER BY token_high, token_low
"""

_KNOWN = """
    CREATE TABLE known AS
    SELECT known_high, known_low, suffix_high, suffix_low,
        min(filer) AS first_filer, max(filer) AS last_filer
    FROM (
        SELECT *, CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE tin_high END AS filer
        FROM entries
    )
    WHERE NOT (known_high = 0 AND known_low = 0)
    GROUP BY ALL
"""

_STREETS = """
    CREATE TABLE shared_streets AS
    WITH here AS (
        SELECT known_high, known_low, min(first_filer) <> max(last_filer) AS shared,
            ('0x' || left(sha256(concat_ws('/', min(first_filer), known_high, known_low)), 15))::BIGINT AS filer
        FROM known GROUP BY known_high, known_low
    ), below AS (
        SELECT token_high AS known_high, token_low AS known_low, bool_or(shared) AS shared
        FROM base_guards SEMI JOIN here ON token_high = known_high AND token_low = known_low
        GROUP BY token_high, token_low
    ), single AS (
        SELECT token_high AS known_high, token_low AS known_low, min(filer) AS first, max(filer) AS last
        FROM base_streets SEMI JOIN here ON token_high = known_high AND token_low = known_low
        GROUP BY token_high, token_low
    )
    SELECT known_high, known_low, filer,
        here.shared OR coalesce(below.shared, false)
            OR coalesce(single.first <> filer OR single.last <> filer, false) AS shared
    FROM here LEFT JOIN below USING (known_high, known_low) LEFT JOIN single USING (known_high, known_low)
"""

_SINGLE = """
    SELECT known_high AS token_high, known_low AS token_low, filer
    FROM shared_streets WHERE NOT shared ORDER BY known_high, known_low
"""
"""Streets of one filer, with a value that is the same for that filer on that street only: a later layer can tell
whether another filer has come."""

_EXCLUDED_BELOW = """
    INSERT INTO excluded
    SELECT DISTINCT high, low FROM (
        SELECT tin_high AS high, tin_low AS low FROM entries
        UNION ALL SELECT birth_high, birth_low FROM entries
    )
    SEMI JOIN base_guards ON high = token_high AND low = token_low
    WHERE (high, low) NOT IN (SELECT (high, low) FROM excluded)
"""

_GUARD_FACTS = """
    SELECT known_high AS token_high, known_low AS token_low,
        suffix_high AS value_high, suffix_low AS value_low, shared
    FROM known JOIN shared_streets USING (known_high, known_low)
    UNION ALL
    SELECT numbered_high, numbered_low, suffix_high, suffix_low, false
    FROM entries WHERE NOT (numbered_high = 0 AND numbered_low = 0)
    UNION ALL
    SELECT wildcard_high, wildcard_low, street_high, street_low, shared
    FROM streets JOIN shared_streets USING (known_high, known_low)
    UNION ALL
    SELECT token_high, token_low, value_high, value_low, false FROM exclusions
"""

_GUARDS = """
    SELECT token_high, token_low, value_high, value_low, bool_or(shared) AS shared FROM part
    GROUP BY token_high, token_low, value_high, value_low
    ORDER BY token_high, token_low, value_high, value_low
"""

GUARD_ROWS = "SELECT (SELECT count(*) FROM known) + 8 * (SELECT count(*) FROM shared_streets)"
"""A street name has about eight letters, and as many ``W`` tokens."""

_EXCLUDED_COUNTS = f"""
    SELECT (SELECT count(*) FROM entries) - (SELECT count(*) {_KEPT}),
        (SELECT count(*) {_KEPT}) - (SELECT count(*) {_KEPT} {_UNCROWDED}),
        (SELECT count(DISTINCT CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE tin_high END)
         FROM entries)
"""  # noqa: S608  built from the constants above


class Aggregate:
    """The set operations of one build.

    Args:
        connection: a fresh database.
        work: holds ``entries.parquet``, ``streets.parquet`` and ``suppressed.parquet``.
        key: the index key, for the values of exclusions.
        limit: filers who may share an address without units.
        base: the index below, whose suppressed persons and streets count too; None for a first build.
        progress: told what is sorted.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        work: Path,
        key: IndexKey,
        limit: int,
        base: Base | None,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._key = key
        self._work = work
        self._progress = progress
        for name in ("entries", "streets", "suppressed"):
            connection.read_parquet(str(work / f"{name}.parquet")).create_view(name)
        view_files(connection, "base_guards", base.paths("guards") if base else [], GUARD_SCHEMA)
        view_files(connection, "base_streets", base.paths("streets") if base else [], STREET_SCHEMA)
        progress("persons and streets", 0, None)
        self._find_excluded()
        connection.execute(_CROWDED, {"limit": limit})
        connection.execute(_KNOWN)
        connection.execute(_STREETS)
        progress("persons and streets", 1, 1)

    def _find_excluded(self) -> None:
        """A suppressed person's other numbers and spellings are found through what they share, to the end."""
        execute = self._connection.execute
        execute(
            "CREATE TABLE excluded AS "
            "SELECT DISTINCT suppressed_high AS high, suppressed_low AS low FROM suppressed"
        )
        execute(_EXCLUDED_BELOW)
        while self._count("SELECT count(*) FROM excluded"):
            before = self._count("SELECT count(*) FROM excluded")
            execute(f"INSERT INTO excluded {_EXCLUDED_NEXT}")
            if self._count("SELECT count(*) FROM excluded") == before:
                break
        found = pa.Table.from_batches(
            stream(self._connection, "SELECT high, low FROM excluded ORDER BY high, low"), EXCLUDED_SCHEMA
        )
        tokens = joined(found.column(0), found.column(1))
        values = [exclusion_guard(self._key, token).value for token in tokens]
        rows = pa.Table.from_batches([token_batch(token=tokens, value=values)])
        view_table(self._connection, "exclusions", rows)

    def _count(self, query: str) -> int:
        (row,) = self._connection.execute(query).fetchall()
        return int(row[0])

    def tokens(self) -> Iterator[pa.RecordBatch]:
        """``token_high, token_low, tax_years``, sorted, each token once."""
        expected = 3 * self._count("SELECT count(*) FROM entries")
        return self._merged("tokens", _TOKEN_ROWS, _TOKENS, expected)

    def guards(self) -> Iterator[pa.RecordBatch]:
        """``token_high, token_low, value_high, value_low, shared``, sorted, each fact once."""
        expected = self._count("SELECT (SELECT count(*) FROM entries) + (SELECT count(*) FROM streets)")
        return self._merged("guards", _GUARD_FACTS, _GUARDS, expected)

    def _merged(self, kind: str, rows: str, merge: str, expected: int) -> Iterator[pa.RecordBatch]:
        told = partial(self._progress, f"parts of {kind}")
        return merged_in_parts(self._connection, rows, merge, self._work / kind, expected, told)

    def single_streets(self) -> Iterator[pa.RecordBatch]:
        """``token_high, token_low, filer`` of streets seen for one filer only, sorted."""
        return stream(self._connection, _SINGLE)

    def guard_rows(self) -> int:
        """About how many rows ``guards`` will give, the same number however many workers met the streets."""
        return self._count(GUARD_ROWS)

    def counts(self) -> dict[str, int]:
        """Entries left out as suppressed, entries left out as shared, and filers read."""
        (row,) = self._connection.execute(_EXCLUDED_COUNTS).fetchall()
        return dict(zip(("excluded_suppressed", "excluded_shared", "filers"), row, strict=True))
