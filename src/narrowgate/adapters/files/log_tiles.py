"""The log as plain files on disk: C2SP tlog-tiles with a signed checkpoint.

What the checkpoint covers is the log; everything beyond it was never acknowledged and is moved aside when the
log is opened. Order of writing: bundles and tiles, their directories, the checkpoint in its second place, then the
checkpoint of the log. So the second place never knows less than the log. Where it knows more, either its tiles are all
there, and the append is completed, or the log was put back, and it is not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from narrowgate.adapters.files.checkpoint_file import CheckpointKeeper
from narrowgate.adapters.files.directory_lock import lock_directory, unlock_directory
from narrowgate.adapters.files.durable_files import (
    failed,
    sync_directory,
    write_durably,
)
from narrowgate.adapters.files.fence import Fence, OwnPlace
from narrowgate.adapters.files.leaf_order import LeafOrder, newest_time
from narrowgate.adapters.files.log_recovery import (
    complete_append,
    first_kept,
    keep_authorized,
    require_empty,
    require_same_past,
    unfinished_bundle,
)
from narrowgate.adapters.files.set_aside import set_aside
from narrowgate.adapters.files.tile_files import TileFiles
from narrowgate.core.base.errors import (
    REPORT_IT,
    LogInconsistentError,
    OperationalError,
    ProofError,
)
from narrowgate.core.log.acts import is_governance, may_hold_governance
from narrowgate.core.log.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, COSIGNED, KEY_FILE, SET_ASIDE, UNFINISHED_SUFFIX
from narrowgate.core.log.merkle import EMPTY_ROOT, HASH_SIZE, inclusion_proof
from narrowgate.core.log.multi_proof import peaks
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    BundledLeaves,
    RightEdge,
    Tile,
    TileHashes,
    bundle_leaves,
    decode_bundle,
    decode_tile,
    encode_bundle,
    last_tile,
    parse_tile_path,
    tile_holding,
)


class TileLog:
    """The only writer of a log directory; leaves are durable, in order, when ``integrate`` returns.

    Made by ``create`` or ``open``. After any failure the object refuses further work: open the log again.
    """

    def __init__(
        self,
        directory: Path,
        signer: NoteSigner,
        lock: int,
        keeper: CheckpointKeeper | None,
        fence: Fence | None = None,
    ) -> None:
        self._directory = directory
        self._signer = signer
        self._lock = lock
        self._keeper = keeper
        self._fence = fence
        # Before anything is read: from here on no writer before this one changes it.
        self._own = OwnPlace(directory / SET_ASIDE if fence else directory, fence, keep=True)
        self._usable = False
        self._files = TileFiles(directory, self._own)
        self._text = self._read_text(CHECKPOINT)
        self._checkpoint = self._verified_checkpoint()
        self._check_key_file()
        self.completed = self._meet_second_place()
        """Leaves of an interrupted append that opening completed."""
        self._edge = RightEdge.load(self._checkpoint.size, self._read)
        self._entries = encode_bundle(unfinished_bundle(directory, self._checkpoint, self._edge, self._read))
        self.set_aside = set_aside(directory, self._is_acknowledged)
        """Files beyond the checkpoint that opening moved aside."""
        self._order = LeafOrder(str(directory), newest_time(self.leaves, self._checkpoint.size))
        self._usable = True

    @classmethod
    def create(cls, directory: Path, signer: NoteSigner, keeper: CheckpointKeeper | None = None) -> Self:
        """An empty log with a signed checkpoint of size 0, its public key beside it, open for writing.

        Args:
            directory: empty or absent.
            signer: of the log's key.
            keeper: the second place of its checkpoints, which knows no log yet.

        Raises:
            ConfigurationError: the directory already holds a log.
            InUseError: another process holds the directory.
            OperationalError: the disk refused.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise failed("make the directory", directory, error) from error
        lock = lock_directory(directory)
        try:
            require_empty(directory)
            sync_directory(directory.parent)
            write_durably(directory / KEY_FILE, f"{signer.key}\n".encode())
            text = sign_checkpoint(Checkpoint(signer.key.name, 0, EMPTY_ROOT), signer)
            if keeper is not None:
                text = first_kept(keeper, text, signer.key)
            write_durably(directory / CHECKPOINT, text.encode())
            return cls(directory, signer, lock, keeper)
        except BaseException:
            unlock_directory(lock)
            raise

    @classmethod
    def open(
        cls,
        directory: Path,
        signer: NoteSigner,
        keeper: CheckpointKeeper | None = None,
        fence: Fence | None = None,
    ) -> Self:
        """The log as its last checkpoint states it, open for writing; nothing lies beyond the checkpoint.

        An append that was cut off after its second place knew of it is completed; what an earlier one left is moved
        aside. ``completed`` and ``set_aside`` say how much that was.

        Args:
            directory: made by ``create``.
            signer: of the log's key.
            keeper: the second place of its checkpoints.
            fence: of a lock on a server, which keeps a writer out that was overtaken.

        Raises:
            LogInconsistentError: a signature, the right edge or a needed file does not fit the checkpoint,
                or the log and its second place do not have one past.
            InUseError: another process holds the log.
            OperationalError: the disk refused.
        """
        lock = lock_directory(directory)
        try:
            return cls(directory, signer, lock, keeper, fence)
        except BaseException:
            unlock_directory(lock)
            raise

    def close(self) -> None:
        """Give the log free for another writer; leaves not integrated are dropped."""
        if self._lock >= 0:
            unlock_directory(self._lock)
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
        """The indexes the leaves will have once ``integrate`` has returned; holds 10 MB of them in memory.

        Raises:
            OperationalError: a leaf is longer than 65,535 bytes or older than one before it, the disk refused, or it
                had refused before.
        """
        return self.append_bundled(self._bundled(leaves))

    def append_bundled(self, bundled: Iterable[BundledLeaves]) -> range:
        """``append`` of leaves that were encoded and hashed before, so that several processes can do it.

        Args:
            bundled: the next leaves; of each no more than the bundle has room for that the ones before began.

        Raises: as ``append``; some are more than their bundle has room for.
        """
        with self._all_or_unusable():
            start = self._edge.size
            for some in bundled:
                self._add(some)
            self._files.flush()
            return range(start, self._edge.size)

    def _bundled(self, leaves: Iterable[bytes]) -> Iterator[BundledLeaves]:
        """The leaves, as many at a time as the bundle has room for that is begun when they are taken."""
        source = iter(leaves)
        while some := list(islice(source, self._edge.room)):
            yield bundle_leaves(some)

    def _add(self, some: BundledLeaves) -> None:
        entries, hashes = some
        width = len(hashes) // HASH_SIZE
        if width > self._edge.room:
            raise OperationalError("Leaves do not lie in the bundle that is next.", next_step=REPORT_IT)
        self._order.require(entries, width)
        self._entries += entries
        filled = self._edge.add(decode_tile(hashes, width, "leaves to be appended"))
        if filled:
            self._files.put(last_tile(ENTRIES, self._edge.size), self._entries)
            self._entries = b""
        for tile, data in filled:
            self._files.put(tile, data)

    def integrate(self) -> str:
        """The signed checkpoint over all leaves appended; all of them, or none, are in the log from now on.

        Raises:
            OperationalError: the disk refused, or it had refused before.
        """
        with self._all_or_unusable():
            if self._edge.size == self._checkpoint.size:
                return self._text
            if self._entries:
                self._files.put(last_tile(ENTRIES, self._edge.size), self._entries)
            for tile, data in self._edge.partial_tiles():
                self._files.put(tile, data)
            self._files.flush()
            self._files.sync()
            checkpoint = Checkpoint(self._signer.key.name, self._edge.size, self._edge.root())
            text = sign_checkpoint(checkpoint, self._signer)
            if self._fence is not None:
                self._fence.authorize(text)
            if self._keeper is not None:
                text = self._keeper.keep(text)
            self._publish(text)
            self._checkpoint, self._text = checkpoint, text
            return text

    def proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Inclusion proof of leaf ``index`` in the first ``size`` leaves; without it in the last checkpoint.

        Source: RFC 9162 section 2.1.3.

        Raises:
            ProofError: there is no such leaf among them, or the checkpoint does not cover so many.
        """
        covered = self._checkpoint.size
        return inclusion_proof(
            index, covered if size is None else size, TileHashes(covered, self._read).subtree
        )

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
        self._require_covered(start, end)
        position = start
        while position < end:
            entries = self._bundle(tile_holding(ENTRIES, position, self._checkpoint.size))
            offset = position % TILE_WIDTH
            run = entries[offset : offset + end - position]
            yield from run
            position += len(run)

    def acts(self, start: int, end: int) -> Iterator[bytes]:
        """Of the integrated leaves ``start`` to ``end - 1`` those of the charter and of acts, in order.

        A bundle in which there is none is not taken apart.

        Raises:
            ProofError: the checkpoint does not cover them all.
        """
        self._require_covered(start, end)
        for first in range(start - start % TILE_WIDTH, end, TILE_WIDTH):
            tile = tile_holding(ENTRIES, first, self._checkpoint.size)
            data = self._read(tile)
            if may_hold_governance(data):
                entries = decode_bundle(data, tile.width, str(self._directory / tile.path))
                yield from filter(is_governance, entries[max(start - first, 0) : end - first])

    def _require_covered(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= self._checkpoint.size:
            raise ProofError(f"The log of {self._checkpoint.size} leaves has no leaves {start} to {end}.")

    def _publish(self, text: str) -> None:
        self._own.place(self._directory / CHECKPOINT, text.encode())
        sync_directory(self._directory)

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

    def _meet_second_place(self) -> int:
        """How many leaves were added to the log because its second place knew of them."""
        if self._keeper is None:
            return 0
        if self._fence is not None:
            keep_authorized(
                self._directory, self._checkpoint, self._fence, self._keeper, self._signer.key, self._read
            )
        kept = self._keeper.last(self._signer.key)
        if kept is None and self._checkpoint.size == 0:
            self._keeper.keep(self._text)
            return 0
        known = require_same_past(self._directory, self._checkpoint, kept)
        added = known.size - self._checkpoint.size
        if kept is not None and added:
            complete_append(self._directory, self._checkpoint, known, self._read)
            self._publish(kept[0])
            self._text, self._checkpoint = kept
        return added

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

    def _is_acknowledged(self, name: str) -> bool:
        finished = name.removesuffix(UNFINISHED_SUFFIX)
        known = finished in {CHECKPOINT, COSIGNED, KEY_FILE} or parse_tile_path(finished).is_within(
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
