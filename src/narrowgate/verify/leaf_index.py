"""Where the leaves of a package lie: a small file beside a log, made in one pass, that can be made again.

The file says where to look and proves nothing: each leaf found by it is proved in the signed tree. That nothing else is
about the package rests on whoever made the file, so an inspector makes it, in one pass over the verified leaves.
"""

from __future__ import annotations

import json
import mmap
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import LogInconsistentError, OperationalError, UsageError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.merkle import EMPTY_ROOT, SubtreeHash, leaf_hash, node_hash
from narrowgate.core.log.multi_proof import peaks
from narrowgate.core.log.tiles import ENTRIES, TILE_WIDTH, decode_bundle, tile_holding
from narrowgate.verify.files import read_bytes
from narrowgate.verify.item_runs import ItemRun, told_apart
from narrowgate.verify.log_directory import log_hashes
from narrowgate.verify.report_file import write_report
from narrowgate.verify.runs import RUN, over_runs
from narrowgate.verify.source import Source

_SCHEMA: Final = "narrowgate/leaf-index/v1"
_NAME: Final = 16
_RECORD: Final = _NAME + 8
_FIRST_LINE: Final = 4096


@dataclass(frozen=True, slots=True)
class LeafIndex:
    """For each package its leaves but the items', and the first leaf of each run of its items; for no package the acts.

    Args:
        origin: the log's name.
        size: so many leaves of the log are in it.
        root: of the tree over them.
        records: 24 bytes each, rising: the first 16 of SHA-256 of the package's id, and the index of the leaf. A run of
            items ends before each multiple of ``RUN``, so that the same log has the same records.
    """

    origin: str
    size: int
    root: bytes
    records: bytes | memoryview

    def leaves_of(self, package: str) -> list[int]:
        """Returns the indexes of a package's leaves, rising; of charter and acts where the id is empty."""
        name = _name(package)
        number = len(self.records) // _RECORD
        low, high = 0, number
        while low < high:
            middle = (low + high) // 2
            if self._record(middle)[:_NAME] < name:
                low = middle + 1
            else:
                high = middle
        found = []
        while low < number and (record := self._record(low))[:_NAME] == name:
            found.append(int.from_bytes(record[_NAME:], "big"))
            low += 1
        return found

    def _record(self, number: int) -> bytes:
        return bytes(self.records[number * _RECORD : (number + 1) * _RECORD])


def index_of_log(directory: Path, checkpoint: Checkpoint, processes: int) -> LeafIndex:
    """Returns the index of every leaf, each hashed against the signed root in the same pass.

    Args:
        directory: the log.
        checkpoint: of the log, its signature verified.
        processes: how many read at once.

    Raises:
        LogInconsistentError: the leaves are not those signed, or one is no leaf.
        OperationalError: the machine cannot read a file.
    """
    records = b"".join(over_runs(directory, checkpoint, records_of, processes))
    return LeafIndex(checkpoint.origin, checkpoint.size, checkpoint.root, _sorted(records))


def continued(index: LeafIndex, directory: Path, checkpoint: Checkpoint) -> LeafIndex:
    """Returns the index of a log that goes on from the indexed one; the new leaves are read, few old ones.

    Raises:
        LogInconsistentError: the log does not begin with the leaves indexed, or the new ones are not those signed.
        OperationalError: the machine cannot read a file.
    """
    where = str(directory)
    if index.origin != checkpoint.origin or index.size > checkpoint.size:
        raise LogInconsistentError(
            "The index is of another log, or of more leaves than this log has.",
            why="Another log was named, or this one was rolled back.",
            next_step="If another log was named, name another file for its index; if not, keep both and report it.",
            where=where,
        )
    hashes = log_hashes(directory, checkpoint.size)
    if hashes(0, index.size) != index.root:
        raise _other_leaves(where)
    if index.size == checkpoint.size:
        if index.root != checkpoint.root:
            raise _other_leaves(where)
        return index
    base = index.size - index.size % RUN
    edge = _Edge(base, hashes)
    records = [each for each in _each(index.records) if int.from_bytes(each[_NAME:], "big") < base]
    for start in range(base, checkpoint.size, RUN):
        leaves = _leaves(directory, start, min(start + RUN, checkpoint.size), checkpoint.size)
        records.append(records_of(start, leaves))
        edge.add(leaves)
    if edge.root() != checkpoint.root:
        raise _other_leaves(where)
    return LeafIndex(checkpoint.origin, checkpoint.size, checkpoint.root, _sorted(b"".join(records)))


def known_index(source: Source, checkpoint: Checkpoint, path: Path | None, processes: int) -> LeafIndex:
    """Returns the index of a log, read from a file and brought up to date, or made; the file then holds it.

    Args:
        source: of the log.
        checkpoint: of the log, its signature verified.
        path: of the index's file; ``None``: none is read or written, and every leaf of the log is read.
        processes: how many read the log at once.

    Raises:
        UsageError: the file is no index, is damaged, or lies where no report may be written.
        LogInconsistentError: the leaves are not those signed, or the log does not continue the one that was indexed.
        OperationalError: the machine cannot read or write a file.
    """
    before = read_index(path) if path is not None and path.exists() else None
    if before is None:
        known = index_of_log(source.log, checkpoint, processes)
    else:
        known = continued(before, source.log, checkpoint)
    if path is not None and known is not before:
        write_report(path, written(known), [source.path])
    return known


def records_of(start: int, leaves: Sequence[bytes]) -> bytes:
    """The records of some neighbouring leaves, in their order."""
    records = []
    for part in told_apart(start, leaves):
        if isinstance(part, ItemRun):
            records.append(_name(part.package) + part.first_leaf.to_bytes(8, "big"))
        else:
            records.append(_name(part.fields.get("package", "")) + part.index.to_bytes(8, "big"))
    return b"".join(records)


def written(index: LeafIndex) -> bytes:
    """Returns the bytes of the index's file, the same for the same log."""
    records = bytes(index.records)
    head = {
        "schema": _SCHEMA,
        "origin": index.origin,
        "size": index.size,
        "root": index.root.hex(),
        "records_sha256": sha256(records).hexdigest(),
    }
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode() + b"\n" + records


def read_index(path: Path) -> LeafIndex:
    """Returns the index in a file, which is not read into memory.

    Raises:
        UsageError: the file is no index, or is damaged.
        OperationalError: the machine cannot read it.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise _no_index(path)
        with path.open("rb") as file:
            first = file.readline(_FIRST_LINE)
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except ValueError as error:  # an empty file cannot be mapped
        raise _no_index(path) from error
    except OSError as error:
        raise OperationalError(
            "Could not read the index.", where=str(path), next_step=system_reason(error)[1]
        ) from error
    records = data[len(first) :]
    try:
        head = json.loads(first)
        index = LeafIndex(str(head["origin"]), int(head["size"]), bytes.fromhex(head["root"]), records)
        sound = head["schema"] == _SCHEMA and head["records_sha256"] == sha256(records).hexdigest()
    except (ValueError, KeyError, TypeError) as error:
        raise _no_index(path) from error
    if not sound or index.size < 0 or len(records) % _RECORD:
        raise _no_index(path)
    return index


def _name(package: str) -> bytes:
    return sha256(package.encode()).digest()[:_NAME]


def _sorted(records: bytes) -> bytes:
    return b"".join(sorted(_each(records)))


def _each(records: bytes | memoryview) -> Iterator[bytes]:
    return (bytes(records[at : at + _RECORD]) for at in range(0, len(records), _RECORD))


def _leaves(directory: Path, start: int, end: int, size: int) -> list[bytes]:
    leaves: list[bytes] = []
    for position in range(start, end, TILE_WIDTH):
        tile = tile_holding(ENTRIES, position, size)
        path = directory / tile.path
        leaves += decode_bundle(read_bytes(path), tile.width, str(path))
    return leaves


class _Edge:
    """The peaks of a tree, to which leaves are added: the root of any log that goes on from another."""

    def __init__(self, size: int, subtree: SubtreeHash) -> None:
        heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
        self._peaks = list(zip(heights, peaks(size, subtree), strict=True))

    def add(self, leaves: Sequence[bytes]) -> None:
        for leaf in leaves:
            height, node = 0, leaf_hash(leaf)
            while self._peaks and self._peaks[-1][0] == height:
                height, node = height + 1, node_hash(self._peaks.pop()[1], node)
            self._peaks.append((height, node))

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        *rest, (_, result) = self._peaks
        for _, peak in reversed(rest):
            result = node_hash(peak, result)
        return result


def _other_leaves(where: str) -> LogInconsistentError:
    return LogInconsistentError(
        "The log has other leaves than the index or the signed checkpoint.",
        why="Leaves were changed, or another history of the log was put in place.",
        next_step="Run 'narrowgate log verify', which names the file; keep this copy as evidence.",
        where=where,
    )


def _no_index(path: Path) -> UsageError:
    return UsageError(
        "The file is no index of a log, or is damaged.",
        why="It is what an earlier trace wrote to find leaves quickly.",
        next_step="Delete it, or name another: it is made again from the log.",
        where=str(path),
    )
