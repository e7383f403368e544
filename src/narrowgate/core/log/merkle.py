"""The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962): roots, proofs, their verification.

A proof is computed from a function that gives the hash of any run of leaves, so the same code serves a
list in memory and tiles on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from narrowgate.core.base.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""RFC 9162 section 2.1.1: the hash of an empty list."""

SubtreeHash = Callable[[int, int], bytes]
"""From (start, end) to the Merkle tree hash of leaves ``start`` to ``end - 1``."""

_CHUNK = 256


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf; no inner node can have the same input (RFC 9162 section 2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162 section 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes, or over equally tall subtrees followed by a shorter one.

    Pairing neighbors and passing an odd last one up gives the tree that RFC 9162 defines by splitting
    at the largest power of two.
    """
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        parents = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        if len(level) % 2:
            parents.append(level[-1])
        level = parents
    return level[0]


class CompactRange:
    """The root over everything added so far, in memory that grows with the logarithm of its number."""

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._full_chunks = 0
        self._chunk: list[bytes] = []

    @property
    def size(self) -> int:
        """Number of leaves added."""
        return self._full_chunks * _CHUNK + len(self._chunk)

    def add(self, hash_of_leaf: bytes) -> None:
        """Add one leaf by its hash."""
        self._chunk.append(hash_of_leaf)
        if len(self._chunk) == _CHUNK:
            self._push()

    def add_leaves(self, leaves: Iterable[bytes]) -> None:
        """Add leaves by their data."""
        for data in leaves:
            self._chunk.append(sha256(b"\x00" + data).digest())
            if len(self._chunk) == _CHUNK:
                self._push()

    def root(self) -> bytes:
        """The Merkle tree hash of the leaves added; more may be added afterwards."""
        nodes = [*self._peaks, root(self._chunk)] if self._chunk else list(self._peaks)
        if not nodes:
            return EMPTY_ROOT
        result = nodes.pop()
        while nodes:
            result = node_hash(nodes.pop(), result)
        return result

    def _push(self) -> None:
        node = root(self._chunk)
        carry = self._full_chunks
        while carry % 2:  # a peak of the same height is to the left: merge, as in binary addition
            node = node_hash(self._peaks.pop(), node)
            carry //= 2
        self._peaks.append(node)
        self._full_chunks += 1
        self._chunk = []


def subtrees(leaf_hashes: Sequence[bytes]) -> SubtreeHash:
    """The subtree function over leaf hashes in memory."""
    return lambda start, end: root(leaf_hashes[start:end])


def split(size: int) -> int:
    """The largest power of two smaller than ``size``, which is at least 2 (RFC 9162 section 2.1.1)."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, subtree: SubtreeHash) -> tuple[bytes, ...]:
    """The hashes that prove leaf ``index`` to be in the tree of ``size`` leaves, leaf's sibling first.

    Source: RFC 9162 section 2.1.3.1.

    Raises:
        ProofError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"The log of {size} leaves has no leaf {index}.")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(
    hash_of_leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Returning proves that the leaf is at ``index`` of the tree with this size and root.

    Source: RFC 9162 section 2.1.3.2.

    Raises:
        ProofError: it does not follow from the proof, or a value is not 32 bytes long.
    """
    if not 0 <= index < size:
        raise ProofError(f"A log of {size} leaves has no leaf {index}.")
    _require_hashes(hash_of_leaf, *proof, root_hash)
    node, last, result = index, size - 1, hash_of_leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("The inclusion proof is too long.")
        if node % 2 or node == last:
            result = node_hash(sibling, result)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            result = node_hash(result, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise ProofError("The inclusion proof is too short.")
    if result != root_hash:
        raise ProofError("The inclusion proof leads to another root.")


def consistency_proof(old: int, new: int, subtree: SubtreeHash) -> tuple[bytes, ...]:
    """The hashes that prove the tree of ``new`` leaves to begin with the tree of ``old`` leaves.

    Empty where nothing need be proved: ``old`` is 0 or equal to ``new``. Source: RFC 9162 section 2.1.4.1.

    Raises:
        ProofError: ``old`` is not between 0 and ``new``.
    """
    if not 0 <= old <= new:
        raise ProofError(f"A log of {new} leaves cannot continue one of {old}.")
    if old == 0:
        return ()
    path = []
    start, end = 0, new
    while end != old:
        middle = start + split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    if start:  # otherwise the old root itself is this hash, and the verifier has it
        path.append(subtree(start, end))
    return tuple(reversed(path))


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Returning proves that the new tree begins with every leaf of the old one, unchanged.

    Every tree continues the empty one; of the new root this proves nothing. Source: RFC 9162 section 2.1.4.2.

    Raises:
        ProofError: it does not follow from the proof, or a value is not 32 bytes long.
    """
    if not 0 <= old <= new:
        raise ProofError(f"A log of {new} leaves cannot continue one of {old}.")
    _require_hashes(*proof, old_root, new_root)
    if any((size == 0) != (of_tree == EMPTY_ROOT) for size, of_tree in ((old, old_root), (new, new_root))):
        raise ProofError("A root is the empty tree's, and its size is another, or the reverse.")
    if old in {0, new}:
        if proof or (old == new and old_root != new_root):
            raise ProofError("The two roots contradict each other.")
        return
    older, newer = _connect(old, new, [old_root, *proof] if old & (old - 1) == 0 else proof)
    if older != old_root or newer != new_root:
        raise ProofError("The consistency proof does not connect the two roots.")


def _connect(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of the older and the newer tree that the hashes of a consistency proof lead to."""
    if not hashes:
        raise ProofError("The consistency proof is empty.")
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node // 2, last // 2
    older = newer = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofError("The consistency proof is too long.")
        if node % 2 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            newer = node_hash(newer, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise ProofError("The consistency proof is too short.")
    return older, newer


def _require_hashes(*values: bytes) -> None:
    """A value of another length is no hash: two of them together could have the bytes of an inner node."""
    if any(len(value) != HASH_SIZE for value in values):
        raise ProofError("A value of the proof is not a SHA-256 hash.")
