"""Many leaves in one proof: it proves what single proofs prove, with fewer hashes, and nothing else passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.merkle import inclusion_proof, leaf_hash, root, subtrees, verify_inclusion
from narrowgate.core.log.multi_proof import (
    LeafRun,
    path_to_peak,
    peaks,
    peaks_before,
    proof_beside,
    verify_leaves,
)

HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(700)]


@st.composite
def runs(draw: st.DrawFn) -> tuple[int, int, list[int]]:
    """Where a run starts, where it ends, and some of its leaves."""
    start = draw(st.integers(0, 300))
    end = draw(st.integers(start + 1, start + 300))
    return start, end, sorted(draw(st.sets(st.integers(start, end - 1), min_size=1, max_size=40)))


def run_of(start: int, end: int) -> LeafRun:
    return LeafRun(start, peaks(start, subtrees(HASHES)), b"".join(HASHES[start:end]))


def leaves_at(indexes: list[int]) -> list[tuple[int, bytes]]:
    return [(index, HASHES[index]) for index in indexes]


@given(runs())
def test_the_leaves_of_a_run_are_proved_in_the_tree_that_it_ends(drawn: tuple[int, int, list[int]]) -> None:
    start, end, indexes = drawn
    run = run_of(start, end)
    assert run.size == end
    assert run.peaks() == peaks(end, subtrees(HASHES))
    verify_leaves(leaves_at(indexes), end, run.prove(indexes), run.peaks())


@given(runs(), st.integers(1, 100))
def test_a_verified_proof_of_the_next_leaf_holds_the_peaks(
    drawn: tuple[int, int, list[int]], more: int
) -> None:
    _, end, _ = drawn
    size = end + more
    proof = inclusion_proof(end, size, subtrees(HASHES[:size]))
    verify_inclusion(HASHES[end], end, size, proof, root(HASHES[:size]))
    assert peaks_before(end, size, proof) == peaks(end, subtrees(HASHES))


@given(runs())
def test_it_holds_what_the_single_proofs_hold_below_the_peaks_and_each_hash_once(
    drawn: tuple[int, int, list[int]],
) -> None:
    start, end, indexes = drawn
    tops = set(peaks(end, subtrees(HASHES)))
    single = [set(inclusion_proof(index, end, subtrees(HASHES[:end]))) for index in indexes]
    proof = run_of(start, end).prove(indexes)
    assert len(proof) == len(set(proof))
    assert set(proof) <= set().union(*single) - tops
    if len(indexes) == 1:
        path = inclusion_proof(indexes[0], end, subtrees(HASHES[:end]))
        assert proof == list(path[: len(proof)])


@given(runs(), st.data())
def test_any_other_leaf_index_hash_or_size_is_refused(
    drawn: tuple[int, int, list[int]], data: st.DataObject
) -> None:
    start, end, indexes = drawn
    run = run_of(start, end)
    proof, tops, leaves = run.prove(indexes), run.peaks(), leaves_at(indexes)
    changed = data.draw(st.integers(0, len(indexes) - 1))
    index, value = leaves[changed]
    other_index = data.draw(st.integers(0, 699).filter(lambda drawn: drawn != index))
    other_value = HASHES[data.draw(st.integers(0, 699).filter(lambda drawn: drawn != index))]
    for wrong in ((index, other_value), (other_index, value)):
        with pytest.raises(ProofError):
            verify_leaves([*leaves[:changed], wrong, *leaves[changed + 1 :]], end, proof, tops)
    with pytest.raises(ProofError):
        verify_leaves(leaves, end, [*proof, HASHES[0]], tops)
    with pytest.raises(ProofError):
        verify_leaves(leaves, end, proof, [*tops[:-1], HASHES[-1]] if indexes[-1] == end - 1 else tops[:-1])
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        with pytest.raises(ProofError):
            verify_leaves(leaves, end, proof[:at] + proof[at + 1 :], tops)
        with pytest.raises(ProofError):
            verify_leaves(leaves, end, [*proof[:at], leaf_hash(proof[at]), *proof[at + 1 :]], tops)
        with pytest.raises(ProofError):
            verify_leaves(leaves, end, [*proof[:at], proof[at][:-1], *proof[at + 1 :]], tops)


def test_leaves_twice_or_out_of_order_or_outside_the_tree_are_refused() -> None:
    run = run_of(3, 9)
    for indexes in ([4, 4], [5, 4], [8, 9], [-1, 4]):
        with pytest.raises(ProofError, match="out of order, or not in the tree"):
            verify_leaves(leaves_at(indexes), 9, [], run.peaks())


def test_a_run_that_does_not_follow_its_tree_is_refused() -> None:
    with pytest.raises(ProofError, match="do not follow"):
        LeafRun(3, peaks(1, subtrees(HASHES)), HASHES[3])
    with pytest.raises(ProofError, match="do not follow"):
        LeafRun(2, peaks(2, subtrees(HASHES)), HASHES[2][:-1])


def test_the_number_of_hashes_depends_on_the_indexes_and_the_size_alone() -> None:
    other = [leaf_hash(value) for value in HASHES]
    one = run_of(5, 300).prove([7, 8, 200])
    two = LeafRun(5, peaks(5, subtrees(other)), b"".join(other[5:300])).prove([7, 8, 200])
    assert len(one) == len(two)


@given(runs(), st.integers(1, 100))
def test_the_proof_of_each_leaf_alone_follows_from_the_proofs_of_all_and_of_the_next(
    drawn: tuple[int, int, list[int]], more: int
) -> None:
    start, end, indexes = drawn
    size = end + more
    subtree = subtrees(HASHES[:size])
    shared = run_of(start, end).prove(indexes)
    of_next = inclusion_proof(end, size, subtree)
    for index in indexes:
        path = path_to_peak(index, leaves_at(indexes), end, shared)
        alone = proof_beside(index, path, end, HASHES[end], size, of_next)
        assert alone == inclusion_proof(index, size, subtree)


def test_no_leaf_is_proved_beside_one_that_is_not_later() -> None:
    proof = inclusion_proof(3, 10, subtrees(HASHES[:10]))
    with pytest.raises(ProofError):
        proof_beside(7, (), 3, HASHES[3], 10, proof)
