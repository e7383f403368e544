"""The index a layer is put upon: read, never changed; its files are linked into the next index."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.matching.token import IndexKey
from narrowgate.index.integrity import VerifySignature, verify_index
from narrowgate.index.manifest import IndexManifest


@dataclass(frozen=True, slots=True)
class Base:
    """A verified index below a new layer."""

    directory: Path
    manifest: IndexManifest

    def paths(self, kind: str) -> list[str]:
        """The data files of one kind."""
        return [str(self.directory / file.path) for file in self.manifest.files_of(kind)]

    @property
    def next_prefix(self) -> str:
        """What the file names of the next layer begin with."""
        return prefix_of(len(self.manifest.layers))

    def link_into(self, directory: Path) -> None:
        """Makes every data file appear in ``directory`` too, without a copy where the file system can."""
        for file in self.manifest.files:
            target = directory / file.path
            target.parent.mkdir(exist_ok=True)
            try:
                os.link(self.directory / file.path, target)
            except OSError:
                shutil.copyfile(self.directory / file.path, target)


def prefix_of(layer: int) -> str:
    """What the names of a layer's data files begin with."""
    return f"{layer:04d}-"


def open_base(directory: Path, key: IndexKey, verify: VerifySignature | None) -> Base:
    """The index at ``directory``, every byte of it verified: damage is not sealed under a new manifest.

    Raises:
        UnavailableError: it is damaged.
        ConfigurationError: it was built with another key or for another version.
    """
    manifest = verify_index(directory, verify)
    if manifest.key_id != key.key_id:
        raise ConfigurationError(
            f"The index was built with key {manifest.key_id}, and the key given is {key.key_id}.",
            why="Tokens of two keys cannot stand in one index.",
            next_step="Give the key the index was built with.",
            where=directory.name,
        )
    return Base(directory, manifest)
