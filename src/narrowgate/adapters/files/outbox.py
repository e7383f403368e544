"""Answers as a directory per package, which appears complete, by one rename, or not at all.

Until then the files lie in a staging directory of the gate's own, outside of the outbox: whoever fetches answers
from the outbox cannot meet an answer whose leaf is not in the log, even where a run was killed. In it, ``unfinished``
holds what a run is sealing, ``waiting`` what waits for its slot, and ``leaving`` the copies that are about to leave: a
file that lay there for hours says when it was sealed (``statx`` tells its birth), so it is made anew at the slot.
What was released is kept in ``released``, sealed as it is, so that lost answers can leave again: once another index is
in force, no run could make the same ones.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory, sync_file
from narrowgate.adapters.files.fence import Fence, OwnPlace
from narrowgate.core.answers.file_names import PROOF
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.log.file_names import UNFINISHED_SUFFIX

FILE_MODE: Final = 0o640
DIRECTORY_MODE: Final = 0o750
"""Of what is released: the gate writes, the group that carries the answers away reads."""

RELEASED: Final = "released"
"""Directory in the staging directory of what was released."""

_UNFINISHED_PROOF: Final = PROOF + UNFINISHED_SUFFIX
"""What a run left that was cut off while it exchanged a proof."""

_SYNCS_AT_ONCE: Final = 16
"""The disk takes what several threads wait for together; one after the other, thousands of files wait in turn."""


class DirectoryOutbox:
    """Puts each package's files into a directory of its own below ``directory``.

    Args:
        directory: the outbox; made where it does not exist.
        staging: made with mode 0700 where it does not exist; one gate's alone.
        fence: of a lock on a server, which keeps a gate out that was overtaken: what it was sealing or about to let
            leave then lies in a directory of its own, which the next one takes away.

    Raises:
        ConfigurationError: others may enter the staging directory, it is inside the outbox or the other way round, or
            they are on two file systems, between which nothing can be renamed.
        OperationalError: one of them cannot be made.
    """

    def __init__(self, directory: Path, staging: Path, fence: Fence | None = None) -> None:
        self._directory = directory
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
        self._own = OwnPlace(staging, fence)
        self._unfinished, self._leaving = self._own.path / "unfinished", self._own.path / "leaving"
        self._waiting, self._released = staging / "waiting", staging / RELEASED
        try:
            for part in (self._unfinished, self._waiting, self._leaving, self._released):
                part.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise failed("make the directories of the answers", staging, error) from error

    def stage(self, package_id: str) -> DirectoryStaging:
        """An empty staging directory; of what any earlier run left unfinished, nothing remains.

        Args:
            package_id: names the directory.

        Raises:
            OperationalError: the disk refused.
        """
        unfinished = self._unfinished / package_id
        try:
            for left in self._unfinished.iterdir():
                shutil.rmtree(left)
            unfinished.mkdir(mode=0o700)
        except OSError as error:
            raise failed("make the directory", unfinished, error) from error
        return DirectoryStaging(unfinished, self._waiting / package_id, self._own)

    def prepare(self, package_id: str, at: datetime, proof: bytes | None = None) -> None:
        """Copies of the waiting files lie ready to leave, new, each with the time ``at``; all but the rename.

        When a file was made or changed would tell how long the work before it took. Every directory entry is new, too.

        Args:
            package_id: the package.
            at: the time that every file and the directory get, whole seconds.
            proof: takes the place of the log proof that waits; lost answers leave again with it, too.

        Raises:
            OperationalError: the disk refused, or nothing of the package waits.
        """
        waiting, leaving = self._waiting / package_id, self._leaving / package_id
        if self.is_released(package_id):
            return
        try:
            if not waiting.is_dir():
                raise _lost(waiting)
            (waiting / _UNFINISHED_PROOF).unlink(missing_ok=True)
            if proof is not None:
                self._own.place(waiting / PROOF, proof)
                sync_directory(waiting)
            _copy_all(sorted(waiting.iterdir()), leaving, at)
        except OSError as error:
            raise failed("prepare the answers", leaving, error) from error

    def release(self, package_id: str) -> None:
        """Rename what was prepared into place; an equal release before stays as it is.

        Raises:
            OperationalError: the disk refused, nothing was prepared, or other files are in place.
        """
        waiting, leaving = self._waiting / package_id, self._leaving / package_id
        final = self._directory / package_id
        try:
            if final.exists():
                if waiting.exists():
                    _require_equal(waiting, final)
            elif leaving.is_dir():
                leaving.rename(final)
            else:
                raise _lost(leaving)
            sync_directory(self._directory)
            sync_directory(self._leaving)
            self._keep(package_id)
            self._own.remove(leaving)
        except OSError as error:
            raise failed("release the answers", final, error) from error

    def is_complete(self, package_id: str) -> bool:
        """Whether everything that was released of the package lies in the outbox.

        Raises:
            OperationalError: the disk refused, or the gate's own copy of what was released is gone.
        """
        return not self._missing(package_id)

    def release_again(self, package_id: str) -> None:
        """Files of the package that the outbox has lost are there again, byte for byte; others stay as they are.

        Raises:
            OperationalError: the disk refused, or the gate's own copy of what was released is gone.
        """
        missing = self._missing(package_id)
        if not missing:
            return
        final, leaving = self._directory / package_id, self._leaving / package_id
        kept = self._released / package_id
        try:
            at = datetime.fromtimestamp(int(kept.stat().st_mtime), UTC)
            _copy_all([kept / name for name in missing], leaving, at)
            if final.exists():
                for path in sorted(leaving.iterdir()):
                    path.rename(final / path.name)
                _set_time(final, at)
                sync_directory(final)
                self._own.remove(leaving)
            else:
                leaving.rename(final)
                sync_directory(self._directory)
        except OSError as error:
            raise failed("release the answers again", final, error) from error

    def _missing(self, package_id: str) -> list[str]:
        """Names of the files that were released of the package and are not in the outbox."""
        final, kept = self._directory / package_id, self._released / package_id
        try:
            names = sorted(path.name for path in kept.iterdir()) if kept.exists() else []
            missing = [name for name in names if not (final / name).exists()]
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
        return missing

    def _keep(self, package_id: str) -> None:
        """What waited is kept, with the time at which it was released."""
        waiting, kept = self._waiting / package_id, self._released / package_id
        if not waiting.exists():
            return
        self._own.remove(kept)
        released = (self._directory / package_id).stat().st_mtime_ns
        os.utime(waiting, ns=(released, released))
        waiting.rename(kept)
        sync_directory(self._released)
        sync_directory(self._waiting)

    def is_released(self, package_id: str) -> bool:
        """Whether answers of the package are in place.

        Raises:
            OperationalError: the disk refused.
        """
        try:
            return (self._directory / package_id).exists()
        except OSError as error:
            raise failed("look for the answers", self._directory, error) from error

    def withdraw(self, package_id: str) -> None:
        """Nothing of the package is in place or waits; what is in place goes by one rename.

        Raises:
            OperationalError: the disk refused.
        """
        final, leaving = self._directory / package_id, self._leaving / package_id
        try:
            if final.exists():
                self._own.remove(leaving)
                final.rename(leaving)
                sync_directory(self._directory)
        except OSError as error:
            raise failed("take the answers away", final, error) from error
        self.discard(package_id)

    def prune(self, package_id: str) -> None:
        """The copy kept in ``released`` is gone, durably; what is in the outbox stays until it expires.

        Raises:
            OperationalError: the disk refused.
        """
        kept = self._released / package_id
        try:
            self._own.remove(kept)
        except OSError as error:
            raise failed("remove the copy of what was released", kept, error) from error
        sync_directory(self._released)

    def discard(self, package_id: str) -> None:
        """Nothing of the package is staged or waits any more, nor is a copy of what was released kept.

        Raises:
            OperationalError: the disk refused.
        """
        for part in (self._unfinished, self._waiting, self._leaving, self._released):
            staging = part / package_id
            try:
                self._own.remove(staging)
            except OSError as error:
                raise failed("remove the staged answers", staging, error) from error


class DirectoryStaging:
    """One package's files in the gate's own directory until they are sealed and logged."""

    def __init__(self, unfinished: Path, waiting: Path, own: OwnPlace) -> None:
        self._unfinished = unfinished
        self._waiting = waiting
        self._own = own

    def put(self, name: str, data: bytes) -> None:
        """Write one file into the staging directory; it is durable when ``finish`` returns.

        A package has a file for each of thousands of officers. Waiting for the disk after each would take
        longer than the package; a run that a crash ends before it finished stages all of them again.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._unfinished / name
        try:
            path.write_bytes(data)
        except OSError as error:
            raise failed("write the file", path, error) from error

    def finish(self) -> None:
        """All files are durable and wait, in the place of any that waited; a repeated run stages the same again.

        Raises:
            OperationalError: the disk refused.
        """
        try:
            with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
                list(threads.map(sync_file, sorted(self._unfinished.iterdir())))
            sync_directory(self._unfinished)
            self._own.remove(self._waiting)
            self._unfinished.rename(self._waiting)
        except OSError as error:
            raise failed("keep the sealed answers", self._unfinished, error) from error
        sync_directory(self._waiting.parent)
        sync_directory(self._unfinished.parent)


def _copy_all(sources: Iterable[Path], directory: Path, at: datetime) -> None:
    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(mode=0o700)
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
        # Taking all results is what raises the first failure.
        list(threads.map(partial(_copy, directory, at), sources))
    directory.chmod(DIRECTORY_MODE)
    _set_time(directory, at)
    sync_directory(directory)


def _copy(directory: Path, at: datetime, source: Path) -> None:
    path = directory / source.name
    shutil.copyfile(source, path)
    path.chmod(FILE_MODE)
    _set_time(path, at)
    sync_file(path)


def _set_time(path: Path, at: datetime) -> None:
    nanoseconds = int(at.timestamp()) * 10**9
    os.utime(path, ns=(nanoseconds, nanoseconds))


def _lost(directory: Path) -> OperationalError:
    return OperationalError(
        "The sealed answers of a package that waits for its release are not there.",
        why="They were removed, or the staging directory was exchanged or restored from an older copy.",
        next_step="Restore the staging directory. If it is lost, "
        "end the package with 'narrowgate act propose package-abandoned'.",
        where=str(directory),
    )


def _require_equal(staged: Path, released: Path) -> None:
    new, old = _contents(staged), _contents(released)
    if new.keys() == old.keys():
        # A log that has grown since proves the same leaf against a later checkpoint; both proofs hold.
        new[PROOF] = old[PROOF] = b""
    if new != old:
        raise OperationalError(
            "Other answers were released for this package.",
            why="A package is decided once; the released files and these differ.",
            next_step="Compare both with the log before anything else.",
            where=str(released),
        )


def _is_inside(path: Path, directory: Path) -> bool:
    return path.resolve().is_relative_to(directory.resolve())


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
