"""Answers as a directory per package, which appears complete or not at all."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory, sync_file
from narrowgate.core.base.errors import OperationalError

_SYNCS_AT_ONCE: Final = 16
"""The disk takes what several threads wait for together; one after the other, thousands of files wait in turn."""


class DirectoryOutbox:
    """Puts each package's files into a directory of its own below ``directory``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def stage(self, package_id: str) -> DirectoryStaging:
        """An empty staging directory beside the final one.

        Raises:
            OperationalError: the disk refused.
        """
        staging = self._directory / f".{package_id}.unfinished"
        try:
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True)
        except OSError as error:
            raise failed("make the directory", staging, error) from error
        return DirectoryStaging(staging, self._directory / package_id)


class DirectoryStaging:
    """One package's files under a hidden name until they are released."""

    def __init__(self, staging: Path, final: Path) -> None:
        self._staging = staging
        self._final = final

    def put(self, name: str, data: bytes) -> None:
        """Write one file into the staging directory; it is durable when ``release`` returns.

        A package has a file for each of thousands of officers. Waiting for the disk after each would take
        longer than the package; a run that a crash ends before the release stages all of them again.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._staging / name
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise failed("write the file", path, error) from error

    def release(self) -> None:
        """Rename the staging directory into place; an equal release before stays as it is.

        Raises:
            OperationalError: the disk refused, or other files stand there.
        """
        if self._final.exists():
            self._require_equal()
            shutil.rmtree(self._staging, ignore_errors=True)
            return
        try:
            with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
                for folder, _, files in os.walk(self._staging):
                    # Taking all results is what raises the first failure.
                    list(threads.map(sync_file, [Path(folder, name) for name in files]))
                    sync_directory(Path(folder))
            self._staging.rename(self._final)
        except OSError as error:
            raise failed("release the answers", self._final, error) from error
        sync_directory(self._final.parent)

    def _require_equal(self) -> None:
        new, old = _contents(self._staging), _contents(self._final)
        if new != old:
            raise OperationalError(
                "Other answers were released for this package.",
                why="A package is decided once; the released files and these differ.",
                next_step="Compare both with the log before anything else.",
                where=str(self._final),
            )


def _contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
