"""From entries to sorted data files on Spark: the set operations of the other engine, on tokens alone.

The statements differ where the two dialects do, and in what a cluster must have moved about. A test compares every
byte they lead to.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.engines.duckdb.aggregate import GUARD_ROWS
from narrowgate.adapters.engines.spark.session import file_url, on_executors, spark_failures, view_parquet
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.matching.token import IndexKey, Token, exclusion_guard
from narrowgate.index.base import Base
from narrowgate.index.columns import token_batch
from narrowgate.index.files import (
    GUARD_SCHEMA,
    STREET_SCHEMA,
    TOKEN_SCHEMA,
    split_bits,
    write_sorted,
)
from narrowgate.index.manifest import IndexFile
from narrowgate.index.places import NOTHING
from narrowgate.index.progress import Progress

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SCHEMAS = {"tokens": TOKEN_SCHEMA, "guards": GUARD_SCHEMA, "streets": STREET_SCHEMA}

_EXCLUDED = """
    SELECT suppressed_high, suppressed_low FROM suppressed
    UNION
    SELECT high, low FROM (
        SELECT tin_high AS high, tin_low AS low FROM entries
        UNION SELECT birth_high, birth_low FROM entries
    ) SEMI JOIN base_guards ON high = token_high AND low = token_low
"""

_SAME_PERSONS = """
    SELECT /*+ BROADCAST(excluded) */ tin_high, tin_low, birth_high, birth_low FROM entries
    SEMI JOIN excluded ON tin_high = high AND tin_low = low
    UNION
    SELECT /*+ BROADCAST(excluded) */ tin_high, tin_low, birth_high, birth_low FROM entries
    SEMI JOIN excluded ON birth_high = high AND birth_low = low
"""

_CROWDED = """
    SELECT point_high, point_low FROM (
        SELECT DISTINCT point_high, point_low, tin_high, tin_low,
            CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE 0 END AS birth
        FROM entries WHERE NOT (point_high = 0 AND point_low = 0)
    )
    GROUP BY point_high, point_low HAVING count(*) > :limit
"""

# Few are excluded and few addresses crowded: broadcast, they meet the entries where those are. A join by exchange
# would send every entry without a TIN, and every one with a unit, to the same machine.
_KEPT = """
    SELECT /*+ BROADCAST(by_tin), BROADCAST(by_birth) */ entries.* FROM entries
    ANTI JOIN excluded AS by_tin ON tin_high = by_tin.high AND tin_low = by_tin.low
    ANTI JOIN excluded AS by_birth ON birth_high = by_birth.high AND birth_low = by_birth.low
"""

_UNCROWDED = """
    SELECT /*+ BROADCAST(crowded) */ kept.* FROM kept
    ANTI JOIN crowded ON kept.point_high = crowded.point_high AND kept.point_low = crowded.point_low
"""

_KNOWN = """
    SELECT known_high, known_low, suffix_high, suffix_low,
        min(filer) AS first_filer, max(filer) AS last_filer
    FROM (
        SELECT *, CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE tin_high END AS filer
        FROM entries
    )
    WHERE NOT (known_high = 0 AND known_low = 0)
    GROUP BY known_high, known_low, suffix_high, suffix_low
"""

_STREETS = """
    WITH here AS (
        SELECT known_high, known_low, min(first_filer) <> max(last_filer) AS shared,
            CAST(conv(left(sha2(concat_ws('/', CAST(min(first_filer) AS STRING), CAST(known_high AS STRING),
                CAST(known_low AS STRING)), 256), 15), 16, 10) AS BIGINT) AS filer
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

_TOKENS = """
    SELECT inline(arrays_zip(tokens_high, tokens_low)) AS (token_high, token_low), years FROM uncrowded
"""

_SINGLE = """
    SELECT known_high AS token_high, known_low AS token_low, filer FROM shared_streets WHERE NOT shared
"""

_GUARDS = """
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

# {part} is the first of the grouping columns, so that grouping needs no second exchange of rows.
_GROUPED = {
    "tokens": "SELECT token_high, token_low, bit_or(years) AS tax_years FROM parted"
    " GROUP BY part, token_high, token_low",
    "guards": "SELECT token_high, token_low, value_high, value_low, bool_or(shared) AS shared FROM parted"
    " GROUP BY part, token_high, token_low, value_high, value_low",
    "streets": "SELECT token_high, token_low, filer FROM parted",
}

_COUNTS = """
    SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM kept) AS kept,
        (SELECT count(*) FROM uncrowded) AS uncrowded,
        (SELECT count(DISTINCT CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE tin_high END)
         FROM entries) AS filers
"""


class SparkAggregate:
    """The set operations of one build.

    Args:
        spark: the session.
        parts: directories with ``entries``, ``streets`` and ``suppressed``, one for each share of the source.
        work: directory for what lies between, shared by all machines.
        key: the index key, for the values of exclusions; it stays in this process.
        limit: filers who may share an address without units.
        base: the index below; None for a first build.
        progress: told what is sorted.
    """

    def __init__(
        self,
        spark: SparkSession,
        parts: Sequence[Path],
        work: Path,
        key: IndexKey,
        limit: int,
        base: Base | None,
        progress: Progress,
    ) -> None:
        self._spark = spark
        self._work = work
        self._progress = progress
        progress("persons and streets", 0, None)
        with spark_failures():
            for name in ("entries", "streets", "suppressed"):
                self._view(name, [part / f"{name}.parquet" for part in parts])
            self._view_base(base)
            self._view_exclusions(self._all_excluded(), key)
            self._keep("crowded", spark.sql(_CROWDED, {"limit": limit}))
            spark.sql(_KEPT).createOrReplaceTempView("kept")
            spark.sql(_UNCROWDED).createOrReplaceTempView("uncrowded")
            self._keep("known", spark.sql(_KNOWN))
            self._keep("shared_streets", spark.sql(_STREETS))
        progress("persons and streets", 1, 1)

    def _view(self, name: str, paths: Sequence[Path]) -> None:
        view_parquet(self._spark, name, paths, pq.read_schema(paths[0]))

    def _keep(self, name: str, rows: DataFrame) -> None:
        """Rows that several statements need are computed once; they hold tokens only."""
        path = self._work / name
        rows.write.parquet(file_url(path))
        self._spark.read.schema(rows.schema).parquet(file_url(path)).createOrReplaceTempView(name)

    def _put(self, name: str, batch: pa.RecordBatch) -> None:
        path = self._work / f"{name}-{uuid4().hex}.parquet"
        pq.write_table(pa.Table.from_batches([batch]), path)
        self._view(name, [path])

    def _view_base(self, base: Base | None) -> None:
        for kind in ("guards", "streets"):
            paths = [Path(path) for path in base.paths(kind)] if base else []
            if paths:
                self._view(f"base_{kind}", paths)
            else:
                self._put(f"base_{kind}", pa.RecordBatch.from_pylist([], schema=_SCHEMAS[kind]))

    def _all_excluded(self) -> list[Token]:
        """A suppressed person's other numbers and spellings are found through what they share, to the end."""
        sql = self._spark.sql
        rows = sql(_EXCLUDED).collect()
        excluded: set[Token] = set()
        found = {_token(high, low) for high, low in rows} - {NOTHING}
        while found:
            excluded |= found
            self._put("excluded", token_batch(_=sorted(found)).rename_columns(["high", "low"]))
            persons = sql(_SAME_PERSONS).collect()
            found = {_token(*row[at : at + 2]) for row in persons for at in (0, 2)} - excluded - {NOTHING}
        self._put("excluded", token_batch(_=sorted(excluded)).rename_columns(["high", "low"]))
        return sorted(excluded)

    def _view_exclusions(self, excluded: Sequence[Token], key: IndexKey) -> None:
        values = [exclusion_guard(key, token).value for token in excluded]
        self._put("exclusions", token_batch(token=excluded, value=values))

    def counts(self) -> dict[str, int]:
        """Entries left out as suppressed, entries left out as shared, and filers read."""
        with spark_failures():
            (row,) = self._spark.sql(_COUNTS).collect()
        return {
            "excluded_suppressed": row.entries - row.kept,
            "excluded_shared": row.kept - row.uncrowded,
            "filers": row.filers,
        }

    def write(self, finished: Path, prefix: str, entries: int) -> tuple[IndexFile, ...]:
        """The sorted data files in ``finished``, each written by one task with the writer of every build.

        Args:
            finished: directory of the index, shared by all machines.
            prefix: of the file names.
            entries: number of entries loaded.
        """
        with spark_failures():
            (row,) = self._spark.sql(GUARD_ROWS.replace("SELECT (", "SELECT 0 + (", 1)).collect()
        return (
            *self._write(_TOKENS, FileJob(finished, "tokens", prefix, split_bits(2 * entries))),
            *self._write(_GUARDS, FileJob(finished, "guards", prefix, split_bits(row[0]))),
            *self._write(_SINGLE, FileJob(finished, "streets", prefix, 0)),
        )

    def _write(self, statement: str, job: FileJob) -> list[IndexFile]:
        """Each file's rows come together on one machine, are sorted, written by Spark, and then by our writer."""
        self._progress(f"parts of {job.kind}", 0, None)
        (job.finished / job.kind).mkdir()
        directory = self._work / f"sorted-{job.kind}"
        with spark_failures():
            part = f"shiftright(token_high, {64 - job.bits})" if job.bits else "0"
            rows = self._spark.sql(f"SELECT *, {part} AS part FROM ({statement})")  # noqa: S608 our own constants
            rows.repartition(1 << job.bits, "part").createOrReplaceTempView("parted")
            columns = _SCHEMAS[job.kind].names
            grouped = self._spark.sql(_GROUPED[job.kind])
            grouped.sortWithinPartitions(*columns).write.parquet(file_url(directory))
        sorted_parts = sorted(directory.glob("part-*.parquet"))
        write = partial(write_share, job)
        written = on_executors(self._spark, write, sorted_parts, self._progress, f"parts of {job.kind}")
        files = sorted((file for share in written for file in share), key=lambda file: file.path)
        if len({file.path for file in files}) < len(files):
            raise OperationalError(
                "Two tasks of Spark wrote one data file.", next_step="Report this as a defect."
            )
        return files


@dataclass(frozen=True, slots=True)
class FileJob:
    """What the tasks that write data files must know.

    Args:
        finished: directory of the index.
        kind: ``tokens``, ``guards`` or ``streets``.
        prefix: of the file names.
        bits: of the token that choose a file.
    """

    finished: Path
    kind: str
    prefix: str
    bits: int


def write_share(job: FileJob, rows: Path) -> tuple[IndexFile, ...]:
    """The sorted ``rows`` of Spark stand as data files in the index, with the bytes every build gives them.

    Raises:
        OperationalError: the disk failed.
    """
    attempt = rows.with_name(f".{rows.name}-{uuid4().hex}")
    attempt.mkdir()
    with pq.ParquetFile(rows) as source:
        files = write_sorted(
            source.iter_batches(), attempt, job.kind, job.prefix, _SCHEMAS[job.kind], job.bits
        )
    for file in files:
        (attempt / file.path).replace(job.finished / file.path)
    shutil.rmtree(attempt)
    return files


def _token(high: int, low: int) -> Token:
    return high.to_bytes(8, signed=True) + low.to_bytes(8, signed=True)
