"""What an inspector names: a bundle, a world, or a log directory; and where log, acts and checkpoints lie in it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from narrowgate.core.base.errors import (
    ConfigurationError,
    IndeterminateError,
    LogInconsistentError,
    NarrowgateError,
    UsageError,
)
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE
from narrowgate.verify.entries import Entry, LogEntries
from narrowgate.verify.files import read_bytes
from narrowgate.verify.item_runs import OtherLeaf, told_apart
from narrowgate.verify.runs import over_runs

LOG: Final = "log"
GOVERNANCE: Final = "governance"
KEPT_CHECKPOINTS: Final = "checkpoints"
BUNDLE_MANIFEST: Final = "manifest.json"
MAX_MANIFEST_BYTES: Final = 1 << 28
SETTINGS: Final = "gate.toml"

LOG_PARTS: Final = (CHECKPOINT, KEY_FILE, "tile")
"""Where one of these lies there is, or was, a log; what is missing of it is a matter of verification."""


class SourceKind(StrEnum):
    """What a source is."""

    BUNDLE = "bundle"
    """What the custodian made for an inspector: it has a manifest."""
    WORLD = "world"
    """The directory of a gate."""
    LOG = "log"
    """The directory of a log, and nothing else."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the parts of a source lie; nothing of them is verified yet.

    Args:
        kind: of the source.
        path: that was named.
        log: directory of the log.
        governance: directory of charter, acts and documents; ``None`` where the source has none.
        checkpoints: file of the checkpoints kept in the log's second place; ``None`` where the source has none.
        vkey: the log's published key as the caller gave it; ``None``: the log vouches for itself.
    """

    kind: SourceKind
    path: Path
    log: Path
    governance: Path | None = None
    checkpoints: Path | None = None
    vkey: str | None = None

    def entries(self) -> LogEntries:
        """Returns the leaves of the log, each compared with the signed tree when it is read.

        Raises:
            IndeterminateError: the bundle continues another, and was not laid over it.
            LogInconsistentError, ConfigurationError, OperationalError: as ``LogEntries``.
        """
        with told_of_the_bundle_before(self.path):
            return LogEntries(self.log, self.vkey)

    def entries_but_items(self, processes: int = 1) -> list[Entry]:
        """Returns every leaf that is not an item's, after all of the log was compared with its signed root.

        Args:
            processes: how many read a large log at once.

        Raises:
            LogInconsistentError: the leaves are not those that the checkpoint signs, or one is no leaf.
            ConfigurationError, OperationalError: as ``LogEntries``.
        """
        runs = list(over_runs(self.log, self.checkpoint(), _but_items, processes))
        return [Entry(index, fields, fields.get("time", "")) for run in runs for index, fields in run]

    def checkpoint(self) -> Checkpoint:
        """Returns the log's checkpoint, its signature verified; what ``over_runs`` takes.

        Raises:
            LogInconsistentError, ConfigurationError, OperationalError: as ``LogEntries``.
        """
        return self.entries().checkpoint


@contextmanager
def told_of_the_bundle_before(directory: Path) -> Iterator[None]:
    """An error about a bundle that lacks the files of the bundle before it says so, and never calls the log damaged.

    A bundle made with ``--since`` holds only what came after the one before it.

    Args:
        directory: that was named; where it is no bundle, or none that lacks files, errors pass unchanged.

    Raises:
        IndeterminateError: in place of ``LogInconsistentError``, where files of the bundle before are missing.
    """
    try:
        yield
    except LogInconsistentError as error:
        if not _lacks_the_one_before(directory):
            raise
        raise IndeterminateError(
            "The bundle continues an earlier bundle, and the files of the earlier one are not here.",
            why="It was made with --since and holds only what came after the earlier one. This is no sign that the "
            "log is damaged.",
            next_step="Copy this bundle over a copy of the earlier one, and name that copy; 'narrowgate inspector "
            "verify' says which bundle it is.",
            where=str(directory),
        ) from error


def _lacks_the_one_before(bundle: Path) -> bool:
    """Whether files are missing that, as the manifest says, an earlier bundle brought; the manifest proves nothing."""
    try:
        earlier = json.loads(read_bytes(bundle / BUNDLE_MANIFEST, most=MAX_MANIFEST_BYTES))["earlier"]
        return any(not (bundle / str(each["path"])).is_file() for each in earlier)
    except (NarrowgateError, OSError, ValueError, KeyError, TypeError):
        return False


def _but_items(start: int, leaves: Sequence[bytes]) -> list[tuple[int, dict[str, Any]]]:
    return [(part.index, part.fields) for part in told_apart(start, leaves) if isinstance(part, OtherLeaf)]


def find_source(path: Path, vkey: str | None = None) -> Source:
    """Returns where log, acts and kept checkpoints of a bundle, a world or a log directory lie.

    Args:
        path: a directory, or the ``gate.toml`` of a gate.
        vkey: the log's published key, from another place than ``path``.

    Raises:
        UsageError: there is neither a bundle, nor a world, nor a log.
        ConfigurationError: a gate's settings cannot be read, or do not say where its log lies.
    """
    if path.is_file() and path.name.endswith(".toml"):
        return _of_settings(path, path, vkey)
    if (path / BUNDLE_MANIFEST).is_file():
        return _in_places(SourceKind.BUNDLE, path, vkey)
    if (path / SETTINGS).is_file():
        return _of_settings(path, path / SETTINGS, vkey)
    if (path / LOG).is_dir():
        return _in_places(SourceKind.WORLD, path, vkey)
    if any((path / name).exists() for name in LOG_PARTS):
        return Source(SourceKind.LOG, path, path, vkey=vkey)
    raise UsageError(
        "There is no bundle, no world and no log.",
        why="A bundle has a manifest.json, a world a gate.toml, a log a file 'checkpoint'.",
        next_step="Name one of them; unpack a bundle that is one file first ('tar -xf' or 'unzip').",
        where=str(path),
    )


def _in_places(kind: SourceKind, path: Path, vkey: str | None) -> Source:
    governance, checkpoints = path / GOVERNANCE, path / KEPT_CHECKPOINTS
    return Source(
        kind,
        path,
        path / LOG,
        governance if governance.is_dir() else None,
        checkpoints if checkpoints.exists() else None,
        vkey,
    )


def _of_settings(path: Path, settings: Path, vkey: str | None) -> Source:
    """Of a gate: its settings say where things lie."""
    try:
        table = tomllib.loads(settings.read_text("utf-8"))
        places = [settings.parent / table.get(name, name) for name in ("log", "governance", KEPT_CHECKPOINTS)]
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ConfigurationError(
            "The settings of the gate cannot be read.",
            why="They say where its log and its acts lie.",
            next_step="Name the directory of the log instead.",
            where=str(settings),
        ) from error
    log, governance, checkpoints = places
    return Source(
        SourceKind.WORLD,
        path,
        log,
        governance if governance.is_dir() else None,
        checkpoints if checkpoints.exists() else None,
        vkey,
    )
