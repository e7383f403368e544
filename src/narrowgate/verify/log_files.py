"""The files of a log, each compared with what it must hold: a run of leaves at a time, in several processes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, TypeVar

from narrowgate.core.base.errors import LogInconsistentError, NarrowgateError
from narrowgate.core.log.file_names import CHECKPOINT, COSIGNED, KEY_FILE, SET_ASIDE, UNFINISHED_SUFFIX
from narrowgate.core.log.merkle import HASH_SIZE, leaf_hash, root
from narrowgate.core.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    Tile,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
    tile_holding,
)
from narrowgate.verify.files import read_bytes, regular_files
from narrowgate.verify.runs import IN_ONE_PROCESS, RUN, Work, in_order

T = TypeVar("T")
Complain = Callable[[NarrowgateError], None]
"""What to do about a finding: raise it, or note it and go on."""

NEXT_STEP: Final = "Keep this copy as evidence and call the custodian's disclosure officers."

_Older = Mapping[tuple[int, int], Sequence[Tile]]
"""Level and index to the older partial files of that tile."""


def raise_it(error: NarrowgateError) -> None:
    """The first finding ends the verification."""
    raise error


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """Leaves one after another.

    Args:
        start: index of the first.
        end: index behind the last.
        result: what the work says of them; ``None`` where they cannot be read.
    """

    start: int
    end: int
    result: T | None


@dataclass(slots=True)
class _Run(Generic[T]):
    """What one process found in a run of leaves."""

    pieces: list[Piece[T]] = field(default_factory=list)
    roots: list[bytes | None] = field(default_factory=list)
    problems: list[NarrowgateError] = field(default_factory=list)
    compared: int = 0
    leaf_bytes: int = 0


class LogFiles:
    """The files of a log directory, listed; ``walk`` compares them.

    Args:
        directory: the log.
        size: leaves of its checkpoint.
        complain: told of each file that does not fit.

    Raises:
        OperationalError: the machine cannot list the directory.
    """

    def __init__(self, directory: Path, size: int, complain: Complain = raise_it) -> None:
        self._directory = directory
        self._size = size
        self._complain = complain
        self._older: dict[tuple[int, int], list[Tile]] = defaultdict(list)
        self.compared = 0
        self.leaf_bytes = 0
        self.beyond: list[str] = []
        self.set_aside = 0
        for name in regular_files(directory, complain=complain):
            self._list(name)

    def _list(self, name: str) -> None:
        if name.startswith(f"{SET_ASIDE}/"):
            self.set_aside += 1
            return
        finished = name.removesuffix(UNFINISHED_SUFFIX)
        if finished in {CHECKPOINT, COSIGNED, KEY_FILE}:
            self.beyond += [name] if finished != name else []
            return
        try:
            tile = parse_tile_path(finished)
        except LogInconsistentError as error:
            self._complain(error)
            return
        if finished != name or not tile.is_within(self._size):
            self.beyond.append(name)
        elif tile.width < TILE_WIDTH:
            self._older[tile.level, tile.index].append(tile)

    def findings(self) -> tuple[str, ...]:
        """A sentence about what lies beyond the checkpoint, and one about what a gate found there before."""
        found = []
        if self.beyond:
            found.append(
                f"{len(self.beyond)} files lie beyond the checkpoint, such as {self.beyond[0]}: an append was cut off "
                "or is running, or an older checkpoint was put back. Verify with --earlier and the gate's second place."
            )
        if self.set_aside:
            found.append(
                f"{self.set_aside} files lay beyond the checkpoint when a gate opened the log; they are kept in "
                f"{SET_ASIDE}/. Leaves that were acknowledged and put back would be among them."
            )
        return tuple(found)

    def walk(self, work: Work[T], expected: bytes, processes: int = 1) -> Iterator[Piece[T]]:
        """Yields what ``work`` says of all leaves in order; its end proves that they are those of the signed root.

        Args:
            work: as ``runs.over_runs`` takes it.
            expected: root that the checkpoint signs.
            processes: how many work at once; a small log is read in this one.

        Raises:
            NarrowgateError: as ``complain`` does, of a leaf, a tile or the root.
            OperationalError: the machine cannot read a file.
        """
        spread = processes if self._size > IN_ONE_PROCESS else 1
        roots: list[bytes | None] = []
        for run in in_order(_run, self._jobs(work), spread):
            for problem in run.problems:
                self._complain(problem)
            roots += run.roots
            self.compared += run.compared
            self.leaf_bytes += run.leaf_bytes
            yield from run.pieces
        self._compare_above(roots)
        known = [each for each in roots if each is not None]
        if len(known) == len(roots) and root(known) != expected:
            self._complain(
                LogInconsistentError(
                    "The leaves and tiles have another root than the signed checkpoint.",
                    why="Leaves were changed together with their tiles, or the log was rolled back.",
                    next_step=NEXT_STEP,
                    where=str(self._directory / CHECKPOINT),
                )
            )

    def _jobs(self, work: Work[T]) -> Iterator[tuple[Path, int, int, int, _Older, Work[T]]]:
        for start in range(0, self._size, RUN):
            end = min(start + RUN, self._size)
            older = {
                place: self._older[place]
                for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH))
                for place in ((ENTRIES, index), (0, index))
                if place in self._older
            }
            yield self._directory, start, end, self._size, older, work

    def _compare_above(self, roots: list[bytes | None]) -> None:
        """The tiles of level 1 and above; what lies above leaves that cannot be read is left out."""
        level, hashes = 1, roots[: self._size // TILE_WIDTH]
        while hashes:
            problems: list[NarrowgateError] = []
            above: list[bytes | None] = []
            for index in range(-(-len(hashes) // TILE_WIDTH)):
                below = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
                known = [each for each in below if each is not None]
                whole = len(known) == len(below)
                if whole:
                    tile = Tile(level, index, len(below))
                    older = self._older.get((level, index), ())
                    self.compared += compare(self._directory, tile, older, b"".join(known), problems)
                if len(below) == TILE_WIDTH:
                    above.append(root(known) if whole else None)
            for problem in problems:
                self._complain(problem)
            level, hashes = level + 1, above


def compare(
    directory: Path, tile: Tile, older: Sequence[Tile], data: bytes, problems: list[NarrowgateError]
) -> int:
    """How many files were compared: the tile, and each older partial one, must hold these hashes."""
    _require_equal(directory, tile, data, problems)
    for each in older:
        if each != tile:
            _require_equal(directory, each, data[: each.width * HASH_SIZE], problems)
    return 1 + sum(each != tile for each in older)


def _run(directory: Path, start: int, end: int, size: int, older: _Older, work: Work[T]) -> _Run[T]:
    """Every bundle of a run, its tile, and the older partial files of both."""
    run: _Run[T] = _Run()
    leaves: list[bytes] = []
    first = start

    def close(until: int) -> None:
        if leaves:
            run.pieces.append(Piece(first, until, work(first, tuple(leaves))))
            leaves.clear()

    for position in range(start, end, TILE_WIDTH):
        tile = tile_holding(ENTRIES, position, size)
        path = directory / tile.path
        try:
            entries = decode_bundle(read_bytes(path), tile.width, str(path))
        except LogInconsistentError as error:
            run.problems.append(error)
            run.roots.append(None)
            close(position)
            first = min(position + TILE_WIDTH, end)
            run.pieces.append(Piece(position, first, None))
            continue
        hashes = [leaf_hash(leaf) for leaf in entries]
        run.roots.append(root(hashes))
        run.compared += 1
        run.leaf_bytes += sum(map(len, entries))
        for partial in older.get((ENTRIES, tile.index), ()):
            if partial != tile:
                run.compared += 1
                _require_equal(directory, partial, encode_bundle(entries[: partial.width]), run.problems)
        beside = Tile(0, tile.index, tile.width)
        run.compared += compare(
            directory, beside, older.get((0, tile.index), ()), b"".join(hashes), run.problems
        )
        leaves += entries
    close(end)
    return run


def _require_equal(directory: Path, tile: Tile, data: bytes, problems: list[NarrowgateError]) -> None:
    path = directory / tile.path
    try:
        found = read_bytes(path)
    except LogInconsistentError as error:
        problems.append(error)
        return
    if found == data:
        return
    what = "The tile does not hold the hashes of what lies below it."
    if tile.level == 0 and len(found) == len(data):
        first = next(
            i for i in range(0, len(data), HASH_SIZE) if found[i : i + HASH_SIZE] != data[i : i + HASH_SIZE]
        )
        leaf = tile.index * TILE_WIDTH + first // HASH_SIZE
        what = f"Leaf {leaf} does not have the hash that the tile holds for it."
    problems.append(LogInconsistentError(what, next_step=NEXT_STEP, where=str(path)))
