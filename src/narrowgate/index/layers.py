"""An index upon an index: a person kept out, or all layers merged into one; ``build`` adds a new year's file.

A finished index is immutable, so each of these makes a new directory; data files are linked, not copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.matching.exclusion import subjects_to_exclude
from narrowgate.core.matching.token import IndexKey, exclusion_guard, exclusion_token
from narrowgate.core.person.model import RawPerson
from narrowgate.index.base import Base
from narrowgate.index.build import Sign, manifest_of, write_manifest
from narrowgate.index.columns import token_batch
from narrowgate.index.files import GUARD_SCHEMA, write_sorted
from narrowgate.index.manifest import IndexManifest, Layer
from narrowgate.index.ports import MergeEngine
from narrowgate.index.progress import Progress, nobody
from narrowgate.index.workspace import publish, workspace


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """What a suppression or a merge needs.

    Args:
        created: aware time in UTC, whole seconds.
        progress: told of parts merged.
    """

    created: datetime
    progress: Progress = nobody


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
