"""Single leaves of a log, each proved in the signed tree before it is looked at, without reading the rest."""

from __future__ import annotations

from pathlib import Path

from narrowgate.core.base.errors import LogInconsistentError, ProofError, UsageError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.merkle import inclusion_proof, leaf_hash, root, verify_inclusion
from narrowgate.core.log.tiles import ENTRIES, TILE_WIDTH, decode_bundle, tile_holding
from narrowgate.verify.files import read_bytes
from narrowgate.verify.log_directory import log_hashes


class ProvedLeaves:
    """Reads leaves of a log bundle by bundle; a bundle is proved once, with all the leaves in it.

    Args:
        directory: the log.
        checkpoint: of the log, its signature verified.
    """

    def __init__(self, directory: Path, checkpoint: Checkpoint) -> None:
        self._directory = directory
        self._checkpoint = checkpoint
        self._tiles = log_hashes(directory, checkpoint.size)
        self._bundles: dict[int, list[bytes]] = {}
        self._hashes: dict[int, list[bytes]] = {}
        self._kept: dict[tuple[int, int], bytes] = {}

    def leaf(self, index: int) -> bytes:
        """Returns the leaf, which is in the signed tree at its index.

        Raises:
            UsageError: the log has no such leaf.
            LogInconsistentError: the leaf is not the one that the signed tree holds.
            OperationalError: the machine cannot read a file.
        """
        if not 0 <= index < self._checkpoint.size:
            raise UsageError(
                f"The log has no leaf {index}.",
                why=f"It has {self._checkpoint.size:,} leaves, counted from 0.",
                next_step="'narrowgate log list' shows their numbers.",
            )
        start = index - index % TILE_WIDTH
        if start not in self._bundles:
            self._read(start)
            self.proof(index)
        return self._bundles[start][index - start]

    def proof(self, index: int) -> tuple[bytes, ...]:
        """Returns the inclusion proof of a leaf, verified against the checkpoint (RFC 9162 section 2.1.3).

        Raises:
            LogInconsistentError: the leaf is not the one that the signed tree holds.
            OperationalError: the machine cannot read a file.
        """
        start = index - index % TILE_WIDTH
        if start not in self._bundles:
            self._read(start)
        size = self._checkpoint.size
        hashes = inclusion_proof(index, size, self._subtree)
        try:
            verify_inclusion(self._hashes[start][index - start], index, size, hashes, self._checkpoint.root)
        except ProofError as error:
            del self._bundles[start]
            raise LogInconsistentError(
                f"Leaf {index} is not the one that the signed tree holds.",
                next_step="Keep this copy as evidence, and run 'narrowgate log verify', which names the file.",
                where=str(self._directory),
            ) from error
        return hashes

    def _read(self, start: int) -> None:
        tile = tile_holding(ENTRIES, start, self._checkpoint.size)
        path = self._directory / tile.path
        leaves = decode_bundle(read_bytes(path), tile.width, str(path))
        self._hashes[start] = [leaf_hash(leaf) for leaf in leaves]
        self._bundles[start] = leaves

    def _subtree(self, start: int, end: int) -> bytes:
        """Within a bundle that was read its own leaves count, not what a tile says of them."""
        bundle = start - start % TILE_WIDTH
        if bundle in self._hashes and end - bundle <= len(self._hashes[bundle]):
            return root(self._hashes[bundle][start - bundle : end - bundle])
        if (start, end) not in self._kept:
            self._kept[start, end] = self._tiles(start, end)
        return self._kept[start, end]
