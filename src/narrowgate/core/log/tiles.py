"""Tiles and entry bundles (C2SP tlog-tiles): their paths, their bytes, and the tree they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from narrowgate.core.base.errors import REPORT_IT, LogInconsistentError, OperationalError, ProofError
from narrowgate.core.log.merkle import HASH_SIZE, leaf_hash, root, split

TILE_WIDTH = 256
MAX_ENTRY_BYTES = 65_535
ENTRIES = -1
"""In place of a level: the tile is an entry bundle."""

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")


@dataclass(frozen=True, slots=True)
class Tile:
    """The name of one file of a log: up to 256 entries, or as many hashes of one level.

    Args:
        level: 0 to 63, or ``ENTRIES``.
        index: number of the tile within its level, from 0.
        width: number of hashes or entries; 256 when full.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below the log's directory (tlog-tiles, Merkle Tree)."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level == ENTRIES else self.level}/{name}{partial}"

    def is_within(self, size: int) -> bool:
        """Whether a tree of ``size`` leaves determines every byte of the tile."""
        return self.index * TILE_WIDTH + self.width <= size >> 8 * max(self.level, 0)


def parse_tile_path(path: str) -> Tile:
    """The tile whose path is exactly ``path``.

    Raises:
        LogInconsistentError: no tile has this path.
    """
    match = _PATH.match(path)
    if match:
        level = ENTRIES if match[1] == "entries" else int(match[1])
        index = int(match[2].replace("x", "").replace("/", ""))
        width = int(match[3]) if match[3] else TILE_WIDTH
        tile = Tile(level, index, width)
        # A full tile has no width in its path, so a written one is 1 to 255.
        if tile.path == path and level < 64 and width <= TILE_WIDTH:
            return tile
    raise LogInconsistentError("The file does not belong to a log.", where=path)


def last_tile(level: int, size: int) -> Tile:
    """The rightmost tile of a level in a tree of ``size`` leaves, which has a hash on that level."""
    index, width = divmod(size >> 8 * max(level, 0), TILE_WIDTH)
    return Tile(level, index, width) if width else Tile(level, index - 1)


def tile_holding(level: int, position: int, size: int) -> Tile:
    """The tile that holds hash (or entry) ``position`` of a level in a tree of ``size`` leaves."""
    last = last_tile(level, size)
    index = position // TILE_WIDTH
    return last if index == last.index else Tile(level, index)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The entry bundle: each entry after its length as big-endian uint16 (tlog-tiles, Log entries).

    Raises:
        OperationalError: an entry is longer than 65,535 bytes.
    """
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise OperationalError(
            "A leaf is longer than 65,535 bytes.",
            why="No entry bundle can hold it.",
            next_step=REPORT_IT,
        )
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


class BundledLeaves(NamedTuple):
    """Consecutive leaves that lie in one bundle, made ready to be written.

    Args:
        entries: as ``encode_bundle`` writes them.
        hashes: of each leaf, side by side.
    """

    entries: bytes
    hashes: bytes


def bundle_leaves(leaves: Sequence[bytes]) -> BundledLeaves:
    """These leaves, encoded and hashed; the same in any process.

    Raises: as ``encode_bundle``.
    """
    return BundledLeaves(encode_bundle(leaves), b"".join(map(leaf_hash, leaves)))


def leaves_of_bundle(some: BundledLeaves) -> list[bytes]:
    """The leaves that ``bundle_leaves`` was given."""
    return decode_bundle(some.entries, len(some.hashes) // HASH_SIZE, "leaves made ready")


def decode_bundle(data: bytes, width: int, where: str) -> list[bytes]:
    """The ``width`` entries that make up exactly ``data``.

    Raises:
        LogInconsistentError: the bytes are not a bundle of so many entries.
    """
    entries = []
    position, end = 0, len(data)
    while position < end:
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    if position != end or len(entries) != width:
        raise LogInconsistentError("The entry bundle is torn.", where=where)
    return entries


def decode_tile(data: bytes, width: int, where: str) -> list[bytes]:
    """The ``width`` hashes that make up exactly ``data``.

    Raises:
        LogInconsistentError: the bytes are not so many hashes.
    """
    if len(data) != width * HASH_SIZE:
        raise LogInconsistentError("The tile has the wrong length.", where=where)
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


class RightEdge:
    """The growing side of the tree: the unfinished tile of every level, and nothing else.

    Writer and verifier both feed leaf hashes and receive each tile as it fills, so that the one
    writes exactly what the other expects.
    """

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]

    @classmethod
    def load(cls, size: int, read: Callable[[Tile], bytes]) -> RightEdge:
        """The edge of a tree of ``size`` leaves, from its partial tiles.

        Raises:
            LogInconsistentError: a partial tile has the wrong length.
        """
        edge = cls()
        edge.size = size
        edge._levels = []
        for tile in edge._unfinished():
            hashes = decode_tile(read(tile), tile.width, tile.path) if tile.width else []
            edge._levels.append(hashes)
        return edge

    @property
    def room(self) -> int:
        """How many leaves the unfinished tile of level 0 still takes: 1 to 256."""
        return TILE_WIDTH - len(self._levels[0])

    def add(self, leaf_hashes: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Add at most ``room`` leaves; the tiles that this filled, lowest level first."""
        self._levels[0].extend(leaf_hashes)
        self.size += len(leaf_hashes)
        filled = []
        level = 0
        while len(self._levels[level]) == TILE_WIDTH:
            hashes = self._levels[level]
            filled.append((Tile(level, (self.size >> 8 * (level + 1)) - 1), b"".join(hashes)))
            self._levels[level] = []
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(root(hashes))
        return filled

    def partial_tiles(self) -> list[tuple[Tile, bytes]]:
        """The unfinished tiles that are not empty, lowest level first."""
        tiles = zip(self._unfinished(), self._levels, strict=True)
        return [(tile, b"".join(hashes)) for tile, hashes in tiles if hashes]

    def root(self) -> bytes:
        """The Merkle tree hash over all leaves."""
        rest: list[bytes] = []
        for hashes in self._levels:
            nodes = hashes + rest
            rest = [root(nodes)] if nodes else []
        return rest[0] if rest else root([])

    def _unfinished(self) -> Iterator[Tile]:
        level = 0
        while level == 0 or self.size >> 8 * level:
            index, width = divmod(self.size >> 8 * level, TILE_WIDTH)
            yield Tile(level, index, width)
            level += 1


class TileHashes:
    """Hashes of any run of leaves of a tree that lies in tiles; reads each tile once while in use.

    Args:
        size: number of leaves of the tree.
        read: from a tile to its bytes.
    """

    _KEPT_TILES = 64

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._read = read
        self._kept: dict[Tile, list[bytes]] = {}

    def subtree(self, start: int, end: int) -> bytes:
        """The Merkle tree hash of leaves ``start`` to ``end - 1``, where ``start`` begins a subtree.

        Raises:
            ProofError: the tree has no such leaves.
            LogInconsistentError: a tile has the wrong length.
        """
        if not 0 <= start <= end <= self._size:
            raise ProofError(f"The log of {self._size} leaves has no leaves {start} to {end}.")
        if start == end:
            return root([])
        nodes = []
        while start < end:
            length = end - start
            length = length if length & (length - 1) == 0 else split(length)
            nodes.append(self._complete(start, length))
            start += length
        result = nodes.pop()
        while nodes:
            result = root([nodes.pop(), result])
        return result

    def _complete(self, start: int, length: int) -> bytes:
        """The hash of a complete subtree: a run of hashes within one tile."""
        level, height = divmod(length.bit_length() - 1, 8)
        position = start >> 8 * level
        tile = tile_holding(level, position, self._size)
        offset = position % TILE_WIDTH
        return root(self._hashes(tile)[offset : offset + (1 << height)])

    def _hashes(self, tile: Tile) -> list[bytes]:
        if tile not in self._kept:
            if len(self._kept) == self._KEPT_TILES:
                self._kept.clear()
            self._kept[tile] = decode_tile(self._read(tile), tile.width, tile.path)
        return self._kept[tile]
