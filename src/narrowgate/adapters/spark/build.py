"""``index build --engine spark``: the same build, its two long steps on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from narrowgate.adapters.index.base import Base, prefix_of
from narrowgate.adapters.index.build import (
    QUARANTINE_NAME,
    BuildReport,
    BuildSettings,
    IndexFiles,
    Sign,
    run_build,
)
from narrowgate.adapters.index.tally import Tally
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.readers import Source
from narrowgate.adapters.spark.aggregate import SparkAggregate
from narrowgate.adapters.spark.session import on_executors, session
from narrowgate.adapters.spark.tokenize import (
    TokenizeJob,
    merge_quarantines,
    number_of_shares,
    tokenize_share,
)
from narrowgate.core.errors import ConfigurationError
from narrowgate.core.mapping import Mapping
from narrowgate.core.mapping_source import SourceFormat
from narrowgate.core.token import IndexKey

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def build_index_on_spark(  # noqa: PLR0913 - as build_index and add_layer together, plus the master
    source: Source,
    mapping: Mapping,
    directory: Path,
    key_uri: str,
    settings: BuildSettings,
    sign: Sign | None = None,
    *,
    master: str,
    base: Base | None = None,
) -> BuildReport:
    """The index that ``build_index`` (or, upon ``base``, ``add_layer``) would write, byte for byte.

    Args:
        source: the tax file, at the same path on every machine.
        mapping: which column plays which role.
        directory: must not exist; like its parent, at the same path on every machine.
        key_uri: from which this process and every executor fetch the index key.
        settings: as for ``build_index``; ``workers`` is for ``master`` to say, and ``memory_limit`` is the Java heap
            of this process. Progress is told once, when all rows are tokenized.
        sign: signs the manifest; without it the index is not signed.
        master: ``local[2]``, or the URL of a cluster.
        base: the index below the new layer; None for a first build.

    Raises:
        ConfigurationError: as ``build_index``; no Spark or no Java; a database as the source; another key on an
            executor.
        NothingToProcessError: the source has no row.
        OperationalError: Spark, disk or memory failed, or the counts do not add up.
    """
    if mapping.source.format is SourceFormat.POSTGRESQL:
        raise ConfigurationError(
            "A database cannot be the source of a build on Spark.",
            why="Its password would travel to the executors through Spark's temporary files.",
            next_step="Export the query to Parquet on the shared file system.",
        )
    key_uri = _absolute(key_uri)
    key = IndexKey(load_secret_key(key_uri))
    engine = _OnSpark(
        session(master, settings.memory_limit), Path(source).resolve(), mapping, key_uri, key, settings
    )
    return run_build(engine, directory.resolve(), key, settings, sign, base)


def _absolute(key_uri: str) -> str:
    """Executors have another working directory."""
    scheme, _, rest = key_uri.partition(":")
    return f"file:{Path(rest).resolve()}" if scheme == "file" and rest else key_uri


@dataclass(frozen=True, slots=True)
class _OnSpark:
    """Executors tokenize, and Spark sorts (``BuildEngine``)."""

    spark: SparkSession
    source: Path
    mapping: Mapping
    key_uri: str
    key: IndexKey
    settings: BuildSettings

    def tokenize(self, work: Path) -> Tally:
        """Each executor reads its share of the source and leaves entries in the shared directory."""
        cores = self.spark.sparkContext.defaultParallelism
        shares = number_of_shares(self.source, self.mapping, cores)
        job = TokenizeJob(self.source, self.mapping, self.key_uri, self.key.key_id, work / "parts", shares)
        job.parts.mkdir()
        tally = Tally()
        for share in on_executors(self.spark, partial(tokenize_share, job), range(shares)):
            tally.add(share)
        merge_quarantines(job, work / QUARANTINE_NAME)
        if self.settings.progress is not None:
            self.settings.progress(tally.rows_read)
        return tally

    def aggregate(
        self, work: Path, finished: Path, tally: Tally, base: Base | None
    ) -> tuple[dict[str, int], IndexFiles]:
        """Spark joins and sorts tokens; tasks write the files."""
        parts = [entries.parent for entries in sorted((work / "parts").glob("[0-9]*/entries.parquet"))]
        limit = self.settings.shared_address_limit
        sets = SparkAggregate(self.spark, parts, work, self.key, limit, base)
        files = sets.write(finished, base.next_prefix if base else prefix_of(0), tally.entries_loaded)
        return sets.counts(), files
