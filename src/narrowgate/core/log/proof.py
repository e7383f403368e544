"""C2SP tlog-proof: one text that proves offline that a leaf is in the log.

Narrowgate puts the leaf itself into the *extra* line, so that the answers and this file are all a
verifier needs; the inclusion proof authenticates it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from narrowgate.core.log.note import VerifierKey, decode_base64, encode_base64

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})\Z")


@dataclass(frozen=True, slots=True)
class LogProof:
    """A leaf, its index, its inclusion proof, and the signed checkpoint it leads to.

    Args:
        index: of the leaf, from 0.
        hashes: inclusion proof, the leaf's sibling first.
        checkpoint: signed note, verbatim.
        leaf: the leaf's bytes (the *extra* line).
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    leaf: bytes

    def __str__(self) -> str:
        """The text form."""
        lines = [HEADER, f"extra {encode_base64(self.leaf)}", f"index {self.index}"]
        lines += [encode_base64(value) for value in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def verify(self, key: VerifierKey, where: str = "") -> Checkpoint:
        """The checkpoint, signed by the log's key, of a tree that holds the leaf at its index.

        Raises:
            ProofError: it does not follow from the proof.
        """
        checkpoint = verify_checkpoint(self.checkpoint, key, where)
        try:
            verify_inclusion(leaf_hash(self.leaf), self.index, checkpoint.size, self.hashes, checkpoint.root)
        except ProofError as error:
            raise ProofError(error.what, where=where) from error
        return checkpoint


def parse_proof(data: str, where: str = "") -> LogProof:
    """The proof whose text form is exactly ``data``; nothing is verified yet.

    Source: C2SP tlog-proof, Format.

    Raises:
        ProofError: the text is not such a proof, or carries no leaf.
    """
    head, separator, checkpoint = data.partition("\n\n")
    lines = head.split("\n")
    if not separator or len(lines) < 3 or lines[0] != HEADER or len(lines) > 3 + MAX_HASHES:
        raise ProofError("The text is not a log proof.", where=where)
    index = _INDEX.match(lines[2])
    if not lines[1].startswith("extra ") or index is None:
        raise ProofError("The log proof lacks its leaf or its index.", where=where)
    hashes = tuple(decode_base64(line, where) for line in lines[3:])
    if any(len(value) != HASH_SIZE for value in hashes):
        raise ProofError("A line of the log proof is not a SHA-256 hash.", where=where)
    return LogProof(int(index[1]), hashes, checkpoint, decode_base64(lines[1][6:], where))
