"""What the operating system refused, each kind with its own reason and its own next step."""

from __future__ import annotations

import errno
from typing import Final

from narrowgate.core.base.errors import OperationalError

_AGAIN: Final = "and run the same command again"

_KNOWN: Final[dict[int, tuple[str, str]]] = {
    errno.ENOENT: (
        "There is no such file or directory.",
        f"Check the path, or make the directory, {_AGAIN}.",
    ),
    errno.ENOTDIR: ("A part of the path is not a directory.", "Check the path."),
    errno.EISDIR: ("It is a directory.", "Name a file."),
    errno.EEXIST: ("It exists already.", "Name a new one."),
    errno.ENAMETOOLONG: ("The name is too long for the file system.", "Name a shorter path."),
    errno.ELOOP: ("Links on the path lead in a circle.", "Name the file itself."),
    errno.EACCES: (
        "This user has no permission there.",
        f"Give the user of this command the permission ('ls -ld' shows who has it), {_AGAIN}.",
    ),
    errno.EPERM: (
        "The system does not permit it to this user.",
        f"Run it as the user who may do it, or ask who looks after the machine, {_AGAIN}.",
    ),
    errno.EROFS: (
        "The file system can only be read.",
        "Name a place on a file system that can be written, or mount this one for writing.",
    ),
    errno.ENOSPC: ("No space is left on the disk.", f"Free some space, {_AGAIN}."),
    errno.EDQUOT: ("The quota of this user on the disk is used up.", f"Free some space, {_AGAIN}."),
    errno.EFBIG: ("The file would be larger than allowed.", f"Raise the limit ('ulimit -f'), {_AGAIN}."),
    errno.EOVERFLOW: ("It is longer than any such file is.", "Name the right file."),
    errno.EMFILE: ("Too many files are open.", f"Raise the limit ('ulimit -n'), {_AGAIN}."),
    errno.ENFILE: ("Too many files are open on the machine.", f"End other programs, {_AGAIN}."),
    errno.ENOMEM: ("Not enough memory.", f"Free some memory, {_AGAIN}."),
    errno.EIO: ("The disk or the network failed to read or write.", f"Check the disk, {_AGAIN}."),
    errno.ETXTBSY: ("Another program uses the file.", f"Wait until it has ended, {_AGAIN}."),
    errno.EBUSY: ("Another program uses it.", f"Wait until it has ended, {_AGAIN}."),
}


def system_reason(error: OSError) -> tuple[str, str]:
    """Returns why the system refused, and what to do; a full disk and a missing permission are told apart.

    Source: POSIX.1-2024, ``errno.h``.
    """
    if error.errno in _KNOWN:
        return _KNOWN[error.errno]
    return f"The system says: {error.strerror or 'input or output error'}.", f"Correct that, {_AGAIN}."


def refused_by_system(error: OSError, what: str, *, where: str = "") -> OperationalError:
    """Returns the failure that says ``what`` happened, why the system refused it, and what to do about that.

    Args:
        error: what the system reported; its own text and file name are not repeated.
        what: what happened, one sentence.
        where: the file or directory.
    """
    why, next_step = system_reason(error)
    return OperationalError(what, why=why, next_step=next_step, where=where)
