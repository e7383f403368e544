"""What a log must show of itself when it is opened: a sound end, and one past with its second place.

An interrupted append is told from a rollback by what the second place knows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from narrowgate.adapters.files.checkpoint_file import CheckpointKeeper
from narrowgate.adapters.files.durable_files import failed
from narrowgate.adapters.files.fence import Fence
from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE, UNFINISHED_SUFFIX
from narrowgate.core.log.merkle import inclusion_proof, leaf_hash, verify_inclusion
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    RightEdge,
    Tile,
    TileHashes,
    decode_bundle,
    last_tile,
    tile_holding,
)

_BEFORE_FIRST_CHECKPOINT = {KEY_FILE, KEY_FILE + UNFINISHED_SUFFIX, CHECKPOINT + UNFINISHED_SUFFIX}
"""What an interrupted creation may have left."""

_NEXT_STEP = (
    "Restore the newest copy of the one that is behind, or keep both as they are and call the custodian's "
    "disclosure officers. Do not begin a new log."
)


def require_empty(directory: Path) -> None:
    """Return only if no log is there, nor anything else but what an interrupted creation may have left.

    Raises:
        ConfigurationError: something is.
        OperationalError: the disk refused.
    """
    try:
        names = {path.name for path in directory.iterdir()}
    except OSError as error:
        raise failed("list the directory", directory, error) from error
    if names - _BEFORE_FIRST_CHECKPOINT:
        raise ConfigurationError(
            "The directory of a new log is not empty.",
            next_step="Choose an empty directory.",
            where=str(directory),
        )


def first_kept(keeper: CheckpointKeeper, text: str, key: VerifierKey) -> str:
    """The first checkpoint as its second place keeps it, which an interrupted creation may have told it already.

    Raises:
        ConfigurationError: it knows a log with leaves.
    """
    kept = keeper.last(key)
    if kept is None:
        return keeper.keep(text)
    if kept[1].size:
        raise ConfigurationError(
            "The second place of a new log knows a log with leaves.",
            next_step="Name another file, or open the log that it knows.",
        )
    return kept[0]


def require_same_past(directory: Path, own: Checkpoint, kept: tuple[str, Checkpoint] | None) -> Checkpoint:
    """The checkpoint that the second place knows: the log's own one, or one of more leaves.

    Raises:
        LogInconsistentError: it knows nothing, fewer leaves, or others.
    """
    known = kept[1] if kept is not None else None
    if known is None or known.size < own.size:
        raise LogInconsistentError(
            f"The log has {own.size} leaves where its second place knows {known.size if known else 'none'}.",
            why="Every checkpoint is in the second place before it counts, so that place was put back or exchanged.",
            next_step=_NEXT_STEP,
            where=str(directory / CHECKPOINT),
        )
    if known.size == own.size and known.root != own.root:
        raise _fork(directory, known)
    return known


def keep_authorized(
    directory: Path,
    own: Checkpoint,
    fence: Fence,
    keeper: CheckpointKeeper,
    key: VerifierKey,
    read: Callable[[Tile], bytes],
) -> None:
    """The second place knows the last checkpoint that a writer was allowed to publish, which may have slept since.

    That writer may yet write it there, after everything that comes now, so nothing else may take its place.

    Args:
        directory: of the log, for messages.
        own: the checkpoint of the log.
        fence: knows what was allowed.
        keeper: the second place.
        key: of the log.
        read: from a tile to its bytes.

    Raises:
        LogInconsistentError: the log does not hold what was allowed.
    """
    text = fence.authorized()
    if text is None:
        return
    try:
        allowed = verify_checkpoint(text, key, "the state")
    except ProofError as error:
        raise LogInconsistentError(
            "The state allows a checkpoint that is not this log's.", why=error.what, next_step=_NEXT_STEP
        ) from error
    kept = keeper.last(key)
    if allowed.size > own.size and (kept is None or kept[1].size < allowed.size):
        complete_append(directory, own, allowed, read)
        keeper.keep(text)


def complete_append(
    directory: Path, own: Checkpoint, known: Checkpoint, read: Callable[[Tile], bytes]
) -> None:
    """Return only if every leaf between the two checkpoints is there, durable, and the log continues itself.

    The tiles of an append are durable before the second place hears of it. Where one is missing or another, the log
    was put back to an older copy.

    Args:
        directory: of the log, for messages.
        own: the checkpoint of the log.
        known: the newer one of its second place.
        read: from a tile to its bytes.

    Raises:
        LogInconsistentError: the log is not the one that the second place knows.
    """
    try:
        edge = RightEdge.load(own.size, read)
        same = edge.root() == own.root
        while same and edge.size < known.size:
            bundle = tile_holding(ENTRIES, edge.size, known.size)
            entries = decode_bundle(read(bundle), bundle.width, str(directory / bundle.path))
            hashes = [leaf_hash(entry) for entry in entries]
            same = read(tile_holding(0, edge.size, known.size)) == b"".join(hashes)
            filled = edge.add(hashes[edge.size % TILE_WIDTH :])
            same = same and all(read(tile) == data for tile, data in filled)
        same = same and all(read(tile) == data for tile, data in edge.partial_tiles())
        same = same and edge.root() == known.root
    except LogInconsistentError as error:
        raise LogInconsistentError(
            f"The log has {own.size} leaves where its second place knows {known.size}.",
            why=f"It was put back to an older copy, or lost files: {error.where}.",
            next_step=_NEXT_STEP,
            where=str(directory / CHECKPOINT),
        ) from error
    if not same:
        raise _fork(directory, known)


def unfinished_bundle(
    directory: Path, checkpoint: Checkpoint, edge: RightEdge, read: Callable[[Tile], bytes]
) -> list[bytes]:
    """The entries of the unfinished bundle, after the end of the log proved to fit the root.

    Raises:
        LogInconsistentError: it does not.
    """
    size, root = checkpoint.size, checkpoint.root
    if edge.root() != root:
        raise _wrong_end(directory, last_tile(0, size))
    if size == 0:
        return []
    bundle = last_tile(ENTRIES, size)
    entries = decode_bundle(read(bundle), bundle.width, str(directory / bundle.path))
    hashes = [leaf_hash(entry) for entry in entries]
    if b"".join(hashes) != read(last_tile(0, size)):
        raise _wrong_end(directory, bundle)
    try:
        proof = inclusion_proof(size - 1, size, TileHashes(size, read).subtree)
        verify_inclusion(hashes[-1], size - 1, size, proof, root)
    except ProofError as error:
        raise _wrong_end(directory, last_tile(0, size)) from error
    return entries if bundle.width < TILE_WIDTH else []


def _wrong_end(directory: Path, tile: Tile) -> LogInconsistentError:
    return LogInconsistentError(
        "The end of the log does not fit its checkpoint.",
        next_step="Run 'narrowgate log verify' and restore the file from a copy.",
        where=str(directory / tile.path),
    )


def _fork(directory: Path, known: Checkpoint) -> LogInconsistentError:
    return LogInconsistentError(
        f"The log does not hold the {known.size} leaves that its second place knows.",
        why="It was exchanged or forked: the log's key signed two histories.",
        next_step=_NEXT_STEP,
        where=str(directory / CHECKPOINT),
    )
