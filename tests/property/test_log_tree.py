"""The log as a tree: whatever is appended, in whatever pieces, is proved, and nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.leaf import ItemLeaves, parse_leaf
from narrowgate.core.log.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    subtrees,
    verify_consistency,
    verify_inclusion,
)
from narrowgate.core.log.tiles import (
    ENTRIES,
    RightEdge,
    Tile,
    TileHashes,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
)

HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(1_200)]
SIZES = st.integers(0, len(HASHES))


def tiles_of(sizes: list[int]) -> tuple[RightEdge, dict[Tile, bytes]]:
    """A tree grown to each size in turn, with every tile that was ever written."""
    edge, tiles = RightEdge(), {}
    for size in sizes:
        while edge.size < size:
            tiles.update(edge.add(HASHES[edge.size : min(size, edge.size + edge.room)]))
        tiles.update(edge.partial_tiles())
    return edge, tiles


@given(st.lists(SIZES, min_size=1, max_size=6).map(sorted))
def test_the_root_does_not_depend_on_the_steps_of_growth(sizes: list[int]) -> None:
    edge, tiles = tiles_of(sizes)
    compact = CompactRange()
    for value in HASHES[: sizes[-1]]:
        compact.add(value)
    assert edge.root() == compact.root() == root(HASHES[: sizes[-1]])
    for size in sizes:  # every tile of every checkpoint is still there
        assert TileHashes(size, tiles.__getitem__).subtree(0, size) == root(HASHES[:size])


@given(st.data())
def test_a_leaf_is_proved_from_tiles_at_its_own_index_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(HASHES)))
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    _, tiles = tiles_of([size])
    proof = inclusion_proof(index, size, TileHashes(size, tiles.__getitem__).subtree)
    assert proof == inclusion_proof(index, size, subtrees(HASHES[:size]))
    verify_inclusion(HASHES[index], index, size, proof, root(HASHES[:size]))
    if other != index:
        assert refused(lambda: verify_inclusion(HASHES[other], index, size, proof, root(HASHES[:size])))
        assert refused(lambda: verify_inclusion(HASHES[index], other, size, proof, root(HASHES[:size])))


@given(SIZES, SIZES, SIZES)
def test_a_longer_tree_is_proved_to_continue_a_shorter_one_and_no_other(a: int, b: int, c: int) -> None:
    old, new = sorted((a, b))
    _, tiles = tiles_of([new])
    proof = consistency_proof(old, new, TileHashes(new, tiles.__getitem__).subtree)
    verify_consistency(old, new, proof, root(HASHES[:old]), root(HASHES[:new]))
    if c != old:
        assert refused(lambda: verify_consistency(old, new, proof, root(HASHES[:c]), root(HASHES[:new])))


@given(st.integers(-1, 63), st.integers(0, 10**10), st.integers(1, 256))
def test_a_tile_has_one_path(level: int, index: int, width: int) -> None:
    assert parse_tile_path(Tile(level, index, width).path) == Tile(level, index, width)


@given(st.lists(st.binary(max_size=40), max_size=256))
def test_a_bundle_has_one_encoding(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries), Tile(ENTRIES, 0).path) == entries


words = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}", fullmatch=True)
digests = st.binary(min_size=32, max_size=32)


@given(words, words, words, st.integers(0, 2**40), st.lists(words, max_size=4).map(tuple), digests)
def test_an_item_leaf_assembled_by_hand_is_its_canonical_json(
    package: str, form: str, rules: str, row: int, findings: tuple[str, ...], digest: bytes
) -> None:
    data = ItemLeaves(package, form, rules).leaf(row, findings, digest, digest[::-1], bytes(32))
    fields = parse_leaf(data, "")
    assert canonical_bytes(fields) == data
    assert (fields["package"], fields["row"], tuple(fields["findings"])) == (package, row, findings)


def refused(verification: object) -> bool:
    assert callable(verification)
    try:
        verification()
    except ProofError:
        return True
    return False
