"""From a tax file to a confirmation index: read, tokenize in all cores, aggregate, sort, sign, publish.

Plain text lives in this process and its workers only; files hold tokens from the first byte on.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.engines.duckdb.aggregate import Aggregate
from narrowgate.adapters.engines.duckdb.connection import connect
from narrowgate.adapters.readers import Source, read_rows
from narrowgate.adapters.readers.expect import rows_expected
from narrowgate.adapters.workers import workers_for
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.matching.match_rule import MATCH_RULE_VERSION
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.base import Base, prefix_of
from narrowgate.index.files import (
    GUARD_SCHEMA,
    STREET_SCHEMA,
    TOKEN_SCHEMA,
    flush,
    split_bits,
    write_sorted,
)
from narrowgate.index.manifest import (
    MANIFEST_NAME,
    SIGNATURE_NAME,
    IndexFile,
    IndexManifest,
    Layer,
    snapshot_id,
)
from narrowgate.index.progress import Progress, nobody
from narrowgate.index.tally import Quarantined, Tally
from narrowgate.index.tokenize import Entries, tokenize_batch
from narrowgate.index.workspace import publish, workspace

Sign = Callable[[bytes], bytes]
"""A detached CMS signature of the manifest's bytes."""

QUARANTINE_NAME = "quarantine.csv"
QUARANTINE_HEADER = ("row", "person", "address", "reasons")

_BUILDS = count()
"""A number for each build of this process: what a tokenizer remembers belongs to one build."""


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What a build needs beside its source.

    Args:
        shared_address_limit: filers who may share an address without units (*k*).
        data_as_of: ISO date of the records.
        created: aware time in UTC, whole seconds.
        quarantine: file for the rows set aside, outside the index.
        memory_limit: of the database, such as ``1GB``; the workers need memory beside it (``docs/reference/index.md``).
        workers: processes.
        progress: told of rows read and of parts sorted, now and then.
    """

    shared_address_limit: int
    data_as_of: str
    created: datetime
    quarantine: Path
    memory_limit: str = "1GB"
    workers: int = 1
    progress: Progress = nobody


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a finished build says.

    Args:
        manifest: of the index.
        counts: of this build, by reason.
    """

    manifest: IndexManifest
    counts: dict[str, Any]


def build_index(
    source: Source,
    mapping: Mapping,
    directory: Path,
    key: IndexKey,
    settings: BuildSettings,
    sign: Sign | None = None,
) -> BuildReport:
    """An index at ``directory`` of every loaded row of ``source``: whole and durable, or not there at all.

    The same source, key, settings and time give the same bytes, however many workers there are.

    Args:
        source: the tax file, or the connection string of a database.
        mapping: which column plays which role.
        directory: must not exist.
        key: under which the tokens are made; not kept.
        settings: see there.
        sign: signs the manifest; without it the index is not signed.

    Raises:
        ConfigurationError: source and mapping do not fit, or ``directory`` exists.
        NothingToProcessError: the source has no row, or none that can be loaded.
        OperationalError: disk, memory or a worker failed, or the counts do not add up.
    """
    return build_layer(source, mapping, directory, key, settings, sign, base=None)


def build_layer(
    source: Source,
    mapping: Mapping,
    directory: Path,
    key: IndexKey,
    settings: BuildSettings,
    sign: Sign | None,
    base: Base | None,
) -> BuildReport:
    """As ``build_index``, upon the files of ``base`` where there is one."""
    return run_build(_Embedded(source, mapping, key, settings), directory, key, settings, sign, base)


IndexFiles = tuple[IndexFile, ...]


class BuildEngine(Protocol):
    """Who does the two steps of a build that take time."""

    def tokenize(self, work: Path) -> Tally:
        """Every row read becomes entries in ``work``, or a line of its ``quarantine.csv``."""
        ...

    def aggregate(
        self, work: Path, finished: Path, tally: Tally, base: Base | None
    ) -> tuple[dict[str, int], IndexFiles]:
        """The entries in ``work`` become sorted data files in ``finished``; what was left out is counted."""
        ...


def run_build(
    engine: BuildEngine,
    directory: Path,
    key: IndexKey,
    settings: BuildSettings,
    sign: Sign | None,
    base: Base | None,
) -> BuildReport:
    """As ``build_layer``, by any engine: equal rows give equal bytes whichever it is."""
    if settings.quarantine.resolve().is_relative_to(directory.resolve()):
        where = settings.quarantine.name
        raise ConfigurationError("The quarantine file would lie inside the index.", where=where)
    if base is not None:
        _check_limit(base, settings)
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        tally = engine.tokenize(work)
        settings.progress("records", tally.rows_read, tally.rows_read)
        _check_counts(tally)
        if not tally.rows_read:
            raise NothingToProcessError("The source has no row.")
        if base is None and not tally.rows_loaded:
            (work / QUARANTINE_NAME).replace(settings.quarantine)
            raise NothingToProcessError(
                f"None of the {tally.rows_read:,} rows could be loaded; no index was written.",
                why="An index of nobody would answer every question with no.",
                next_step=f"Read the reasons in {settings.quarantine.name}, and correct mapping or source.",
            )
        counts, files = engine.aggregate(work, finished, tally, base)
        layer = _layer(settings, tally, counts, files)
        if base is not None:
            base.link_into(finished)
        manifest = manifest_of(key, settings.shared_address_limit, layer, files, base)
        write_manifest(manifest, finished, sign)
        (work / QUARANTINE_NAME).replace(settings.quarantine)
        publish(finished, directory)
    return BuildReport(manifest, dict(layer.counts))


def _check_limit(below: Base, settings: BuildSettings) -> None:
    if settings.shared_address_limit != below.manifest.shared_address_limit:
        raise ConfigurationError(
            "The layer would have another limit of filers who share an address than the index below it.",
            next_step=f"Use {below.manifest.shared_address_limit}, or build the index again.",
        )


def _check_counts(tally: Tally) -> None:
    if not tally.adds_up():
        raise OperationalError(
            "The counts of the build do not add up.",
            why="Rows read are not rows loaded and rows quarantined.",
            next_step="Report this as a defect; no index was written.",
        )


def _layer(settings: BuildSettings, tally: Tally, left_out: dict[str, int], files: IndexFiles) -> Layer:
    counts = tally.as_counts() | left_out
    for kind in ("tokens", "guards"):
        counts[kind] = sum(file.rows for file in files if file.kind == kind)
    return Layer("records", settings.created.isoformat(), settings.data_as_of, counts)


@dataclass(frozen=True, slots=True)
class _Embedded:
    """The processes of this machine tokenize, and DuckDB sorts (``BuildEngine``)."""

    source: Source
    mapping: Mapping
    key: IndexKey
    settings: BuildSettings

    def tokenize(self, work: Path) -> Tally:
        """Writes the entries of every row as they come; the quarantine beside them."""
        with workers_for(self.settings.workers) as workers:
            results = workers.map(
                partial(tokenize_batch, next(_BUILDS), self.key, self.mapping),
                read_rows(self.source, self.mapping),
            )
            return write_entries(results, work, rows_told(self.source, self.mapping, self.settings.progress))

    def aggregate(
        self, work: Path, finished: Path, tally: Tally, base: Base | None
    ) -> tuple[dict[str, int], IndexFiles]:
        """Sorts and joins what ``tokenize`` wrote, within the memory set."""
        settings = self.settings
        prefix = base.next_prefix if base else prefix_of(0)
        with connect(settings.memory_limit, settings.workers, work / "spill") as connection:
            sets = Aggregate(
                connection, work, self.key, settings.shared_address_limit, base, settings.progress
            )
            guard_bits = split_bits(sets.guard_rows())
            token_bits = split_bits(2 * tally.entries_loaded)
            tokens = write_sorted(sets.tokens(), finished, "tokens", prefix, TOKEN_SCHEMA, token_bits)
            guards = write_sorted(sets.guards(), finished, "guards", prefix, GUARD_SCHEMA, guard_bits)
            streets = write_sorted(sets.single_streets(), finished, "streets", prefix, STREET_SCHEMA, 0)
            return sets.counts(), (*tokens, *guards, *streets)


def rows_told(source: Source, mapping: Mapping, progress: Progress) -> Callable[[int], None]:
    """Tells ``progress`` how many rows were read of those that ``source`` probably has."""
    expected = rows_expected(source, mapping)
    return lambda rows: progress("records", rows, expected)


def write_entries(results: Iterable[Entries], work: Path, told: Callable[[int], None]) -> Tally:
    """Writes entries, streets, suppressed persons and the quarantine into ``work``, a batch at a time.

    Args:
        results: the batches.
        work: holds none of the files yet.
        told: of the rows so far, after every batch.
    """
    tally = Tally()
    with (
        _EntryFiles(work) as files,
        (work / QUARANTINE_NAME).open("x", newline="", encoding="utf-8") as quarantine,
    ):
        rows = csv.writer(quarantine, lineterminator="\n")
        rows.writerow(QUARANTINE_HEADER)
        for result in results:
            files.write(result)
            rows.writerows(_quarantine_rows(result.quarantined))
            tally.add(result.tally)
            told(tally.rows_read)
    flush(work / QUARANTINE_NAME)
    return tally


def _quarantine_rows(quarantined: Iterable[Quarantined]) -> Iterable[tuple[object, ...]]:
    return (
        (fault.row, fault.person or "", fault.address or "", " ".join(fault.reasons)) for fault in quarantined
    )


class _EntryFiles:
    """Three growing Parquet files of tokens; the first batch gives their columns."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def write(self, result: Entries) -> None:
        for name, batch in (
            ("entries", result.entries),
            ("streets", result.streets),
            ("suppressed", result.suppressed),
        ):
            self._writer(name, batch.schema).write_batch(batch)

    def _writer(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(
                self._work / f"{name}.parquet",
                schema,
                compression="none",
                use_dictionary=False,
                write_statistics=False,
            )
        return self._writers[name]


def manifest_of(
    key: IndexKey, limit: int, layer: Layer, files: tuple[IndexFile, ...], base: Base | None
) -> IndexManifest:
    """The manifest of ``layer`` with its ``files``, and of everything in ``base`` below it."""
    below = base.manifest if base else None
    data_as_of = max(layer.data_as_of, below.data_as_of) if below else layer.data_as_of
    return IndexManifest(
        snapshot_id=snapshot_id(key, layer.created, data_as_of),
        created=layer.created,
        data_as_of=data_as_of,
        canonical_form_version=CANONICAL_FORM_VERSION,
        match_rule_version=MATCH_RULE_VERSION,
        key_id=key.key_id,
        shared_address_limit=limit,
        layers=(*(below.layers if below else ()), layer),
        files=tuple(sorted((*(below.files if below else ()), *files), key=lambda file: file.path)),
    )


def write_manifest(manifest: IndexManifest, directory: Path, sign: Sign | None) -> None:
    """Writes the manifest, and its signature where there is a signer, into a directory not yet published."""
    data = manifest.to_bytes()
    (directory / MANIFEST_NAME).write_bytes(data)
    if sign is not None:
        (directory / SIGNATURE_NAME).write_bytes(sign(data))
