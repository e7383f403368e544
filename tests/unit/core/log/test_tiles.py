"""Tiles: paths, bytes, and the tree they hold."""

from __future__ import annotations

import pytest

from narrowgate.core.base.errors import LogInconsistentError, OperationalError, ProofError
from narrowgate.core.log.merkle import leaf_hash, root
from narrowgate.core.log.tiles import (
    ENTRIES,
    RightEdge,
    Tile,
    TileHashes,
    decode_bundle,
    decode_tile,
    encode_bundle,
    last_tile,
    parse_tile_path,
    tile_holding,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 67, 12), "tile/0/067.p/12"),
        (Tile(1, 1067), "tile/1/x001/067"),
        (Tile(2, 1234067), "tile/2/x001/x234/067"),
        (Tile(ENTRIES, 999_999, 255), "tile/entries/x999/999.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/00/000",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/entries/000.p/300",
        "tile/0/000.p/07",
        "tile/0/000.p",
        "tile/0/000\n",
        "tile/-1/000",
        "tiles/0/000",
        "notes.txt",
        "",
    ],
)
def test_a_path_in_another_spelling_is_no_tile(path: str) -> None:
    with pytest.raises(LogInconsistentError):
        parse_tile_path(path)


def test_the_tree_of_70_000_leaves_has_the_tiles_that_the_specification_counts() -> None:
    edge = RightEdge()
    full = []
    zero = bytes(32)
    while edge.size < 70_000:
        full += [tile for tile, _ in edge.add([zero] * min(edge.room, 70_000 - edge.size))]
    partial = [tile for tile, _ in edge.partial_tiles()]
    assert len([tile for tile in full if tile.level == 0]) == 273
    assert [tile for tile in full if tile.level == 1] == [Tile(1, 0)]
    assert partial == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above() -> None:
    edge = RightEdge()
    assert [tile for tile, _ in edge.add([bytes(32)] * 256)] == [Tile(0, 0)]
    assert [tile for tile, _ in edge.partial_tiles()] == [Tile(1, 0, 1)]


def test_a_tile_is_within_a_tree_that_determines_all_its_hashes() -> None:
    assert Tile(0, 273, 112).is_within(70_000)
    assert not Tile(0, 273, 113).is_within(70_000)
    assert Tile(1, 1, 17).is_within(70_000)
    assert not Tile(1, 1, 18).is_within(70_000)
    assert not Tile(ENTRIES, 274, 1).is_within(70_000)


def test_the_tile_holding_a_hash_is_partial_only_at_the_end() -> None:
    assert tile_holding(0, 69_999, 70_000) == last_tile(0, 70_000) == Tile(0, 273, 112)
    assert tile_holding(0, 0, 70_000) == Tile(0, 0)
    assert last_tile(ENTRIES, 512) == Tile(ENTRIES, 1)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 300, 512, 65_536, 65_800])
def test_an_edge_loaded_from_its_tiles_goes_on_as_if_never_stored(size: int) -> None:
    leaf_hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(size + 3)]
    edge, tiles = RightEdge(), {}
    while edge.size < size:
        tiles.update(edge.add(leaf_hashes[edge.size : min(size, edge.size + edge.room)]))
    tiles.update(edge.partial_tiles())
    loaded = RightEdge.load(size, tiles.__getitem__)
    assert loaded.root() == edge.root() == root(leaf_hashes[:size])
    for value in leaf_hashes[size:]:
        loaded.add([value])
    assert loaded.root() == root(leaf_hashes)
    hashes = TileHashes(size, tiles.__getitem__)
    assert hashes.subtree(0, size) == root(leaf_hashes[:size])
    for earlier in (size // 2, size // 3):
        assert hashes.subtree(0, earlier) == root(leaf_hashes[:earlier])


def test_hashes_beyond_the_tree_are_not_given() -> None:
    with pytest.raises(ProofError):
        TileHashes(5, lambda _: b"").subtree(0, 6)


def test_a_bundle_reads_back() -> None:
    entries = [b"", b"a", bytes(65_535)]
    assert decode_bundle(encode_bundle(entries), 3, "x") == entries
    assert encode_bundle([b"ab"]) == b"\x00\x02ab"


def test_an_entry_too_long_for_its_prefix_is_refused() -> None:
    with pytest.raises(OperationalError):
        encode_bundle([bytes(65_536)])


@pytest.mark.parametrize(
    ("data", "width"), [(b"\x00\x02a", 1), (b"\x00", 1), (b"\x00\x01a", 2), (b"\x00\x01ab", 1), (b"", 1)]
)
def test_a_torn_bundle_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(LogInconsistentError):
        decode_bundle(data, width, "x")


def test_a_tile_of_another_length_is_refused() -> None:
    with pytest.raises(LogInconsistentError):
        decode_tile(bytes(63), 2, "x")
