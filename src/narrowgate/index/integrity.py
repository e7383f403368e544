"""Whether an index is whole: its manifest, its signature, and the bytes of every data file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path

from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.index.manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST_BYTES,
    SIGNATURE_NAME,
    IndexFile,
    IndexManifest,
    parse_index_manifest,
)
from narrowgate.index.progress import Progress, nobody

VerifySignature = Callable[[bytes, bytes], None]
"""Takes the manifest and its detached signature, and raises unless the custodian signed it."""


def read_manifest(directory: Path, verify: VerifySignature | None) -> IndexManifest:
    """The manifest of an index, its signature verified first where ``verify`` is given.

    Raises:
        UnavailableError: it is missing, unsigned though a signature is wanted, or damaged.
        ConfigurationError: it is of another version.
    """
    try:
        data = _document(directory / MANIFEST_NAME)
        if verify is not None:
            verify(data, _document(directory / SIGNATURE_NAME))
    except OSError as error:
        raise UnavailableError(
            "The index has no readable manifest or signature.",
            why=system_reason(error)[0],
            next_step="Restore the index from its copy, or name its directory in gate.toml; then run again.",
            where=directory.name,
        ) from error
    return parse_index_manifest(data, f"{directory.name}/{MANIFEST_NAME}")


def check_size(directory: Path, file: IndexFile) -> None:
    """The data file is there and has its size.

    Raises:
        UnavailableError: it is not, or has another.
    """
    try:
        found = (directory / file.path).stat()
        size = found.st_size if stat.S_ISREG(found.st_mode) else None
    except OSError:
        size = None
    if size != file.bytes:
        _damaged(directory, file, "It is missing or has another size.")


def check_digest(directory: Path, file: IndexFile) -> None:
    """The data file's bytes are those of the manifest.

    Raises:
        UnavailableError: they are not, or cannot be read.
    """
    try:
        with _opened(directory / file.path) as data:
            digest = file_digest(data, "sha256").hexdigest()
    except OSError:
        digest = ""
    if digest != file.sha256:
        _damaged(directory, file, "Its bytes are not those of the manifest.")


def _opened(path: Path) -> BufferedReader:
    """The open file, which is a regular one: a pipe would be waited for, a device read without end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def _document(path: Path) -> bytes:
    with _opened(path) as file:
        data = file.read(MAX_MANIFEST_BYTES + 1)
    if len(data) > MAX_MANIFEST_BYTES:
        raise OSError(errno.EOVERFLOW, "The file is too large", str(path))
    return data


def _damaged(directory: Path, file: IndexFile, why: str) -> None:
    raise UnavailableError(
        "A data file of the index is damaged.",
        why=why,
        next_step="Restore the index from its copy, or build it again.",
        where=f"{directory.name}/{file.path}",
    )


def verify_index(
    directory: Path, verify: VerifySignature | None, progress: Progress = nobody
) -> IndexManifest:
    """The manifest of an index whose every byte is accounted for.

    Args:
        directory: of the index.
        verify: checks the manifest's signature; None for an index without one.
        progress: told of bytes hashed.

    Raises:
        UnavailableError: the manifest or a data file is missing or changed, or there is a file more.
        ConfigurationError: the index is of another version.
    """
    manifest = read_manifest(directory, verify)
    done, total = 0, sum(file.bytes for file in manifest.files)
    for file in manifest.files:
        check_size(directory, file)
        check_digest(directory, file)
        done += file.bytes
        progress("bytes", done, total)
    named = {file.path for file in manifest.files} | {MANIFEST_NAME, SIGNATURE_NAME}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.relative_to(directory).as_posix() not in named:
            raise UnavailableError(
                "The index holds a file its manifest does not name.",
                next_step="Find out who put it there.",
                where=f"{directory.name}/{path.relative_to(directory).as_posix()}",
            )
    return manifest
