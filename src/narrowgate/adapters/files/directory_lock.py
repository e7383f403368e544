"""One writer of a directory: a lock that the system gives free when the process ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from narrowgate.adapters.files.durable_files import failed
from narrowgate.core.base.errors import InUseError


def lock_directory(directory: Path, what: str = "log") -> int:
    """A descriptor of a directory that holds its lock: no file of its own, gone with the process.

    Raises:
        InUseError: another process holds it.
        OperationalError: the directory cannot be opened.
    """
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise failed(f"open the directory of the {what}", directory, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        unlock_directory(descriptor)
        raise InUseError(
            f"Another process writes this {what}.",
            next_step="Wait until it has finished.",
            where=str(directory),
        ) from error
    return descriptor


def unlock_directory(descriptor: int) -> None:
    """Nothing was written through the descriptor, so nothing is lost if closing it fails."""
    with suppress(OSError):
        os.close(descriptor)
