"""Reading files that somebody may have tampered with."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from narrowgate.core.base.errors import LogInconsistentError, NarrowgateError, OperationalError, ProofError
from narrowgate.core.base.system_errors import system_reason

Missing = type[LogInconsistentError] | type[ProofError]
"""What a file that should be there and is not means for the reader."""


def read_bytes(path: Path, missing: Missing = LogInconsistentError, most: int | None = None) -> bytes:
    """The content of a regular file.

    Args:
        path: the file.
        missing: what to raise where the file does not exist.
        most: bytes that it may have; a larger one is not read.

    Raises:
        NarrowgateError: of the kind ``missing``; the file is missing, none, or too large.
        OperationalError: the machine cannot read it.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe or a device may never end
            raise missing("What is there is not a regular file.", where=str(path))
        if most is not None and found.st_size > most:
            raise missing(f"The file is larger than {most:,} bytes.", where=str(path))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise missing("A file is missing.", where=str(path)) from error
    except OSError as error:
        raise OperationalError(
            f"Could not read the file: {error.strerror or 'input or output error'}.",
            where=str(path),
            next_step=system_reason(error)[1],
        ) from error


def read_text(path: Path, missing: Missing = LogInconsistentError, most: int | None = None) -> str:
    """The content of a UTF-8 file, newlines as they are.

    Args:
        path: the file.
        missing: what to raise where it does not exist, or is not UTF-8.
        most: bytes that it may have.

    Raises:
        NarrowgateError: of the kind ``missing``; the file is missing, too large or not UTF-8.
        OperationalError: the machine cannot read it.
    """
    try:
        return read_bytes(path, missing, most).decode()
    except UnicodeDecodeError as error:
        raise missing("The file is not UTF-8.", where=str(path)) from error


def _raise(error: NarrowgateError) -> None:
    raise error


def regular_files(
    directory: Path,
    other: Missing = LogInconsistentError,
    complain: Callable[[NarrowgateError], None] = _raise,
) -> Iterator[str]:
    """The relative paths of all files below a directory, which holds no links: they could lead anywhere.

    Args:
        directory: to look through.
        other: kind of the error about what is neither a file nor a directory.
        complain: told of it; raises it, or notes it and goes on.

    Raises:
        NarrowgateError: as ``complain`` does.
        OperationalError: the machine cannot list it.
    """
    try:
        entries = sorted(directory.iterdir())
        modes = [entry.lstat().st_mode for entry in entries]
    except OSError as error:
        raise OperationalError(
            f"Could not list the directory: {error.strerror or 'input or output error'}.",
            where=str(directory),
            next_step=system_reason(error)[1],
        ) from error
    for entry, mode in zip(entries, modes, strict=True):
        if (
            stat.S_ISDIR(mode) and entry.exists()
        ):  # what a gate at work removes meanwhile is no part of anything
            yield from (f"{entry.name}/{name}" for name in regular_files(entry, other, complain))
        elif stat.S_ISREG(mode):
            yield entry.name
        else:
            complain(other("Neither a file nor a directory.", where=str(entry)))
