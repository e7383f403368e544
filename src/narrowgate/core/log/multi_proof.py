"""One proof for many leaves of a tree: each hash that several of their inclusion proofs share is there once.

The proof leads to the peaks of the tree: the roots of the perfect subtrees into which RFC 9162 section 2.1.1 cuts
it from the left, one for each bit of its size. A verified inclusion proof of the leaf that comes next holds exactly
these hashes (:func:`peaks_before`). So leaves can be proved before that last leaf exists, and the proof still ends
in the checkpoint that covers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from operator import itemgetter

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.merkle import HASH_SIZE, SubtreeHash, node_hash, split


def peaks(size: int, subtree: SubtreeHash) -> tuple[bytes, ...]:
    """The peaks of the tree of ``size`` leaves, the largest first.

    Args:
        size: number of leaves, not negative.
        subtree: hashes of that tree, or of one that continues it.
    """
    found = []
    start = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            found.append(subtree(start, start + (1 << height)))
            start += 1 << height
    return tuple(found)


def peaks_before(index: int, size: int, proof: Sequence[bytes]) -> tuple[bytes, ...]:
    """The peaks of the tree of the leaves before ``index``, the largest first, out of the leaf's inclusion proof.

    They are the siblings to the left of the leaf's path, so they are as good as the proof: verify it first
    (``merkle.verify_inclusion``).

    Args:
        index: of the leaf.
        size: of the tree that the proof is for; larger than ``index``.
        proof: verified inclusion proof of the leaf, its sibling first.
    """
    found = []
    start, end = 0, size
    for sibling in reversed(proof):
        middle = start + split(end - start)
        if index < middle:
            end = middle
        else:
            found.append(sibling)
            start = middle
    return tuple(found)


class LeafRun:
    """The last leaves of a tree, ready to be proved in it, with nothing of the leaves before but their peaks.

    Args:
        start: number of leaves before the run.
        peaks_of_start: peaks of the tree of those leaves, the largest first.
        leaf_hashes: of the run's leaves, in order, side by side; 32 bytes each.
        written: how a hash stands in a proof, such as in base64; as it is, where nothing is said. Each is written
            once, however many proofs hold it.

    Raises:
        ProofError: the number of peaks is not that of ``start``, or a hash is torn.
    """

    def __init__(
        self,
        start: int,
        peaks_of_start: Sequence[bytes],
        leaf_hashes: bytes,
        written: Callable[[bytes], bytes] = bytes,
    ) -> None:
        if len(peaks_of_start) != start.bit_count() or len(leaf_hashes) % HASH_SIZE:
            raise ProofError("The leaves of a run do not follow the tree before it.")
        self.size = start + len(leaf_hashes) // HASH_SIZE
        self._levels: list[tuple[int, list[bytes]]] = []
        before = list(peaks_of_start)
        tops: list[bytes] = []
        hashes = leaf_hashes  # side by side: as a list, a million would take a hundred megabytes more
        for height in range(self.size.bit_length()):
            if start >> height & 1:  # the left sibling of the run's first node on this level
                hashes = before.pop() + hashes
            places = range(0, len(hashes), HASH_SIZE)
            self._levels.append(
                (start >> height & ~1, [written(hashes[at : at + HASH_SIZE]) for at in places])
            )
            if self.size >> height & 1:
                tops.append(hashes[-HASH_SIZE:])
            whole = len(hashes) - len(hashes) % (2 * HASH_SIZE)
            hashes = b"".join(
                [
                    sha256(b"\x01" + hashes[at : at + 2 * HASH_SIZE]).digest()
                    for at in range(0, whole, 2 * HASH_SIZE)
                ]
            )
        self._peaks = tuple(reversed(tops))

    def peaks(self) -> tuple[bytes, ...]:
        """The peaks of the tree with the run, the largest first."""
        return self._peaks

    def prove(self, indexes: Iterable[int]) -> list[bytes]:
        """The hashes that lead from these leaves to the peaks: level by level from the leaves, from left to right.

        Their number depends on the indexes and the size of the tree alone.

        Args:
            indexes: of leaves of the run, counted from the beginning of the tree; rising.
        """
        proof: list[bytes] = []
        nodes = list(indexes)
        for height, (first, hashes) in enumerate(self._levels):
            width = self.size >> height
            if width % 2 and nodes and nodes[-1] == width - 1:
                nodes.pop()  # a peak
            parents = [node >> 1 for node in nodes]
            if len(set(parents)) == len(parents):  # no two are siblings, as on most levels
                siblings = [(node ^ 1) - first for node in nodes]
                nodes = parents
            else:
                of_level = frozenset(nodes)
                siblings = [sibling - first for node in nodes if (sibling := node ^ 1) not in of_level]
                nodes = list(dict.fromkeys(parents))
            if len(siblings) > 1:  # all at once takes half the time of one after the other
                proof += itemgetter(*siblings)(hashes)
            else:
                proof += [hashes[sibling] for sibling in siblings]
        return proof


def verify_leaves(
    leaves: Sequence[tuple[int, bytes]], size: int, proof: Sequence[bytes], peaks_of_tree: Sequence[bytes]
) -> None:
    """Returning proves that each of these leaves is in the tree with these peaks, at its index.

    Args:
        leaves: index and leaf hash of each, in rising order of the index.
        size: number of leaves of the tree.
        proof: as ``LeafRun.prove`` orders it.
        peaks_of_tree: of the tree of ``size`` leaves, the largest first.

    Raises:
        ProofError: it does not follow from the proof, or the proof holds more than it takes.
    """
    if len(peaks_of_tree) != size.bit_count():
        raise ProofError(f"A tree of {size} leaves does not have {len(peaks_of_tree)} peaks.")
    indexes = [index for index, _ in leaves]
    if indexes != sorted(set(indexes)) or (indexes and not 0 <= indexes[0] <= indexes[-1] < size):
        raise ProofError("The leaves to be proved are out of order, or not in the tree.")
    if any(len(value) != HASH_SIZE for value in chain(proof, peaks_of_tree)):
        raise ProofError("A hash of the proof is not 32 bytes long.")
    siblings, remaining = iter(proof), list(peaks_of_tree)
    nodes: list[tuple[int, bytes]] = list(leaves)
    for height in range(size.bit_length()):
        width = size >> height
        if width & 1:
            peak = remaining.pop()
            if nodes and nodes[-1][0] == width - 1 and nodes.pop()[1] != peak:
                raise ProofError("The proof of the leaves leads to another tree.")
        nodes = _parents(nodes, siblings)
    if next(siblings, None) is not None:
        raise ProofError("The proof of the leaves is too long.")


def _parents(nodes: list[tuple[int, bytes]], siblings: Iterator[bytes]) -> list[tuple[int, bytes]]:
    """The nodes one level up; what is missing of their children is taken from ``siblings``."""
    return [(parent, node_hash(left, right)) for parent, left, right in _families(nodes, siblings)]


def _families(
    nodes: list[tuple[int, bytes]], siblings: Iterator[bytes]
) -> Iterator[tuple[int, bytes, bytes]]:
    """Each parent's index and its two children; what is missing of them is taken from ``siblings``."""
    position = 0
    while position < len(nodes):
        node, value = nodes[position]
        position += 1
        if position < len(nodes) and nodes[position][0] == node ^ 1:
            sibling = nodes[position][1]
            position += 1
        else:
            taken = next(siblings, None)
            if taken is None:
                raise ProofError("The proof of the leaves is too short.")
            sibling = taken
        yield (node >> 1, sibling, value) if node & 1 else (node >> 1, value, sibling)


def path_to_peak(
    index: int, leaves: Sequence[tuple[int, bytes]], size: int, proof: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The siblings of one leaf's path to its peak, its own sibling first, out of the proof of many leaves.

    Args:
        index: of one of the leaves.
        leaves: all that the proof is of, as ``verify_leaves`` took them.
        size: of the tree.
        proof: verified (``verify_leaves``).
    """
    path: list[bytes] = []
    siblings = iter(proof)
    nodes = list(leaves)
    for height in range(size.bit_length()):
        width = size >> height
        if width & 1:
            if index >> height == width - 1:
                break
            if nodes and nodes[-1][0] == width - 1:
                nodes.pop()
        families = list(_families(nodes, siblings))
        path.extend(
            left if index >> height & 1 else right
            for parent, left, right in families
            if parent == index >> height + 1
        )
        nodes = [(parent, node_hash(left, right)) for parent, left, right in families]
    return tuple(path)


def proof_beside(
    index: int, path: Sequence[bytes], later: int, hash_of_later: bytes, size: int, proof: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The inclusion proof of a leaf (RFC 9162 section 2.1.3.1), out of that of a later one whose peaks it is under.

    Above the peak the two paths are one; beside the peak is the subtree of the later leaf, which its own proof gives.

    Args:
        index: of the leaf.
        path: its siblings up to its peak in the tree of the leaves before ``later``.
        later: index of the later leaf.
        hash_of_later: its leaf hash.
        size: of the tree that both proofs are for.
        proof: verified inclusion proof of the later leaf.
    """
    start, end = 0, size
    for above, _ in enumerate(proof):
        middle = start + split(end - start)
        if index < middle <= later:
            below = len(proof) - above - 1
            beside = _root(hash_of_later, later - middle, end - middle, proof[:below])
            return (*path, beside, *proof[below + 1 :])
        start, end = (start, middle) if later < middle else (middle, end)
    raise ProofError(f"The leaf {index} is not before the leaf {later}.")


def _root(hash_of_leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a leaf and its inclusion proof lead to."""
    is_left: list[bool] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        is_left.append(index < middle)
        start, end = (start, middle) if index < middle else (middle, end)
    result = hash_of_leaf
    for left, sibling in zip(reversed(is_left), proof, strict=True):
        result = node_hash(result, sibling) if left else node_hash(sibling, result)
    return result
