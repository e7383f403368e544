"""Single leaves of a log on disk, each proved to be in the tree that its checkpoint signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError, ProofError, UsageError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.core.log.leaf import ITEM_DECIDED, PACKAGE_RECEIVED, PACKAGE_REFUSED, parse_leaf
from narrowgate.core.log.merkle import inclusion_proof, leaf_hash
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.proof import LogProof
from narrowgate.core.log.tiles import ENTRIES, TILE_WIDTH, TileHashes, decode_bundle, tile_holding
from narrowgate.verify.files import read_bytes, read_text
from narrowgate.verify.log_directory import log_key


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of the log.

    Args:
        index: of the leaf, from 0.
        fields: of the leaf.
        time: its own time, or for an item that of its package's receipt; empty where that is not known.
    """

    index: int
    fields: dict[str, Any]
    time: str

    @property
    def kind(self) -> str:
        """Which kind of leaf it is."""
        return str(self.fields["type"])

    @property
    def package(self) -> str:
        """The package that it is about; empty where it is about none."""
        return str(self.fields.get("package", ""))

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that refuse the item or the package."""
        name = "rules" if self.kind == PACKAGE_REFUSED else "findings"
        return tuple(self.fields.get(name, ()))


class LogEntries:
    """Reads leaves of a log whose checkpoint is signed by its key; each comes from the tree that is signed.

    Args:
        directory: the log.
        vkey: the published verifier key; without it the one beside the log is used.

    Raises:
        LogInconsistentError: the checkpoint or the key beside the log is damaged, or not signed by the key.
        ConfigurationError: ``vkey`` is not a verifier key.
        OperationalError: the machine cannot read a file.
    """

    def __init__(self, directory: Path, vkey: str | None = None) -> None:
        self._directory = directory
        self.key: VerifierKey = log_key(directory, vkey)
        self.checkpoint_text: str = read_text(directory / CHECKPOINT)
        try:
            self.checkpoint: Checkpoint = verify_checkpoint(
                self.checkpoint_text, self.key, str(directory / CHECKPOINT)
            )
        except ProofError as error:
            raise LogInconsistentError(error.what, why=error.why, where=error.where) from error
        self._hashes = TileHashes(self.checkpoint.size, lambda tile: read_bytes(directory / tile.path))

    def __iter__(self) -> Iterator[Entry]:
        """Gives every leaf in order; a bundle of 256 is compared with the hashes that the tree has for it.

        Raises:
            LogInconsistentError: a leaf is not the one that the tree holds, or is no leaf.
        """
        received: dict[str, str] = {}
        for start in range(0, self.checkpoint.size, TILE_WIDTH):
            for index, leaf in enumerate(self._bundle(start), start):
                fields = self._parsed(index, leaf)
                if fields["type"] == PACKAGE_RECEIVED:
                    received[fields["package"]] = fields["time"]
                time = fields.get("time", "")
                if fields["type"] == ITEM_DECIDED:
                    time = received.get(fields["package"], "")
                yield Entry(index, fields, time)

    def between(self, first: int, end: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Gives index and fields of the leaves from ``first`` to before ``end``, each compared with the signed tree.

        Raises:
            LogInconsistentError: a leaf is not the one that the tree holds, or is no leaf.
        """
        for start in range(first - first % TILE_WIDTH, min(end, self.checkpoint.size), TILE_WIDTH):
            for index, leaf in enumerate(self._bundle(start), start):
                if first <= index < end:
                    yield index, self._parsed(index, leaf)

    def proof(self, index: int) -> LogProof:
        """Returns the proof that the leaf is in the log, verified before it is returned (C2SP tlog-proof).

        Args:
            index: of the leaf, from 0.

        Raises:
            UsageError: the log has no such leaf.
            LogInconsistentError: the leaf is not the one that the tree holds.
        """
        if not 0 <= index < self.checkpoint.size:
            raise UsageError(
                f"The log has no leaf {index}.",
                why=f"It has {self.checkpoint.size:,} leaves, counted from 0.",
                next_step="'narrowgate log list' shows their numbers.",
            )
        leaf = self._bundle(index - index % TILE_WIDTH)[index % TILE_WIDTH]
        hashes = inclusion_proof(index, self.checkpoint.size, self._hashes.subtree)
        proof = LogProof(index, hashes, self.checkpoint_text, leaf)
        try:
            proof.verify(self.key)
        except ProofError as error:
            raise self._changed(index) from error
        return proof

    def _bundle(self, start: int) -> list[bytes]:
        bundle = tile_holding(ENTRIES, start, self.checkpoint.size)
        where = str(self._directory / bundle.path)
        leaves = decode_bundle(read_bytes(self._directory / bundle.path), bundle.width, where)
        for index, leaf in enumerate(leaves, start):
            if self._hashes.subtree(index, index + 1) != leaf_hash(leaf):
                raise self._changed(index)
        return leaves

    def _parsed(self, index: int, leaf: bytes) -> dict[str, Any]:
        try:
            return parse_leaf(leaf, f"leaf {index}")
        except EnvelopeError as error:
            raise LogInconsistentError(error.what, why=error.why, where=error.where) from error

    def _changed(self, index: int) -> LogInconsistentError:
        return LogInconsistentError(
            f"Leaf {index} is not the one that the signed tree holds.",
            next_step="Keep this copy as evidence, and run 'narrowgate log verify'.",
            where=str(self._directory),
        )
