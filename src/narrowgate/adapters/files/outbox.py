"""Answers as a directory per package, which appears complete, by one rename, or not at all.

Until the release the files lie in a staging directory of the gate's own, outside of the outbox: whoever fetches answers
from the outbox cannot meet an answer whose leaf is not in the log, even where a run was killed. What was released is
kept there too, sealed as it is, so that lost answers can leave again: once another index is in force, no run could make
the same ones.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory, sync_file
from narrowgate.core.answers.file_names import PROOF
from narrowgate.core.base.errors import ConfigurationError, OperationalError

FILE_MODE: Final = 0o640
DIRECTORY_MODE: Final = 0o750
"""Of what is released: the gate writes, the group that carries the answers away reads."""

RELEASED: Final = "released"
"""Directory in the staging directory of what was released; no package id is this word."""

_SYNCS_AT_ONCE: Final = 16
"""The disk takes what several threads wait for together; one after the other, thousands of files wait in turn."""


class DirectoryOutbox:
    """Puts each package's files into a directory of its own below ``directory``.

    Args:
        directory: the outbox; made where it does not exist.
        staging: made with mode 0700 where it does not exist; one gate's alone.

    Raises:
        ConfigurationError: others may enter the staging directory, it is inside the outbox or the other way round, or
            they are on two file systems, between which nothing can be renamed.
        OperationalError: one of them cannot be made.
    """

    def __init__(self, directory: Path, staging: Path) -> None:
        self._directory = directory
        self._staging = staging
        try:
            directory.mkdir(parents=True, exist_ok=True)
            staging.mkdir(mode=0o700, parents=True, exist_ok=True)
            outbox, private = directory.stat(), staging.stat()
            inside = _is_inside(directory, staging) or _is_inside(staging, directory)
        except OSError as error:
            raise failed("make the directories of the answers", staging, error) from error
        if private.st_mode & 0o077:
            raise ConfigurationError(
                "Others than the gate can enter the directory where answers are staged.",
                why="What lies there is not in the log yet, so nobody may have it.",
                next_step="Run 'chmod 700' on it, and find out who could have been there.",
                where=str(staging),
            )
        if inside or outbox.st_dev != private.st_dev:
            raise ConfigurationError(
                "Answers cannot be staged there.",
                why="The directory must be outside of the outbox, and on the same file system.",
                next_step="Name another directory as 'staging' in gate.toml, beside 'answers'.",
                where=str(staging),
            )

    def stage(self, package_id: str, at: datetime) -> DirectoryStaging:
        """An empty staging directory; of what any earlier run left, nothing remains.

        Args:
            package_id: names the directory.
            at: the time that every file and directory gets when it is released.

        Raises:
            OperationalError: the disk refused.
        """
        staging = self._staging / package_id
        try:
            for left in self._staging.iterdir():
                if left.name != RELEASED:
                    shutil.rmtree(left)
            staging.mkdir(mode=0o700)
        except OSError as error:
            raise failed("make the directory", staging, error) from error
        return DirectoryStaging(staging, self._directory / package_id, at)

    def is_complete(self, package_id: str) -> bool:
        """Whether everything that was released of the package lies in the outbox.

        Raises:
            OperationalError: the disk refused, or the gate's own copy of what was released is gone.
        """
        return not self._lost(package_id)

    def release_again(self, package_id: str) -> None:
        """Files of the package that the outbox has lost are there again, byte for byte; others stay as they are.

        Raises:
            OperationalError: the disk refused, or the gate's own copy of what was released is gone.
        """
        final, kept = self._directory / package_id, self._staging / RELEASED / package_id
        lost = self._lost(package_id)
        if not lost:
            return
        at = datetime.fromtimestamp(int(kept.stat().st_mtime), UTC)
        staging = DirectoryStaging(self._staging / package_id, final, at)
        try:
            shutil.rmtree(self._staging / package_id, ignore_errors=True)
            (self._staging / package_id).mkdir(mode=0o700)
            for name in lost:
                staging.put(name, (kept / name).read_bytes())
            if final.exists():
                staging.complete()
                return
        except OSError as error:
            raise failed("release the answers again", final, error) from error
        staging.release()

    def _lost(self, package_id: str) -> list[str]:
        """Names of the files that were released of the package and are not in the outbox."""
        final, kept = self._directory / package_id, self._staging / RELEASED / package_id
        try:
            names = sorted(path.name for path in kept.iterdir()) if kept.exists() else []
            lost = [name for name in names if not (final / name).exists()]
            if not names and not final.exists():
                raise OperationalError(
                    "The answers of the package are lost, and so is the gate's own copy of them.",
                    why="They were released, and are in neither directory.",
                    next_step=f"Restore '{RELEASED}/{package_id}' in the staging directory from a backup, and run the "
                    "command again.",
                    where=str(kept),
                )
        except OSError as error:
            raise failed("look for the answers", final, error) from error
        return lost

    def is_released(self, package_id: str) -> bool:
        """Whether answers of the package are in place.

        Raises:
            OperationalError: the disk refused.
        """
        try:
            return (self._directory / package_id).exists()
        except OSError as error:
            raise failed("look for the answers", self._directory, error) from error

    def discard(self, package_id: str) -> None:
        """Nothing of the package is staged any more.

        Raises:
            OperationalError: the disk refused.
        """
        staging = self._staging / package_id
        try:
            if staging.exists():
                shutil.rmtree(staging)
        except OSError as error:
            raise failed("remove the staged answers", staging, error) from error


class DirectoryStaging:
    """One package's files in the gate's own directory until they are released."""

    def __init__(self, staging: Path, final: Path, at: datetime) -> None:
        self._staging = staging
        self._final = final
        self._at = at

    def put(self, name: str, data: bytes) -> None:
        """Write one file into the staging directory; it is durable when ``release`` returns.

        A package has a file for each of thousands of officers. Waiting for the disk after each would take
        longer than the package; a run that a crash ends before the release stages all of them again.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._staging / name
        try:
            path.write_bytes(data)
        except OSError as error:
            raise failed("write the file", path, error) from error

    def release(self) -> None:
        """Rename the staging directory into place; an equal release before stays as it is, with its own log proof.

        All files and directories have one time, which the request determines: when each was written would tell how
        long the work before it took.

        Raises:
            OperationalError: the disk refused, or other files are there.
        """
        try:
            if self._final.exists():
                self._require_equal()
                shutil.rmtree(self._staging)
                return
            with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
                # Taking all results is what raises the first failure.
                list(threads.map(self._finish_file, sorted(self._staging.iterdir())))
            self._staging.chmod(DIRECTORY_MODE)
            self._set_time(self._staging)
            sync_directory(self._staging)
            self._keep()
            self._staging.rename(self._final)
        except OSError as error:
            raise failed("release the answers", self._final, error) from error
        sync_directory(self._final.parent)
        sync_directory(self._staging.parent)

    def complete(self) -> None:
        """Rename each staged file into the package's directory that is there already.

        Raises:
            OSError: the disk refused.
        """
        for path in sorted(self._staging.iterdir()):
            self._finish_file(path)
            path.rename(self._final / path.name)
        self._set_time(self._final)
        self._staging.rmdir()
        sync_directory(self._final)

    def _keep(self) -> None:
        """Another name for each file, in the gate's own directory: it costs no room."""
        kept = self._staging.parent / RELEASED / self._staging.name
        if kept.exists():
            return  # kept by a run that was cut off before its rename, or released again
        made = kept.with_name(kept.name + ".new")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700, parents=True)
        for path in sorted(self._staging.iterdir()):
            try:
                (made / path.name).hardlink_to(path)
            except OSError:  # a file system without hard links; a full disk fails at the copy, too
                shutil.copy2(path, made / path.name)
                sync_file(made / path.name)
        self._set_time(made)
        sync_directory(made)
        made.rename(kept)
        sync_directory(kept.parent)

    def _finish_file(self, path: Path) -> None:
        path.chmod(FILE_MODE)
        self._set_time(path)
        sync_file(path)

    def _set_time(self, path: Path) -> None:
        nanoseconds = int(self._at.timestamp()) * 10**9
        os.utime(path, ns=(nanoseconds, nanoseconds))

    def _require_equal(self) -> None:
        new, old = _contents(self._staging), _contents(self._final)
        if new.keys() == old.keys():
            # A log that has grown since proves the same leaf against a later checkpoint; both proofs hold.
            new[PROOF] = old[PROOF] = b""
        if new != old:
            raise OperationalError(
                "Other answers were released for this package.",
                why="A package is decided once; the released files and these differ.",
                next_step="Compare both with the log before anything else.",
                where=str(self._final),
            )


def _is_inside(path: Path, directory: Path) -> bool:
    return path.resolve().is_relative_to(directory.resolve())


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
