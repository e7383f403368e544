"""``index build --engine spark``: the same build, its two long steps on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from narrowgate.adapters.engines.passes import tokenize_in_passes
from narrowgate.adapters.engines.spark.aggregate import FileJob, SparkDatabase, write_files
from narrowgate.adapters.engines.spark.session import on_executors, session
from narrowgate.adapters.engines.spark.tokenize import (
    TokenizeJob,
    number_of_shares,
    part_of,
    tokenize_share,
)
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.readers import Source, file_of, format_of
from narrowgate.adapters.readers.passes import state_of
from narrowgate.adapters.readers.source_file import SourceFile, replaced
from narrowgate.core.base.times import format_time
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import SourceFormat
from narrowgate.index.aggregate import aggregate, counts
from narrowgate.index.base import Base, prefix_of
from narrowgate.index.build import BuildReport, BuildSettings, Sign, run_build
from narrowgate.index.entry_files import QUARANTINE_NAME, merge_quarantines
from narrowgate.index.files import split_bits
from narrowgate.index.manifest import IndexFile
from narrowgate.index.ports import IndexFiles
from narrowgate.index.tally import Tally
from narrowgate.index.tokenize import tokenize_batch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def build_index_on_spark(  # noqa: PLR0913 - as build_index, plus the master
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
    """The index that ``build_index`` of the other engine would write, byte for byte.

    Args:
        source: the tax file, at the same path on every machine; an object of a store; or the connection string of a
            database, which only this machine reads and tokenizes.
        mapping: which column plays which role.
        directory: must not exist; like its parent, at the same path on every machine.
        key_uri: from which this process and every executor fetch the index key.
        settings: as for ``build_index``; ``memory_limit`` is the Java heap of this process. Of a file, ``workers`` is
            for ``master`` to say, there is one pass, and progress is told of tasks.
        sign: signs the manifest; without it the index is not signed.
        master: ``local[2]``, or the URL of a cluster.
        base: the index below the new layer; None for a first build.

    Raises:
        ConfigurationError: as ``build_index``; no Spark or no Java; another key on an executor.
        NothingToProcessError: the source has no row.
        OperationalError: Spark, disk or memory failed, or the counts do not add up.
    """
    key_uri = _absolute(key_uri)
    key = IndexKey(load_secret_key(key_uri))
    if mapping.source.format is not SourceFormat.POSTGRESQL:
        source = file_of(source)
        source = source.resolve() if isinstance(source, Path) else source
    engine = _OnSpark(session(master, settings.memory_limit), source, mapping, key_uri, key, settings)
    return run_build(engine, directory.resolve(), key, settings, sign, base)


def _absolute(key_uri: str) -> str:
    """Executors have another working directory."""
    scheme, _, rest = key_uri.partition(":")
    return f"file:{Path(rest).resolve()}" if scheme == "file" and rest else key_uri


@dataclass(frozen=True, slots=True)
class _OnSpark:
    """Executors tokenize, and Spark sorts (``BuildEngine``)."""

    spark: SparkSession
    source: Source
    mapping: Mapping
    key_uri: str
    key: IndexKey
    settings: BuildSettings

    def tokenize(self, work: Path) -> Tally:
        """Entries stand in the shared directory, a part for each share of the source."""
        # A name of its own: tasks of a build that was killed here may go on for a moment, and must not find it.
        parts = work / f"parts-{uuid4().hex}"
        parts.mkdir()
        if isinstance(self.source, str):
            return self._tokenize_here(self.source, parts, work / QUARANTINE_NAME)
        return self._tokenize_on_executors(self.source, parts, work / QUARANTINE_NAME)

    def _tokenize_on_executors(self, source: SourceFile, parts: Path, quarantine: Path) -> Tally:
        shares = number_of_shares(source, self.mapping, self.spark.sparkContext.defaultParallelism)
        before = state_of(source)
        state = source.state() if isinstance(source, ObjectLocation) else None
        job = TokenizeJob(source, state, self.mapping, self.key_uri, self.key.key_id, parts, shares)
        tally = Tally()
        tokenize = partial(tokenize_share, job)
        for share in on_executors(
            self.spark, tokenize, range(shares), self.settings.progress, "shares of the records"
        ):
            tally.add(share)
        if state_of(source) != before:
            raise replaced(source)  # each task opened it anew
        quarantines = [part_of(parts, share) / QUARANTINE_NAME for share in range(shares)]
        consecutive = format_of(source, self.mapping) is SourceFormat.PARQUET
        merge_quarantines(quarantines, quarantine, consecutive=consecutive)
        return tally

    def _tokenize_here(self, database: str, parts: Path, quarantine: Path) -> Tally:
        """A password does not travel, and rows of a database have an order for one reader only."""
        part = part_of(parts, 0)
        part.mkdir()
        tokenize = partial(tokenize_batch, uuid4().int, self.key, self.mapping)
        tally = tokenize_in_passes(database, self.mapping, self.settings, tokenize, part)
        (part / QUARANTINE_NAME).rename(quarantine)
        return tally

    def aggregate(
        self, work: Path, finished: Path, tally: Tally, base: Base | None
    ) -> tuple[dict[str, int], IndexFiles]:
        """Spark joins and sorts tokens; tasks write the files."""
        parts = [entries.parent for entries in sorted(work.glob("parts-*/[0-9]*/entries.parquet"))]
        settings, entries = self.settings, tally.entries_loaded
        prefix = base.next_prefix if base else prefix_of(0)
        database = SparkDatabase(self.spark, parts, work, base)
        layer = format_time(settings.created)
        guards = aggregate(database, self.key, layer, settings.shared_address_limit, settings.progress)
        files: list[IndexFile] = []
        for kind, bits in (("tokens", split_bits(2 * entries)), ("guards", split_bits(guards))):
            files += write_files(self.spark, work, FileJob(finished, kind, prefix, bits), settings.progress)
        return counts(database), tuple(files)
