"""The leaves of a log that are about no single item: few, however long the log is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.leaf import ITEM_DECIDED, parse_leaf
from narrowgate.verify.runs import over_runs

_ITEM_END = f'"type":"{ITEM_DECIDED}"}}'.encode()
"""What the canonical form of an item's leaf ends with, and that of no other leaf."""


def is_item(leaf: bytes) -> bool:
    """Whether a leaf ends as an item's does; it may still be malformed."""
    return leaf.endswith(_ITEM_END)


def parsed(index: int, leaf: bytes) -> dict[str, Any]:
    """The fields of a leaf.

    Raises:
        LogInconsistentError: it is malformed.
    """
    try:
        return parse_leaf(leaf, f"leaf {index}")
    except EnvelopeError as error:
        raise LogInconsistentError(error.what, why=error.why, where=error.where) from error


def events(directory: Path, checkpoint: Checkpoint, processes: int = 1) -> list[tuple[int, dict[str, Any]]]:
    """Returns index and fields of every leaf that is not an item's, after the whole log proved to be the one signed.

    Args:
        directory: the log.
        checkpoint: of the log, its signature verified.
        processes: as ``over_runs``.

    Raises:
        LogInconsistentError: a leaf is malformed, or the leaves are not those signed.
        OperationalError: the machine cannot read a file.
    """
    return list(_flat(over_runs(directory, checkpoint, events_of_run, processes)))


def events_of_run(start: int, leaves: Sequence[bytes]) -> list[tuple[int, dict[str, Any]]]:
    """Index and fields of the leaves of a run that are not an item's."""
    return [(index, parsed(index, leaf)) for index, leaf in enumerate(leaves, start) if not is_item(leaf)]


def _flat(
    runs: Iterator[list[tuple[int, dict[str, Any]]]],
) -> Iterator[tuple[int, dict[str, Any]]]:
    for run in runs:
        yield from run
