"""Opening files that somebody else may have put there: regular ones, and no more of them than expected.

A named pipe blocks its reader, a device may never end, and a link leads to a file that nobody named. Each of them
is refused at once, with an ``OSError`` like any other that an open can meet.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""No settings, agreement, list, certificate or mapping that a person keeps is as long."""


class NotRegularFileError(OSError):
    """What the name leads to is a pipe, a device, a socket, a directory, or a link that is not followed."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """The open file, which is a regular one; never waits.

    Args:
        path: the file.
        follow: whether a symbolic link in the last place is followed, as an operator's own files may need.

    Raises:
        NotRegularFileError: it is no regular file.
        OSError: it cannot be opened.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise _not_regular(path) from error
        raise
    try:
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        file = os.fdopen(descriptor, "rb") if is_regular else None
    except BaseException:
        os.close(descriptor)
        raise
    if file is None:
        os.close(descriptor)
        raise _not_regular(path)
    return file


def read_regular(path: Path, most: int = MAX_DOCUMENT_BYTES, *, follow: bool = True) -> bytes:
    """The whole content of a regular file.

    Args:
        path: the file.
        most: bytes it may have.
        follow: as for ``open_regular``.

    Raises:
        NotRegularFileError: it is no regular file.
        OSError: it cannot be read, or is longer.
    """
    with open_regular(path, follow=follow) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EOVERFLOW, f"Longer than {most:,} bytes", str(path))
    return data


def _not_regular(path: Path) -> NotRegularFileError:
    return NotRegularFileError(errno.EINVAL, "Not a regular file", str(path))
