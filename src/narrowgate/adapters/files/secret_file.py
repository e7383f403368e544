"""Files of secrets: for their owner alone from the first byte on, and never half a secret."""

from __future__ import annotations

import os
from pathlib import Path

from narrowgate.adapters.files.durable_files import sync_directory
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.log.file_names import UNFINISHED_SUFFIX


def write_secret_file(path: Path, content: bytes) -> None:
    """Write ``content`` to a new file with mode 0600, durable on return; an existing file is never replaced.

    The name comes last: a machine that dies meanwhile leaves no key that is half a key.

    Raises:
        OperationalError: the file exists or cannot be written.
    """
    unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
    try:
        descriptor = os.open(
            unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o600)  # what an earlier attempt left may have another mode
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(unfinished)
        finally:
            unfinished.unlink()
        sync_directory(path.parent)
    except FileExistsError as error:
        raise OperationalError(
            "The key file exists already.",
            why="A key that is replaced makes everything bound to it unreadable.",
            next_step="Name another file, or move the old one away.",
            where=str(path),
        ) from error
    except OSError as error:
        raise OperationalError(
            "The key file cannot be written.",
            why=system_reason(error)[0],
            where=str(path),
            next_step="Name a new file in a directory that can be written.",
        ) from error
