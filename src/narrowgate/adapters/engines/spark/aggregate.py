"""The set operations of one build on Spark (``index.aggregate``), and the files its tasks write."""

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

from narrowgate.adapters.engines.spark.session import file_url, on_executors, spark_failures, view_parquet
from narrowgate.core.base.errors import OperationalError
from narrowgate.index import sql
from narrowgate.index.base import Base
from narrowgate.index.files import ROW_SCHEMA, write_sorted
from narrowgate.index.manifest import IndexFile
from narrowgate.index.progress import Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DIALECT = sql.Dialect(
    unnested="SELECT inline(arrays_zip(tokens_high, tokens_low, masks)) AS (token_high, token_low, mask), years"
    " FROM uncrowded",
    exclusive_or="{} ^ {}",
    grouped_by="part, ",
)


class SparkDatabase:
    """What was tokenized, as relations (``index.aggregate.Database``).

    Args:
        spark: the session.
        parts: directories with what was tokenized, one for each share of the source.
        work: directory for what lies between, shared by all machines.
        base: the index below; None for a first build.
    """

    def __init__(self, spark: SparkSession, parts: Sequence[Path], work: Path, base: Base | None) -> None:
        self._spark = spark
        self._work = work
        with spark_failures():
            for name in ("entries", "streets", "suppressed"):
                self._view_files(name, [part / f"{name}.parquet" for part in parts])
            self._view_files("reference", [work / "reference.parquet"])
            paths = [Path(path) for path in base.paths("guards")] if base else []
            if paths:
                self._view_files("base_guards", paths)
            else:
                self.put("base_guards", pa.RecordBatch.from_pylist([], schema=ROW_SCHEMA))

    def _view_files(self, name: str, paths: Sequence[Path]) -> None:
        view_parquet(self._spark, name, paths, pq.read_schema(paths[0]))

    def rows(self, statement: str) -> list[tuple[int, ...]]:
        """The few rows of ``statement``."""
        with spark_failures():
            return [tuple(row) for row in self._spark.sql(statement).collect()]

    def put(self, name: str, batch: pa.RecordBatch) -> None:
        """Makes a few rows appear as ``name``, instead of those that did."""
        path = self._work / f"{name}-{uuid4().hex}.parquet"
        pq.write_table(pa.Table.from_batches([batch]), path)
        self._view_files(name, [path])

    def keep(self, name: str, statement: str) -> None:
        """Makes the rows of ``statement`` appear as ``name``, computed once; they hold tokens only."""
        path = self._work / name
        with spark_failures():
            rows = self._spark.sql(statement)
            rows.write.parquet(file_url(path))
            self._spark.read.schema(rows.schema).parquet(file_url(path)).createOrReplaceTempView(name)

    def view(self, name: str, statement: str) -> None:
        """Makes the rows of ``statement`` appear as ``name``, computed when they are read."""
        with spark_failures():
            self._spark.sql(statement).createOrReplaceTempView(name)


def write_files(spark: SparkSession, work: Path, job: FileJob, progress: Progress) -> list[IndexFile]:
    """The sorted data files of one kind, each written by one task with the writer of every build.

    Before that its rows come together on one machine, are sorted, and written by Spark.

    Args:
        spark: with the relation ``guards`` or ``uncrowded``.
        work: directory for what lies between, shared by all machines.
        job: what is written.
        progress: told what is sorted.
    """
    progress(f"parts of {job.kind}", 0, None)
    (job.finished / job.kind).mkdir()
    directory = work / f"sorted-{job.kind}"
    statement = DIALECT.unnested if job.kind == "tokens" else f"SELECT * FROM {job.kind}"  # noqa: S608
    with spark_failures():
        part = f"shiftright(token_high, {64 - job.bits})" if job.bits else "0"
        rows = spark.sql(f"SELECT *, {part} AS part FROM ({statement})")  # noqa: S608 our own constants
        rows.repartition(1 << job.bits, "part").createOrReplaceTempView("parted")
        once = spark.sql(DIALECT.merged(job.kind, "parted"))
        once.sortWithinPartitions(*ROW_SCHEMA.names).write.parquet(file_url(directory))
    sorted_parts = sorted(directory.glob("part-*.parquet"))
    written = on_executors(spark, partial(write_share, job), sorted_parts, progress, f"parts of {job.kind}")
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
        kind: ``tokens`` or ``guards``.
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
        files = write_sorted(source.iter_batches(), attempt, job.kind, job.prefix, job.bits)
    for file in files:
        (attempt / file.path).replace(job.finished / file.path)
    shutil.rmtree(attempt)
    return files
