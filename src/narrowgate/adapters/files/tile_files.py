"""New files of a log on their way to the disk: several at a time, for each waits for the disk alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory
from narrowgate.adapters.files.fence import OwnPlace
from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.tiles import Tile

_AT_ONCE: Final = 16
"""The disk takes what several threads wait for together."""

_MOST_WAITING: Final = 64
"""Files in memory, of 150 kB each."""


class TileFiles:
    """Puts tiles and bundles below the directory of a log, each whole or not at all.

    Args:
        directory: of the log.
        own: of its writer.
    """

    def __init__(self, directory: Path, own: OwnPlace) -> None:
        self._directory = directory
        self._own = own
        self._unsynced: set[Path] = set()
        self._made: set[Path] = set()
        self._lasting = {directory}
        self._waiting: list[tuple[Path, bytes]] = []

    def put(self, tile: Tile, data: bytes) -> None:
        """The file of the tile holds the data when ``flush`` returns.

        Raises: as ``flush``.
        """
        path = self._directory / tile.path
        self._make_directory(path.parent)
        self._waiting.append((path, data))
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Every file that was put is there, and its bytes are durable; its name is, after ``sync``.

        Raises:
            LogInconsistentError: another file is in its place.
            InUseError: another writer has taken over.
            OperationalError: the disk refused.
        """
        waiting, self._waiting = self._waiting, []
        if len(waiting) < _AT_ONCE:
            for one in waiting:
                self._place(one)
            return
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(self._place, waiting))  # taking all results is what raises the first failure

    def sync(self) -> None:
        """The names of all files and directories that were made are durable.

        Raises:
            OperationalError: the disk refused.
        """
        for directory in sorted(self._unsynced):
            sync_directory(directory)
        # What is durable once stays so: each further append would wait for it again.
        self._lasting |= self._made
        self._made.clear()
        self._unsynced.clear()

    def _place(self, one: tuple[Path, bytes]) -> None:
        path, data = one
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            self._own.place(path, data)
            self._unsynced.add(path.parent)
        except OSError as error:
            raise failed("read the file", path, error) from error
        else:  # an upper tile often stays the same from one checkpoint to the next
            if found != data:
                raise LogInconsistentError("A file of the log would be overwritten.", where=str(path))

    def _make_directory(self, path: Path) -> None:
        if path in self._lasting or path in self._made:
            return
        self._make_directory(path.parent)
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise failed("make the directory", path, error) from error
        # Also when it was there: a crash may have come between making and syncing it.
        self._made.add(path)
        self._unsynced |= {path, path.parent}
