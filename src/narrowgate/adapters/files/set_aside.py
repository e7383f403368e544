"""Moving aside what lies in a log's directory beyond its checkpoint: nothing of it is deleted, and it is counted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from narrowgate.adapters.files.durable_files import failed, sync_directory
from narrowgate.core.log.file_names import SET_ASIDE


def set_aside(directory: Path, belongs: Callable[[str], bool]) -> int:
    """How many files were moved below ``aside/<number>/``, each under its own path; all others belong to the log.

    Args:
        directory: of the log.
        belongs: says of a file's path below the directory whether it is part of the log; may raise.

    Raises:
        OperationalError: the disk refused; the files are in one place or the other.
    """
    names = [name for name in _files_below(directory) if not belongs(name)]
    if not names:
        return 0
    target = _next_target(directory / SET_ASIDE)
    touched = {directory, directory / SET_ASIDE, target}
    for name in names:
        path, moved = directory / name, target / name
        try:
            moved.parent.mkdir(parents=True, exist_ok=True)
            path.rename(moved)
        except OSError as error:
            raise failed("set an unfinished file aside", path, error) from error
        touched |= {path.parent, moved.parent}
    for folder in sorted(touched):
        sync_directory(folder)
    return len(names)


def _next_target(parent: Path) -> Path:
    try:
        parent.mkdir(exist_ok=True)
        taken = [int(path.name) for path in parent.iterdir() if path.name.isdecimal()]
        target = parent / str(max(taken, default=0) + 1)
        target.mkdir()
    except OSError as error:
        raise failed("make the directory", parent, error) from error
    return target


def _files_below(directory: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(directory, onerror=_raise):
        place = Path(folder).relative_to(directory)
        if place == Path() and SET_ASIDE in folders:
            folders.remove(SET_ASIDE)
        yield from ((place / name).as_posix() for name in sorted(names))


def _raise(error: OSError) -> None:
    raise failed("list the log directory", Path(error.filename), error) from error
