"""The directory a build works in: beside the index, locked, and gone or renamed at the end."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.index.files import flush


@contextmanager
def workspace(directory: Path) -> Iterator[Path]:
    """A fresh directory ``.<name>.building`` beside ``directory``; what a killed build left there is removed.

    Args:
        directory: where the finished index will stand; it must not exist.

    Raises:
        ConfigurationError: ``directory`` exists.
        OperationalError: another build works there, or the disk refuses.
    """
    if directory.exists():
        raise ConfigurationError(
            "There is something at the place of the index already.",
            why="A finished index is immutable.",
            next_step="Name a directory that does not exist.",
            where=directory.name,
        )
    lock = directory.parent / f".{directory.name}.lock"
    work = directory.parent / f".{directory.name}.building"
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("wb") as handle:
            _take(handle.fileno(), directory)
            try:
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir()
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)
                lock.unlink(missing_ok=True)
    except OSError as error:
        raise OperationalError(
            "The index cannot be written.",
            why=system_reason(error)[0],
            where=directory.name,
            next_step=system_reason(error)[1],
        ) from error


def _take(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperationalError(
            "Another build is at work at this place.", next_step="Wait for it to end.", where=directory.name
        ) from None


def publish(finished: Path, directory: Path) -> None:
    """Makes ``finished`` the index at ``directory``, whole and durable, or not at all."""
    for path in sorted(finished.rglob("*")):
        flush(path)
    flush(finished)
    finished.rename(directory)
    flush(directory.parent)
