"""The directory of a world: whole at the end, or as it was before."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from narrowgate.adapters.files.durable_files import failed
from narrowgate.core.base.errors import UsageError


@contextmanager
def new_world(directory: Path) -> Iterator[Path]:
    """A directory that becomes ``directory`` when everything in it is done, and vanishes when it is not.

    It is made beside ``directory`` under a hidden name; one that a killed run left there is removed first.

    Args:
        directory: does not exist, or is empty.

    Raises:
        UsageError: something is there already, another run is at work there, or it cannot be put in place.
        OperationalError: the disk refused.
    """
    try:
        # Links are followed: what is put in place in the end is the directory, not the link's name.
        target = directory.resolve()
        _require_free(target, directory)
        made = _make_parents(target.parent)
        work = target.parent / f".{target.name}.unfinished"
        try:
            with _own(work):
                yield work
                work.replace(target)
        finally:
            _remove_empty(made)
    except OSError as error:
        raise failed("write the world", directory, error) from error


def _require_free(target: Path, directory: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            "The directory is not empty.",
            why="A world is never written over another one, or among other files.",
            next_step="Name a new directory, or remove this one.",
            where=str(directory),
        )
    if target == Path.cwd() or target.is_mount():
        raise UsageError(
            "The directory is the working directory or a mount point.",
            why="A world is put in place in one piece, which cannot be done there.",
            next_step="Name a new directory below it.",
            where=str(directory),
        )


def _make_parents(directory: Path) -> list[Path]:
    """Makes a directory and everything above it; returns what was not there before, lowest first."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(directories: list[Path]) -> None:
    for directory in directories:
        try:
            directory.rmdir()
        except OSError:
            # It holds the finished world, or what somebody else put there.
            return


@contextmanager
def _own(work: Path) -> Iterator[None]:
    """``work`` is empty and no other run's; after a failure it is gone."""
    work.mkdir(exist_ok=True)
    handle = os.open(work, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(handle, work)
        for left in work.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def _lock(handle: int, work: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            "Another run is at work on this directory.",
            next_step="Wait for it to end, or name another directory.",
            where=str(work),
        ) from None
