"""Verify a log directory against a public key: every leaf re-hashed, every file accounted for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, COSIGNED, KEY_FILE, SET_ASIDE, UNFINISHED_SUFFIX
from narrowgate.core.log.kept_checkpoints import kept_checkpoints
from narrowgate.core.log.merkle import HASH_SIZE, SubtreeHash, leaf_hash
from narrowgate.core.log.note import VerifierKey, parse_note
from narrowgate.core.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    RightEdge,
    Tile,
    TileHashes,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
    tile_holding,
)
from narrowgate.verify.files import read_bytes, read_text, regular_files
from narrowgate.verify.report import LogReport

Visit = Callable[[int, bytes], None]


def verify_log(
    directory: Path, vkey: str | None = None, earlier: str | None = None, visit: Visit | None = None
) -> LogReport:
    """Returning proves that every file of the log follows from its leaves and the signed checkpoint.

    Args:
        directory: the log.
        vkey: the log's verifier key; without it the one beside the log is used, and the report says so.
        earlier: signed checkpoints kept elsewhere, one after another, which the log must continue.
        visit: told the index and bytes of each leaf, in order.

    Raises:
        LogInconsistentError: any byte, file or signature does not fit; the message names the file.
        ConfigurationError: ``vkey`` is not a verifier key.
        ProofError: ``earlier`` holds no checkpoint, or its last one is not signed by the log's key.
        OperationalError: the machine cannot read a file.
    """
    key = log_key(directory, vkey)
    text = read_text(directory / CHECKPOINT)
    try:
        checkpoint = verify_checkpoint(text, key, str(directory / CHECKPOINT))
        lines = parse_note(text).signatures
    except ProofError as error:
        raise LogInconsistentError(error.what, why=error.why, where=error.where) from error
    contents = _Contents(directory, checkpoint.size)
    leaf_bytes = _rehash(contents, checkpoint, visit or (lambda _index, _leaf: None))
    continues = None if earlier is None else require_continuations(directory, key, checkpoint, earlier)
    return LogReport(
        directory=str(directory),
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        key=str(key),
        key_given=vkey is not None,
        tiles=contents.compared,
        leaf_bytes=leaf_bytes,
        unfinished=len(contents.beyond),
        set_aside=contents.set_aside,
        findings=contents.findings(),
        unknown_signatures=sum((line.name, line.key_id) != (key.name, key.key_id) for line in lines),
        continues=continues,
    )


def log_key(directory: Path, vkey: str | None) -> VerifierKey:
    """The key to verify with, which is the one beside the log.

    Raises:
        ConfigurationError: ``vkey`` is not a verifier key.
        LogInconsistentError: the key beside the log is missing, malformed or not ``vkey``.
    """
    path = directory / KEY_FILE
    text = read_text(path)
    if vkey is not None:
        key = VerifierKey.parse(vkey.strip())
        if text != f"{key}\n":
            raise LogInconsistentError("The key beside the log is not the key given.", where=str(path))
        return key
    try:
        key = VerifierKey.parse(text.removesuffix("\n"))
    except ConfigurationError as error:
        raise LogInconsistentError(error.what, why=error.why, where=str(path)) from error
    if text != f"{key}\n":
        raise LogInconsistentError("The key file has more or less than one line.", where=str(path))
    return key


def require_continuation(directory: Path, newer: Checkpoint, older: Checkpoint, where: str = "") -> None:
    """Returning proves that a verified log, whose checkpoint is ``newer``, begins with the tree of ``older``.

    Raises:
        LogInconsistentError: it is shorter, or has other leaves: a rollback or a fork.
    """
    where = where or str(directory / CHECKPOINT)
    if older.size > newer.size:
        raise LogInconsistentError(
            f"The log has {newer.size} leaves where an earlier checkpoint has {older.size}.",
            why="It was rolled back.",
            where=where,
        )
    if log_hashes(directory, newer.size)(0, older.size) != older.root:
        raise LogInconsistentError(
            f"The first {older.size} leaves are not those of an earlier checkpoint.",
            why="The log was forked: two parties were shown different histories.",
            where=where,
        )


def log_hashes(directory: Path, size: int) -> SubtreeHash:
    """The hash of any run of leaves of a verified log of ``size`` leaves."""
    return TileHashes(size, lambda tile: read_bytes(directory / tile.path)).subtree


def require_continuations(directory: Path, key: VerifierKey, newer: Checkpoint, earlier: str) -> int:
    """The most leaves of any checkpoint in ``earlier``, after the log proved to continue each of them.

    Raises:
        LogInconsistentError: it does not continue one.
        ProofError: there is no checkpoint, or the last one is not signed by the log's key.
    """
    where = "earlier checkpoint"
    kept = kept_checkpoints(earlier, key, where)
    if not kept:
        raise ProofError("The file holds no checkpoint.", where=where)
    for _, older in kept:
        require_continuation(directory, newer, older)
    return max(older.size for _, older in kept)


class _Contents:
    """The files of a log directory, each compared with what it must hold."""

    def __init__(self, directory: Path, size: int) -> None:
        self.directory = directory
        self._older: dict[tuple[int, int], list[Tile]] = defaultdict(list)
        self.compared = 0
        self.beyond: list[str] = []
        self.set_aside = 0
        for name in regular_files(directory):
            if name.startswith(f"{SET_ASIDE}/"):
                self.set_aside += 1
                continue
            finished = name.removesuffix(UNFINISHED_SUFFIX)
            if finished in {CHECKPOINT, COSIGNED, KEY_FILE}:
                self.beyond += [name] if finished != name else []
                continue
            tile = parse_tile_path(finished)
            if finished != name or not tile.is_within(size):
                self.beyond.append(name)
            elif tile.width < TILE_WIDTH:
                self._older[tile.level, tile.index].append(tile)

    def findings(self) -> tuple[str, ...]:
        """A sentence about what lies beyond the checkpoint, and one about what a gate found there before."""
        found = []
        if self.beyond:
            found.append(
                f"{len(self.beyond)} files lie beyond the checkpoint, such as {self.beyond[0]}: an append was cut off "
                "or is running, or an older checkpoint was put back. Verify with --earlier and the gate's second place."
            )
        if self.set_aside:
            found.append(
                f"{self.set_aside} files lay beyond the checkpoint when a gate opened the log; they are kept in "
                f"{SET_ASIDE}/. Leaves that were acknowledged and put back would be among them."
            )
        return tuple(found)

    def read(self, tile: Tile) -> bytes:
        """The bytes of a tile that must exist."""
        return read_bytes(self.path(tile))

    def path(self, tile: Tile) -> Path:
        return self.directory / tile.path

    def compare_bundle(self, tile: Tile, entries: Sequence[bytes]) -> None:
        """The bundle itself was read; each older partial one must be the beginning of it."""
        self.compared += 1
        for older in self._older.pop((ENTRIES, tile.index), []):
            if older != tile:
                self._require_equal(older, encode_bundle(entries[: older.width]))

    def compare_hashes(self, tile: Tile, data: bytes) -> None:
        """The tile, and each older partial one, must hold these hashes."""
        self._require_equal(tile, data)
        for older in self._older.pop((tile.level, tile.index), []):
            if older != tile:
                self._require_equal(older, data[: older.width * HASH_SIZE])

    def _require_equal(self, tile: Tile, data: bytes) -> None:
        self.compared += 1
        found = self.read(tile)
        if found == data:
            return
        what = "The tile does not hold the hashes of what lies below it."
        if tile.level == 0 and len(found) == len(data):
            first = next(
                i
                for i in range(0, len(data), HASH_SIZE)
                if found[i : i + HASH_SIZE] != data[i : i + HASH_SIZE]
            )
            leaf = tile.index * TILE_WIDTH + first // HASH_SIZE
            what = f"Leaf {leaf} does not have the hash that the tile holds for it."
        raise LogInconsistentError(what, next_step=_NEXT_STEP, where=str(self.path(tile)))


def _rehash(contents: _Contents, checkpoint: Checkpoint, visit: Visit) -> int:
    """Walk all leaves once, comparing each tile as it fills; the bytes of all leaves."""
    edge = RightEdge()
    leaf_bytes = 0
    while edge.size < checkpoint.size:
        bundle = tile_holding(ENTRIES, edge.size, checkpoint.size)
        entries = decode_bundle(contents.read(bundle), bundle.width, str(contents.path(bundle)))
        contents.compare_bundle(bundle, entries)
        start = edge.size
        tiles = edge.add([leaf_hash(leaf) for leaf in entries])
        if edge.size == checkpoint.size:
            tiles += edge.partial_tiles()
        for tile, data in tiles:
            contents.compare_hashes(tile, data)
        for index, leaf in enumerate(entries, start):
            visit(index, leaf)
        leaf_bytes += sum(map(len, entries))
    if edge.root() != checkpoint.root:
        raise LogInconsistentError(
            "The leaves and tiles have another root than the signed checkpoint.",
            why="Leaves were changed together with their tiles, or the log was rolled back.",
            next_step=_NEXT_STEP,
            where=str(contents.directory / CHECKPOINT),
        )
    return leaf_bytes


_NEXT_STEP = "Keep this copy as evidence and call the custodian's disclosure officers."
