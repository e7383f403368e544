"""An index upon an index: a person kept out, or all layers merged into one; ``build`` adds a new year's file.

A finished index is immutable, so each of these makes a new directory; data files are linked, not copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.times import format_time
from narrowgate.core.matching.exclusion import subjects_to_exclude
from narrowgate.core.matching.token import IndexKey, exclusion_token
from narrowgate.core.person.model import RawPerson
from narrowgate.index.aggregate import decoy_rows, exclusion_rows
from narrowgate.index.base import Base
from narrowgate.index.build import Sign, manifest_of, write_manifest
from narrowgate.index.files import ROW_SCHEMA, write_sorted
from narrowgate.index.manifest import IndexManifest, Layer, later_than
from narrowgate.index.ports import MergeEngine
from narrowgate.index.progress import Progress, nobody
from narrowgate.index.workspace import publish, workspace


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """What a suppression or a merge needs.

    Args:
        created: aware time in UTC, whole seconds.
        progress: told of parts merged.
        allows_half: whether a person may be kept out of questions by TIN alone, or by birth date and names alone.
    """

    created: datetime
    progress: Progress = nobody
    allows_half: bool = False


def suppress(
    below: Base,
    persons: Sequence[RawPerson],
    directory: Path,
    key: IndexKey,
    settings: LayerSettings,
    sign: Sign | None = None,
) -> IndexManifest:
    """An index at ``directory`` that answers about ``persons`` as if they had no record (26 USC 6103(i)(6)).

    Each is kept out under the TIN, and under birth date and full name: both must be given, unless ``allows_half``.
    Tokens of the person stay in the files and can no longer be asked for; a rebuild from marked records drops them.

    Args:
        below: the index in force, opened by ``open_base``.
        persons: give every number a person has, one entry each; their names stand in no file or message.
        directory: of the new index; it must not exist.
        key: of the index.
        settings: see there.
        sign: signs the manifest.

    Raises:
        ConfigurationError: an entry identifies nobody, or only half, or ``directory`` exists.
        OperationalError: disk or memory failed.
    """
    tokens = sorted(
        {
            exclusion_token(key, subject)
            for order, one in enumerate(persons, 1)
            for subject in _subjects_of(one, order, allows_half=settings.allows_half)
        }
    )
    exclusions = exclusion_rows(key, tokens)
    rows = pa.Table.from_batches([exclusions, decoy_rows(key, format_time(settings.created), len(tokens))])
    rows = rows.sort_by([(name, "ascending") for name in ROW_SCHEMA.names])
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        files = write_sorted(rows.to_batches(), finished, "guards", below.next_prefix, 0)
        below.link_into(finished)
        layer = Layer(
            "suppression", format_time(settings.created), below.manifest.data_as_of, {"guards": rows.num_rows}
        )
        manifest = manifest_of(
            key, below.manifest.shared_address_limit, layer, files, below, has_streets=False
        )
        write_manifest(manifest, finished, sign)
        publish(finished, directory)
    return manifest


def _subjects_of(person: RawPerson, order: int, *, allows_half: bool) -> tuple[str, ...]:
    found = subjects_to_exclude(person)
    if not found or (person.tin and not found[0].startswith("T|")):
        raise ConfigurationError(
            f"Entry {order} does not identify a person to keep out.",
            next_step="Give a valid TIN, and birth date and full name.",
        )
    if len(found) == 1 and not allows_half:
        by_tin = found[0].startswith("T|")
        missing, open_way = ("birth date and full name", "birth date") if by_tin else ("valid TIN", "TIN")
        raise ConfigurationError(
            f"Entry {order} gives no {missing}: questions by {open_way} would still be answered.",
            why="A person is kept out under every identity that a question may use (26 USC 6103(i)(6)).",
            next_step=f"Give the {missing} too, or say --half if there is none.",
        )
    return found


def compact(
    below: Base,
    directory: Path,
    key: IndexKey,
    settings: LayerSettings,
    engine: MergeEngine,
    sign: Sign | None = None,
) -> IndexManifest:
    """An index at ``directory`` with the same answers as ``below``, in one layer.

    Args:
        below: the index with the layers, opened by ``open_base``.
        directory: of the new index; it must not exist.
        key: of the index.
        settings: see there.
        engine: merges the rows.
        sign: signs the manifest.

    Raises:
        ConfigurationError: ``directory`` exists.
        OperationalError: disk or memory failed.
    """
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        files = engine.merge(below, work, finished, settings.progress)
        layer = Layer(
            "merged",
            later_than(below.manifest.created, format_time(settings.created)),
            below.manifest.data_as_of,
            {
                "layers": [
                    {"kind": layer.kind, "counts": dict(layer.counts)} for layer in below.manifest.layers
                ]
            },
        )
        merged = manifest_of(
            key,
            below.manifest.shared_address_limit,
            layer,
            files,
            None,
            has_streets=below.manifest.has_street_reference,
        )
        manifest = replace(merged, snapshot_id=below.manifest.snapshot_id)
        write_manifest(manifest, finished, sign)
        publish(finished, directory)
    return manifest
