"""Verify a log directory against a public key: every leaf re-hashed, every file accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE
from narrowgate.core.log.kept_checkpoints import kept_checkpoints
from narrowgate.core.log.merkle import SubtreeHash
from narrowgate.core.log.note import VerifierKey, parse_note
from narrowgate.core.log.tiles import TileHashes
from narrowgate.verify.files import read_bytes, read_text
from narrowgate.verify.log_files import Complain, LogFiles, Piece, raise_it
from narrowgate.verify.report import LogReport
from narrowgate.verify.runs import Work

T = TypeVar("T")
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
    walk = LogWalk(directory, vkey)
    for piece in walk.pieces(all_leaves if visit else _nothing):
        for index, leaf in enumerate(piece.result or (), piece.start):
            if visit:
                visit(index, leaf)
    return walk.report(earlier)


def all_leaves(_start: int, leaves: Sequence[bytes]) -> Sequence[bytes]:
    """The leaves themselves: work for a walk whose every leaf is wanted, which needs one process."""
    return leaves


def _nothing(_start: int, _leaves: Sequence[bytes]) -> Sequence[bytes]:
    return ()


class LogWalk:
    """One walk over a log: signature, every file, every leaf; then a report.

    Args:
        directory: the log.
        vkey: the log's verifier key; without it the one beside the log is used, and the report says so.
        complain: told of each file, leaf or root that does not fit; raises it, or notes it and goes on.

    Raises:
        LogInconsistentError: key or checkpoint are missing, damaged, or do not fit.
        ConfigurationError: ``vkey`` is not a verifier key.
        OperationalError: the machine cannot read a file.
    """

    def __init__(self, directory: Path, vkey: str | None = None, complain: Complain = raise_it) -> None:
        self.directory = directory
        self.key = log_key(directory, vkey)
        self._key_given = vkey is not None
        self._complain = complain
        text = read_text(directory / CHECKPOINT)
        try:
            self.checkpoint = verify_checkpoint(text, self.key, str(directory / CHECKPOINT))
            self._signatures = parse_note(text).signatures
        except ProofError as error:
            raise LogInconsistentError(error.what, why=error.why, where=error.where) from error
        self._files = LogFiles(directory, self.checkpoint.size, complain)

    def pieces(self, work: Work[T], processes: int = 1) -> Iterator[Piece[T]]:
        """Yields what ``work`` says of all leaves in order, as ``LogFiles.walk``."""
        return self._files.walk(work, self.checkpoint.root, processes)

    def report(self, earlier: str | None = None) -> LogReport:
        """Returns what was found, after all pieces were taken.

        Args:
            earlier: signed checkpoints kept elsewhere, one after another, which the log must continue.

        Raises:
            LogInconsistentError: it does not continue one.
            ProofError: ``earlier`` holds no checkpoint, or its last one is not signed by the log's key.
        """
        files, key = self._files, self.key
        continues = (
            None
            if earlier is None
            else require_continuations(self.directory, key, self.checkpoint, earlier, self._complain)
        )
        unknown = sum((line.name, line.key_id) != (key.name, key.key_id) for line in self._signatures)
        return LogReport(
            directory=str(self.directory),
            origin=self.checkpoint.origin,
            size=self.checkpoint.size,
            root=self.checkpoint.root.hex(),
            key=str(key),
            key_given=self._key_given,
            tiles=files.compared,
            leaf_bytes=files.leaf_bytes,
            unfinished=len(files.beyond),
            set_aside=files.set_aside,
            findings=files.findings(),
            unknown_signatures=unknown,
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
    _require_continuation(log_hashes(directory, newer.size), newer, older, where)


def _require_continuation(subtree: SubtreeHash, newer: Checkpoint, older: Checkpoint, where: str) -> None:
    if older.size > newer.size:
        raise LogInconsistentError(
            f"The log has {newer.size} leaves where an earlier checkpoint has {older.size}.",
            why="It was rolled back.",
            where=where,
        )
    if subtree(0, older.size) != older.root:
        raise LogInconsistentError(
            f"The first {older.size} leaves are not those of an earlier checkpoint.",
            why="The log was forked: two parties were shown different histories.",
            where=where,
        )


def log_hashes(directory: Path, size: int) -> SubtreeHash:
    """The hash of any run of leaves of a verified log of ``size`` leaves."""
    return TileHashes(size, lambda tile: read_bytes(directory / tile.path)).subtree


def require_continuations(
    directory: Path, key: VerifierKey, newer: Checkpoint, earlier: str, complain: Complain = raise_it
) -> int:
    """The most leaves of any checkpoint in ``earlier``, after the log proved to continue each of them.

    Raises:
        LogInconsistentError: as ``complain`` does; the log does not continue one.
        ProofError: there is no checkpoint, or the last one is not signed by the log's key.
    """
    where = "earlier checkpoint"
    kept = kept_checkpoints(earlier, key, where)
    if not kept:
        raise ProofError("The file holds no checkpoint.", where=where)
    subtree = log_hashes(directory, newer.size)
    for _, older in kept:
        try:
            _require_continuation(subtree, newer, older, str(directory / CHECKPOINT))
        except LogInconsistentError as error:
            complain(error)
    return max(older.size for _, older in kept)
