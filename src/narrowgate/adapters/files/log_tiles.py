"""The log as plain files on disk: C2SP tlog-tiles with a signed checkpoint.

What the checkpoint covers is the log; everything beyond it was never acknowledged and is removed when the
log is opened. Order of writing: bundles and tiles, their directories, then the checkpoint.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from narrowgate.adapters.files.durable_files import (
    failed,
    place,
    sync_directory,
    write_durably,
)
from narrowgate.core.base.errors import (
    ConfigurationError,
    InUseError,
    LogInconsistentError,
    OperationalError,
    ProofError,
)
from narrowgate.core.log.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE, UNFINISHED_SUFFIX
from narrowgate.core.log.merkle import EMPTY_ROOT, inclusion_proof, leaf_hash, verify_inclusion
from narrowgate.core.log.multi_proof import peaks
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    RightEdge,
    Tile,
    TileHashes,
    decode_bundle,
    encode_bundle,
    last_tile,
    parse_tile_path,
    tile_holding,
)

_BEFORE_FIRST_CHECKPOINT = {KEY_FILE, KEY_FILE + UNFINISHED_SUFFIX, CHECKPOINT + UNFINISHED_SUFFIX}
"""What an interrupted creation may have left."""


class TileLog:
    """The only writer of a log directory; leaves are durable, in order, when ``integrate`` returns.

    Made by ``create`` or ``open``. After any failure the object refuses further work: open the log again.
    """

    def __init__(self, directory: Path, signer: NoteSigner, lock: int) -> None:
        self._directory = directory
        self._signer = signer
        self._lock = lock
        self._usable = False
        self._unsynced: set[Path] = set()
        self._text = self._read_text(CHECKPOINT)
        self._checkpoint = self._verified_checkpoint()
        self._check_key_file()
        self._edge = RightEdge.load(self._checkpoint.size, self._read)
        self._entries = self._load_right_edge()
        self._remove_unacknowledged()
        self._usable = True

    @classmethod
    def create(cls, directory: Path, signer: NoteSigner) -> Self:
        """An empty log with a signed checkpoint of size 0, its public key beside it, open for writing.

        Raises:
            ConfigurationError: the directory already holds a log.
            InUseError: another process holds the directory.
            OperationalError: the disk refused.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise failed("make the directory", directory, error) from error
        lock = _lock(directory)
        try:
            _require_empty(directory)
            sync_directory(directory.parent)
            write_durably(directory / KEY_FILE, f"{signer.key}\n".encode())
            empty = Checkpoint(signer.key.name, 0, EMPTY_ROOT)
            write_durably(directory / CHECKPOINT, sign_checkpoint(empty, signer).encode())
            return cls(directory, signer, lock)
        except BaseException:
            _unlock(lock)
            raise

    @classmethod
    def open(cls, directory: Path, signer: NoteSigner, last_known: Checkpoint | None = None) -> Self:
        """The log as its last checkpoint states it, open for writing; leftovers of a crash are gone.

        Args:
            directory: made by ``create``.
            signer: of the log's key.
            last_known: a checkpoint kept elsewhere, which the log must continue.

        Raises:
            LogInconsistentError: a signature, the right edge or a needed file does not fit the checkpoint,
                or the log does not continue ``last_known``.
            InUseError: another process holds the log.
            OperationalError: the disk refused.
        """
        lock = _lock(directory)
        try:
            log = cls(directory, signer, lock)
            if last_known is not None:
                log._require_continuation(last_known)
        except BaseException:
            _unlock(lock)
            raise
        return log

    def close(self) -> None:
        """Give the log free for another writer; leaves not integrated are dropped."""
        if self._lock >= 0:
            _unlock(self._lock)
        self._lock = -1
        self._usable = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def size(self) -> int:
        """Number of integrated leaves."""
        return self._checkpoint.size

    def checkpoint(self) -> str:
        """The last signed checkpoint, a signed note."""
        return self._text

    def append(self, leaves: Iterable[bytes]) -> range:
        """The indexes the leaves will have once ``integrate`` has returned; holds 256 leaves in memory.

        Raises:
            OperationalError: a leaf is longer than 65,535 bytes, the disk refused, or it had refused before.
        """
        with self._all_or_unusable():
            start = self._edge.size
            source = iter(leaves)
            while batch := list(islice(source, self._edge.room)):
                self._entries += batch
                filled = self._edge.add([leaf_hash(leaf) for leaf in batch])
                if filled:
                    bundle = last_tile(ENTRIES, self._edge.size)
                    self._store(bundle, encode_bundle(self._entries))
                    self._entries = []
                for tile, data in filled:
                    self._store(tile, data)
            return range(start, self._edge.size)

    def integrate(self) -> str:
        """The signed checkpoint over all leaves appended; all of them, or none, are in the log from now on.

        Raises:
            OperationalError: the disk refused, or it had refused before.
        """
        with self._all_or_unusable():
            if self._edge.size == self._checkpoint.size:
                return self._text
            if self._entries:
                self._store(last_tile(ENTRIES, self._edge.size), encode_bundle(self._entries))
            for tile, data in self._edge.partial_tiles():
                self._store(tile, data)
            for directory in sorted(self._unsynced):
                sync_directory(directory)
            self._unsynced.clear()
            checkpoint = Checkpoint(self._signer.key.name, self._edge.size, self._edge.root())
            text = sign_checkpoint(checkpoint, self._signer)
            write_durably(self._directory / CHECKPOINT, text.encode())
            self._checkpoint, self._text = checkpoint, text
            return text

    def proof(self, index: int) -> tuple[bytes, ...]:
        """Inclusion proof of leaf ``index`` in the last checkpoint (RFC 9162 section 2.1.3).

        Raises:
            ProofError: the checkpoint covers no such leaf.
        """
        size = self._checkpoint.size
        return inclusion_proof(index, size, TileHashes(size, self._read).subtree)

    def peaks(self, size: int) -> tuple[bytes, ...]:
        """The peaks of the tree of the first ``size`` integrated leaves (``core.log.multi_proof``).

        Raises:
            ProofError: the checkpoint does not cover so many.
        """
        return peaks(size, TileHashes(self._checkpoint.size, self._read).subtree)

    def read_leaf(self, index: int) -> bytes:
        """The integrated leaf ``index``.

        Raises:
            ProofError: the checkpoint covers no such leaf.
        """
        return next(self.leaves(index, index + 1))

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The integrated leaves ``start`` to ``end - 1``, in order, one bundle in memory.

        Raises:
            ProofError: the checkpoint does not cover them all.
        """
        if not 0 <= start <= end <= self._checkpoint.size:
            raise ProofError(f"The log of {self._checkpoint.size} leaves has no leaves {start} to {end}.")
        position = start
        while position < end:
            entries = self._bundle(tile_holding(ENTRIES, position, self._checkpoint.size))
            offset = position % TILE_WIDTH
            run = entries[offset : offset + end - position]
            yield from run
            position += len(run)

    @contextmanager
    def _all_or_unusable(self) -> Iterator[None]:
        """Work that either completes or leaves this object unusable."""
        if not self._usable:
            raise OperationalError(
                "The log is closed, or failed before.",
                why="What the disk holds after a failure is not known.",
                next_step="Open the log again.",
            )
        self._usable = False
        yield
        self._usable = True

    def _require_continuation(self, known: Checkpoint) -> None:
        size = self._checkpoint.size
        if known.origin != self._checkpoint.origin or known.size > size:
            raise LogInconsistentError(
                f"The log has {size} leaves where {known.size} are known.",
                why="It was rolled back or replaced.",
                next_step="Restore the log from its newest copy.",
                where=str(self._directory / CHECKPOINT),
            )
        if TileHashes(size, self._read).subtree(0, known.size) != known.root:
            raise LogInconsistentError(
                f"The first {known.size} leaves of the log are not those of the known checkpoint.",
                why="The log was forked.",
                where=str(self._directory / CHECKPOINT),
            )

    def _verified_checkpoint(self) -> Checkpoint:
        try:
            return verify_checkpoint(self._text, self._signer.key, str(self._directory / CHECKPOINT))
        except ProofError as error:
            raise LogInconsistentError(error.what, why=error.why, where=error.where) from error

    def _check_key_file(self) -> None:
        if self._read_text(KEY_FILE) != f"{self._signer.key}\n":
            raise LogInconsistentError(
                "The key beside the log is not the signer's.", where=str(self._directory / KEY_FILE)
            )

    def _load_right_edge(self) -> list[bytes]:
        """The entries of the unfinished bundle, after the end of the log proved to fit the root."""
        size, root = self._checkpoint.size, self._checkpoint.root
        if self._edge.root() != root:
            raise self._edge_error(last_tile(0, size))
        if size == 0:
            return []
        bundle = last_tile(ENTRIES, size)
        hashes = [leaf_hash(entry) for entry in self._bundle(bundle)]
        if b"".join(hashes) != self._read(last_tile(0, size)):
            raise self._edge_error(bundle)
        try:
            verify_inclusion(hashes[-1], size - 1, size, self.proof(size - 1), root)
        except ProofError as error:
            raise self._edge_error(last_tile(0, size)) from error
        return self._bundle(bundle) if bundle.width < TILE_WIDTH else []

    def _edge_error(self, tile: Tile) -> LogInconsistentError:
        return LogInconsistentError(
            "The end of the log does not fit its checkpoint.",
            next_step="Run 'narrowgate log verify' and restore the file from a copy.",
            where=str(self._directory / tile.path),
        )

    def _remove_unacknowledged(self) -> None:
        touched = set()
        for path in _files_below(self._directory):
            if self._is_acknowledged(path.relative_to(self._directory).as_posix()):
                continue
            try:
                path.unlink()
            except OSError as error:
                raise failed("remove an unfinished file", path, error) from error
            touched.add(path.parent)
        for directory in sorted(touched):
            sync_directory(directory)

    def _is_acknowledged(self, name: str) -> bool:
        finished = name.removesuffix(UNFINISHED_SUFFIX)
        known = finished in {CHECKPOINT, KEY_FILE} or parse_tile_path(finished).is_within(
            self._checkpoint.size
        )
        return known and finished == name

    def _bundle(self, tile: Tile) -> list[bytes]:
        return decode_bundle(self._read(tile), tile.width, str(self._directory / tile.path))

    def _read(self, tile: Tile) -> bytes:
        return self._read_file(tile.path)

    def _read_text(self, name: str) -> str:
        try:
            return self._read_file(name).decode()
        except UnicodeDecodeError as error:
            raise LogInconsistentError("The file is not UTF-8.", where=str(self._directory / name)) from error

    def _read_file(self, name: str) -> bytes:
        path = self._directory / name
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise LogInconsistentError("A file of the log is missing.", where=str(path)) from error
        except OSError as error:
            raise failed("read the file", path, error) from error

    def _store(self, tile: Tile, data: bytes) -> None:
        path = self._directory / tile.path
        self._make_directory(path.parent)
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            place(path, data)
            self._unsynced.add(path.parent)
        except OSError as error:
            raise failed("read the file", path, error) from error
        else:  # an upper tile often stays the same from one checkpoint to the next
            if found != data:
                raise LogInconsistentError("A file of the log would be overwritten.", where=str(path))

    def _make_directory(self, path: Path) -> None:
        if path in self._unsynced or path == self._directory:
            return
        self._make_directory(path.parent)
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise failed("make the directory", path, error) from error
        # Also when it was there: a crash may have come between making and syncing it.
        self._unsynced |= {path, path.parent}


def _lock(directory: Path) -> int:
    """A descriptor of the directory that holds its lock: no file of its own, gone with the process."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise failed("open the log directory", directory, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        _unlock(descriptor)
        raise InUseError(
            "Another process writes this log.",
            next_step="Wait until it has finished.",
            where=str(directory),
        ) from error
    return descriptor


def _unlock(descriptor: int) -> None:
    """Nothing was written through the descriptor, so nothing is lost if closing it fails."""
    with suppress(OSError):
        os.close(descriptor)


def _require_empty(directory: Path) -> None:
    try:
        names = {path.name for path in directory.iterdir()}
    except OSError as error:
        raise failed("list the directory", directory, error) from error
    if names - _BEFORE_FIRST_CHECKPOINT:
        raise ConfigurationError(
            "The directory of a new log is not empty.",
            next_step="Choose an empty directory.",
            where=str(directory),
        )


def _files_below(directory: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(directory, onerror=_raise):
        for name in names:
            yield Path(folder, name)


def _raise(error: OSError) -> None:
    raise failed("list the log directory", Path(error.filename), error) from error
