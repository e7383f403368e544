"""From a tax file to a confirmation index: tokenize, aggregate, check the counts, sign, publish.

Plain text lives in this process and its workers only; files hold tokens from the first byte on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import Any

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.base.times import format_time
from narrowgate.core.matching.match_rule import MATCH_RULE_VERSION
from narrowgate.core.matching.token import IndexKey
from narrowgate.index.base import Base
from narrowgate.index.entry_files import QUARANTINE_NAME
from narrowgate.index.files import write_index_file
from narrowgate.index.manifest import (
    MANIFEST_NAME,
    SIGNATURE_NAME,
    IndexFile,
    IndexManifest,
    Layer,
    later_than,
    snapshot_id,
)
from narrowgate.index.ports import BuildEngine, IndexFiles
from narrowgate.index.progress import Progress, nobody
from narrowgate.index.street_reference import ReferenceCounts, ReferenceRow, write_reference
from narrowgate.index.tally import Tally
from narrowgate.index.workspace import publish, workspace

Sign = Callable[[bytes], bytes]
"""A detached CMS signature of the manifest's bytes."""


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
        passes: how often the source is read, each time for other places (``index.dealing``); None for as often as pays.
        progress: told of rows read and of parts sorted, now and then.
        streets: rows of a street reference, read once; None for an index that knows only the streets of its records.
    """

    shared_address_limit: int
    data_as_of: str
    created: datetime
    quarantine: Path
    memory_limit: str = "1GB"
    workers: int = 1
    passes: int | None = None
    progress: Progress = nobody
    streets: Iterable[ReferenceRow] | None = None


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a finished build says.

    Args:
        manifest: of the index.
        counts: of this build, by reason; those of suppressed persons stand here only, for the manifest does not tell
            how many there are.
    """

    manifest: IndexManifest
    counts: dict[str, Any]


def run_build(
    engine: BuildEngine,
    directory: Path,
    key: IndexKey,
    settings: BuildSettings,
    sign: Sign | None,
    base: Base | None,
) -> BuildReport:
    """An index at ``directory`` of every loaded row, upon the files of ``base``: whole and durable, or none.

    The same rows, key, settings and time give the same bytes, whichever engine works and however many workers.

    Args:
        engine: reads the rows, and sorts what they became.
        directory: must not exist.
        key: under which the tokens are made; not kept.
        settings: see there.
        sign: signs the manifest; without it the index is not signed.
        base: the index below the new layer; None for a first build. Persons whom it keeps out stay out, and streets
            are counted over both. The limit of filers who share an address is applied to the new rows alone.

    Raises:
        ConfigurationError: source and mapping do not fit, ``directory`` exists, or ``base`` has another limit.
        NothingToProcessError: the source has no row, or none that can be loaded.
        OperationalError: disk, memory or a worker failed, or the counts do not add up.
    """
    if settings.quarantine.resolve().is_relative_to(directory.resolve()):
        where = settings.quarantine.name
        raise ConfigurationError(
            "The quarantine file would lie inside the index.",
            where=where,
            next_step="Name a file beside the index.",
        )
    if base is not None:
        _check_limit(base, settings)
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        with _read_beside(settings.streets, key, work) as reading:
            tally = engine.tokenize(work)
        settings.progress("records", tally.rows_read, tally.rows_read)
        _check_counts(tally)
        if not tally.rows_read:
            raise NothingToProcessError("The source has no row.", next_step="Name a source that has records.")
        if base is None and not tally.rows_loaded:
            (work / QUARANTINE_NAME).replace(settings.quarantine)
            raise NothingToProcessError(
                f"None of the {tally.rows_read:,} rows could be loaded; no index was written.",
                why="An index of nobody would answer every question with no.",
                next_step=f"Read the reasons in {settings.quarantine.name}, and correct mapping or source.",
            )
        reference = reading.result()
        left_out, files = engine.aggregate(work, finished, tally, base)
        counts = _counts(tally, left_out, reference, files)
        layer = _layer(settings, counts)
        if base is not None:
            base.link_into(finished)
        limit, has_streets = settings.shared_address_limit, settings.streets is not None
        manifest = manifest_of(key, limit, layer, files, base, has_streets=has_streets)
        write_manifest(manifest, finished, sign)
        (work / QUARANTINE_NAME).replace(settings.quarantine)
        publish(finished, directory)
    return BuildReport(manifest, counts)


@contextmanager
def _read_beside(
    streets: Iterable[ReferenceRow] | None, key: IndexKey, work: Path
) -> Iterator[Future[ReferenceCounts]]:
    """The street reference is read while this process waits for those that tokenize; to its end unless they fail."""
    failed = Event()
    wanted = None if streets is None else takewhile(lambda _: not failed.is_set(), streets)
    with ThreadPoolExecutor(1) as beside:
        try:
            yield beside.submit(write_reference, wanted, key, work)
        except BaseException:
            failed.set()
            raise


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


_OF_SUPPRESSED_PERSONS = frozenset(("excluded_suppressed", "suppressed_unidentified"))


def _counts(
    tally: Tally, left_out: dict[str, int], reference: ReferenceCounts, files: IndexFiles
) -> dict[str, Any]:
    counts = tally.as_counts() | left_out | {"street_reference": asdict(reference)}
    for kind in ("tokens", "guards"):
        counts[kind] = sum(file.rows for file in files if file.kind == kind)
    return counts


def _layer(settings: BuildSettings, counts: dict[str, Any]) -> Layer:
    told = {name: count for name, count in counts.items() if name not in _OF_SUPPRESSED_PERSONS}
    return Layer("records", format_time(settings.created), settings.data_as_of, told)


def manifest_of(
    key: IndexKey,
    limit: int,
    layer: Layer,
    files: tuple[IndexFile, ...],
    base: Base | None,
    *,
    has_streets: bool,
) -> IndexManifest:
    """The manifest of ``layer`` with its ``files``, and of everything in ``base`` below it.

    The snapshot id is that of the newest records: a person suppressed changes nothing that leaves.

    Args:
        key: of the index.
        limit: filers who may share an address without units.
        layer: the newest.
        files: of it.
        base: what lies below; None for a layer that is alone.
        has_streets: whether the layer knows streets by a reference.
    """
    below = base.manifest if base else None
    if below is not None:
        layer = replace(layer, created=later_than(below.created, layer.created))
    data_as_of = max(layer.data_as_of, below.data_as_of) if below else layer.data_as_of
    return IndexManifest(
        snapshot_id=below.snapshot_id
        if below is not None and layer.kind == "suppression"
        else snapshot_id(key, layer.created, data_as_of),
        created=layer.created,
        data_as_of=data_as_of,
        canonical_form_version=CANONICAL_FORM_VERSION,
        match_rule_version=MATCH_RULE_VERSION,
        key_id=key.key_id,
        shared_address_limit=limit,
        has_street_reference=has_streets or (below is not None and below.has_street_reference),
        layers=(*(below.layers if below else ()), layer),
        files=tuple(sorted((*(below.files if below else ()), *files), key=lambda file: file.path)),
    )


def write_manifest(manifest: IndexManifest, directory: Path, sign: Sign | None) -> None:
    """Writes the manifest, and its signature where there is a signer, into a directory not yet published."""
    data = manifest.to_bytes()
    write_index_file(directory / MANIFEST_NAME, data)
    if sign is not None:
        write_index_file(directory / SIGNATURE_NAME, sign(data))
