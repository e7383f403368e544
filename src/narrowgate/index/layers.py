"""An index upon an index: a new year's file, a person kept out, or all layers merged into one.

A finished index is immutable, so each of these makes a new directory; data files are linked, not copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from narrowgate.adapters.engines.duckdb.connection import connect, view_files
from narrowgate.adapters.engines.duckdb.scatter import merged_in_parts
from narrowgate.adapters.readers import Source
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.matching.exclusion import subjects_to_exclude
from narrowgate.core.matching.token import IndexKey, exclusion_guard, exclusion_token
from narrowgate.core.person.model import RawPerson
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.base import Base, prefix_of
from narrowgate.index.build import (
    BuildReport,
    BuildSettings,
    Sign,
    build_layer,
    manifest_of,
    write_manifest,
)
from narrowgate.index.columns import token_batch
from narrowgate.index.files import (
    GUARD_SCHEMA,
    STREET_SCHEMA,
    TOKEN_SCHEMA,
    split_bits,
    write_sorted,
)
from narrowgate.index.manifest import IndexFile, IndexManifest, Layer
from narrowgate.index.progress import Progress, nobody
from narrowgate.index.workspace import publish, workspace


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """What a suppression or a merge needs.

    Args:
        created: aware time in UTC, whole seconds.
        memory_limit: of the database, such as ``1GB``.
        threads: cores it may use.
        progress: told of parts merged.
    """

    created: datetime
    memory_limit: str = "1GB"
    threads: int = 2
    progress: Progress = nobody


def add_layer(
    below: Base,
    source: Source,
    mapping: Mapping,
    directory: Path,
    key: IndexKey,
    settings: BuildSettings,
    sign: Sign | None = None,
) -> BuildReport:
    """An index at ``directory`` of everything in ``below`` and every loaded row of ``source``.

    Persons whom ``below`` keeps out stay out, and streets are counted over both. The limit of filers who share an
    address is applied to ``source`` alone; a rebuild applies it to all rows together.

    Raises:
        ConfigurationError: another limit, or as ``build_index``.
        NothingToProcessError: as ``build_index``.
        OperationalError: as ``build_index``.
    """
    return build_layer(source, mapping, directory, key, settings, sign, below)


def suppress(
    below: Base,
    persons: Sequence[RawPerson],
    directory: Path,
    key: IndexKey,
    settings: LayerSettings,
    sign: Sign | None = None,
) -> IndexManifest:
    """An index at ``directory`` that answers about ``persons`` as if they had no record (26 USC 6103(i)(6)).

    Each is kept out under the TIN given, and under birth date and full name where both are given. Tokens of the
    person stay in the files and can no longer be asked for; a rebuild from marked records drops them.

    Args:
        below: the index in force, opened by ``open_base``.
        persons: give every number a person has, one entry each; their names stand in no file or message.
        directory: of the new index; it must not exist.
        key: of the index.
        settings: see there.
        sign: signs the manifest.

    Raises:
        ConfigurationError: an entry identifies nobody, or ``directory`` exists.
        OperationalError: disk or memory failed.
    """
    tokens = sorted(
        {
            exclusion_token(key, subject)
            for order, person in enumerate(persons, 1)
            for subject in _subjects_of(person, order)
        },
        key=lambda token: (int.from_bytes(token[:8], signed=True), int.from_bytes(token[8:], signed=True)),
    )
    batch = token_batch(token=tokens, value=[exclusion_guard(key, token).value for token in tokens])
    batch = batch.append_column("shared", pa.array([False] * len(tokens)))
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        files = write_sorted([batch], finished, "guards", below.next_prefix, GUARD_SCHEMA, 0)
        below.link_into(finished)
        layer = Layer(
            "suppression", settings.created.isoformat(), below.manifest.data_as_of, {"guards": len(tokens)}
        )
        manifest = manifest_of(key, below.manifest.shared_address_limit, layer, files, below)
        write_manifest(manifest, finished, sign)
        publish(finished, directory)
    return manifest


def _subjects_of(person: RawPerson, order: int) -> tuple[str, ...]:
    found = subjects_to_exclude(person)
    if not found or (person.tin and not found[0].startswith("T|")):
        raise ConfigurationError(
            f"Entry {order} does not identify a person to keep out.",
            next_step="Give a valid TIN, or birth date and full name, or all of them.",
        )
    return found


def compact(
    below: Base,
    directory: Path,
    key: IndexKey,
    settings: LayerSettings,
    sign: Sign | None = None,
) -> IndexManifest:
    """An index at ``directory`` with the same answers as ``below``, in one layer.

    Raises:
        ConfigurationError: ``directory`` exists.
        OperationalError: disk or memory failed.
    """
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        with connect(settings.memory_limit, settings.threads, work / "spill") as connection:
            files = _merged_files(connection, below, finished, settings.progress)
        layer = Layer(
            "merged",
            settings.created.isoformat(),
            below.manifest.data_as_of,
            {
                "layers": [
                    {"kind": layer.kind, "counts": dict(layer.counts)} for layer in below.manifest.layers
                ]
            },
        )
        manifest = manifest_of(key, below.manifest.shared_address_limit, layer, files, None)
        write_manifest(manifest, finished, sign)
        publish(finished, directory)
    return manifest


_MERGED = {
    "tokens": """
        SELECT token_high, token_low, bit_or(tax_years) AS tax_years FROM part
        GROUP BY token_high, token_low ORDER BY token_high, token_low
    """,
    "guards": """
        SELECT token_high, token_low, value_high, value_low, bool_or(shared) AS shared FROM part
        GROUP BY ALL ORDER BY token_high, token_low, value_high, value_low
    """,
    "streets": """
        SELECT token_high, token_low, min(filer) AS filer FROM part
        GROUP BY token_high, token_low HAVING min(filer) = max(filer) ORDER BY token_high, token_low
    """,
}
_SCHEMAS = {"tokens": TOKEN_SCHEMA, "guards": GUARD_SCHEMA, "streets": STREET_SCHEMA}


def _merged_files(
    connection: duckdb.DuckDBPyConnection, below: Base, finished: Path, progress: Progress
) -> tuple[IndexFile, ...]:
    files: list[IndexFile] = []
    for kind, schema in _SCHEMAS.items():
        view_files(connection, "layers", below.paths(kind), schema)
        count = sum(file.rows for file in below.manifest.files_of(kind))
        work = finished.parent / kind
        told = partial(progress, f"parts of {kind}")
        rows = merged_in_parts(connection, "SELECT * FROM layers", _MERGED[kind], work, count, told)
        files += write_sorted(rows, finished, kind, prefix_of(0), schema, split_bits(count))
        connection.execute("DROP VIEW IF EXISTS layers")
    return tuple(files)
