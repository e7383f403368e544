"""The tree of RFC 9162 on its published vectors, and against its own definition."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    subtrees,
    verify_consistency,
    verify_inclusion,
)

VECTOR_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
VECTOR_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The eight leaves and roots of the reference implementation of RFC 6962 (certificate-transparency)."""


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def by_definition(leaf_hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if not leaf_hashes:
        return sha256(b"").digest()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    middle = 1
    while middle * 2 < len(leaf_hashes):
        middle *= 2
    return node_hash(by_definition(leaf_hashes[:middle]), by_definition(leaf_hashes[middle:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_are_reproduced(size: int) -> None:
    assert root([leaf_hash(leaf) for leaf in VECTOR_LEAVES[:size]]).hex() == VECTOR_ROOTS[size - 1]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 255, 256, 257, 511, 513, 1000])
def test_the_root_and_the_compact_range_follow_the_definition(size: int) -> None:
    leaf_hashes = hashes(size)
    compact = CompactRange()
    for value in leaf_hashes:
        compact.add(value)
    assert root(leaf_hashes) == compact.root() == by_definition(leaf_hashes)
    assert compact.size == size


def test_a_compact_range_goes_on_after_its_root_was_taken() -> None:
    compact = CompactRange()
    compact.add_leaves([b"a", b"b"])
    assert compact.root() == root([leaf_hash(b"a"), leaf_hash(b"b")])
    compact.add_leaves([b"c"])
    assert compact.root() == root([leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")])


def test_every_leaf_of_every_small_tree_is_proved_and_no_other() -> None:
    for size in range(1, 20):
        leaf_hashes = hashes(size)
        for index in range(size):
            proof = inclusion_proof(index, size, subtrees(leaf_hashes))
            verify_inclusion(leaf_hashes[index], index, size, proof, root(leaf_hashes))
            with pytest.raises(ProofError):
                verify_inclusion(leaf_hash(b"x"), index, size, proof, root(leaf_hashes))
            with pytest.raises(ProofError):
                verify_inclusion(leaf_hashes[index], index, size, (*proof, bytes(32)), root(leaf_hashes))
            if proof:
                with pytest.raises(ProofError):
                    verify_inclusion(leaf_hashes[index], index, size, proof[:-1], root(leaf_hashes))


def test_every_pair_of_small_trees_is_proved_consistent() -> None:
    leaf_hashes = hashes(20)
    for new in range(21):
        for old in range(new + 1):
            proof = consistency_proof(old, new, subtrees(leaf_hashes[:new]))
            verify_consistency(old, new, proof, root(leaf_hashes[:old]), root(leaf_hashes[:new]))


def test_a_fork_is_never_proved_consistent() -> None:
    leaf_hashes = hashes(20)
    forked = [leaf_hash(b"another"), *leaf_hashes[1:]]
    for new in range(2, 21):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, subtrees(forked[:new]))
            with pytest.raises(ProofError):
                verify_consistency(old, new, proof, root(leaf_hashes[:old]), root(forked[:new]))


def test_a_consistency_proof_of_another_length_is_refused() -> None:
    leaf_hashes = hashes(13)
    old_root, new_root = root(leaf_hashes[:6]), root(leaf_hashes)
    proof = consistency_proof(6, 13, subtrees(leaf_hashes))
    for other in ((), proof[:-1], (*proof, bytes(32))):
        with pytest.raises(ProofError):
            verify_consistency(6, 13, other, old_root, new_root)


def test_the_empty_tree_precedes_every_tree_and_only_with_its_own_root() -> None:
    verify_consistency(0, 3, (), EMPTY_ROOT, root(hashes(3)))
    with pytest.raises(ProofError):
        verify_consistency(0, 3, (), bytes(32), root(hashes(3)))


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        inclusion_proof(index, size, subtrees(hashes(max(size, 0))))
    with pytest.raises(ProofError):
        verify_inclusion(bytes(32), index, size, (), bytes(32))


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_log_never_continues_a_longer_one(old: int, new: int) -> None:
    with pytest.raises(ProofError):
        consistency_proof(old, new, subtrees(hashes(new)))
    with pytest.raises(ProofError):
        verify_consistency(old, new, (), bytes(32), bytes(32))


def test_two_empty_trees_have_one_root() -> None:
    verify_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    for old_root, new_root in ((EMPTY_ROOT, hashes(1)[0]), (hashes(1)[0], hashes(1)[0])):
        with pytest.raises(ProofError):
            verify_consistency(0, 0, (), old_root, new_root)


def test_no_tree_with_leaves_has_the_root_of_the_empty_one() -> None:
    with pytest.raises(ProofError):
        verify_consistency(0, 7, (), EMPTY_ROOT, EMPTY_ROOT)


@pytest.mark.parametrize("change", [lambda value: value[:-1], lambda value: value + b"\0", lambda _: b""])
def test_a_value_of_another_length_is_no_hash(change: Callable[[bytes], bytes]) -> None:
    leaves = hashes(7)
    whole, three = root(leaves), root(leaves[:3])
    included = inclusion_proof(2, 7, subtrees(leaves))
    consistent = consistency_proof(3, 7, subtrees(leaves))
    for position in range(len(included)):
        proof = [change(value) if place == position else value for place, value in enumerate(included)]
        with pytest.raises(ProofError, match="not a SHA-256 hash"):
            verify_inclusion(leaves[2], 2, 7, proof, whole)
    for proof, old, new in (
        ([*map(change, consistent)], three, whole),
        (consistent, change(three), whole),
        (consistent, three, change(whole)),
    ):
        with pytest.raises(ProofError, match="not a SHA-256 hash"):
            verify_consistency(3, 7, proof, old, new)
    short = change(leaves[0])
    with pytest.raises(ProofError, match="not a SHA-256 hash"):
        verify_inclusion(short, 0, 1, (), short)
