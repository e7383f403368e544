"""Files that survive a power cut whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from narrowgate.core.base.errors import OperationalError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.log.file_names import UNFINISHED_SUFFIX

_UNFINISHED = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
"""What the system reports when a part may be written."""


def failed(action: str, path: Path, error: OSError) -> OperationalError:
    """The error to raise when the machine could not do ``action`` with ``path``."""
    why, next_step = system_reason(error)
    if error.errno in _UNFINISHED:
        why += " After a failed write it is not known what the disk holds, so it is not tried again."
    return OperationalError(
        f"Could not {action}: {error.strerror or 'input or output error'}.",
        why=why,
        next_step=f"{next_step} What was acknowledged is kept.",
        where=str(path),
    )


def place(path: Path, data: bytes, by: Path | None = None, *, durable: bool = True) -> None:
    """The file holds ``data`` or what it held before, at every moment; durable after its directory is synced.

    Args:
        path: of the file.
        data: its bytes.
        by: another name on the same file system under which it is made; None for one beside it.
        durable: False for what only tells of the moment: after a power cut the file may be empty.

    Raises:
        OperationalError: the disk refused; the file is as before.
    """
    temporary = by or path.with_name(path.name + UNFINISHED_SUFFIX)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            _write_all(descriptor, data)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except OSError as error:
        raise failed("write the file", path, error) from error


def sync_directory(path: Path) -> None:
    """The names in a directory are durable.

    Raises:
        OperationalError: the disk refused.
    """
    _sync(path, os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """The bytes of a file are durable; its name is, after its directory is synced.

    Raises:
        OperationalError: the disk refused.
    """
    _sync(path, 0)


def _sync(path: Path, flags: int) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise failed("sync", path, error) from error


def write_durably(path: Path, data: bytes) -> None:
    """The file holds ``data``, durable on return; interrupted, it is as before.

    Raises:
        OperationalError: the disk refused.
    """
    place(path, data)
    sync_directory(path.parent)


def write_private(path: Path, data: bytes) -> None:
    """A new file that only its owner can read (mode 0600) holds ``data``, durable on return.

    Raises:
        OperationalError: the file exists (it is never replaced), or the disk refused.
    """
    write_private_pieces(path, (data,))


def write_private_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """A new file that only its owner can read (mode 0600) holds all pieces, durable on return, or there is none.

    Args:
        path: of the file.
        pieces: made while they are written; when making them raises, the file is removed.

    Raises:
        OperationalError: the file exists (it is never replaced), or the disk refused.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise OperationalError(
            "The file exists already.", next_step="Name another file.", where=str(path)
        ) from error
    except OSError as error:
        raise failed("write the file", path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise failed("write the file", path, error) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
