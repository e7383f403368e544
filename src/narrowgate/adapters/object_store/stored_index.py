"""An index in an object store: published with its manifest last, and brought to a machine file by checked file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.object_store.reading import in_time
from narrowgate.adapters.object_store.trouble import store_failures
from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.index.files import INDEX_FILE_MODE
from narrowgate.index.integrity import VerifySignature, check_digest, read_manifest
from narrowgate.index.manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST_BYTES,
    SIGNATURE_NAME,
    IndexFile,
    IndexManifest,
)
from narrowgate.index.progress import Progress, nobody
from narrowgate.index.workspace import publish, workspace

_PIECE = 8 << 20
_AT_ONCE = 4


def bring_manifest(index: ObjectLocation, mirror: Path) -> None:
    """Manifest and signature of ``index`` are in ``mirror``, where data files of another index are no more.

    Nothing is believed of them here: whoever opens the mirror verifies the signature.

    Args:
        index: in the store.
        mirror: directory of this process's user.

    Raises:
        UnavailableError: the store has no manifest, or does not give it.
        ConfigurationError: the environment holds no credentials.
        OperationalError: the disk refuses.
    """
    manifest = _whole(index / MANIFEST_NAME)
    signature = _whole(index / SIGNATURE_NAME) if SIGNATURE_NAME in stored_files(index) else None
    held = mirror / MANIFEST_NAME
    try:
        if not held.is_file() or held.read_bytes() != manifest:
            shutil.rmtree(mirror, ignore_errors=True)
            mirror.mkdir(parents=True)
        if signature is not None:
            _replace(mirror / SIGNATURE_NAME, signature)
        _replace(held, manifest)
    except OSError as error:
        raise refused_by_system(
            error, "The manifest of the index cannot be kept on this machine.", where=mirror.name
        ) from error


def check_sizes(index: ObjectLocation, manifest: IndexManifest) -> None:
    """Every data file is in the store and has its size.

    Raises:
        UnavailableError: one is missing or has another.
    """
    sizes = stored_files(index)
    for file in manifest.files:
        if sizes.get(file.path) != file.bytes:
            raise damaged(index, file, "It is missing or has another size.")


def stored_files(index: ObjectLocation) -> dict[str, int]:
    """The objects below ``index``, and the bytes of each.

    Raises:
        UnavailableError: the store does not tell.
    """
    from pyarrow import fs  # noqa: PLC0415 - it starts threads, and most commands read no store

    below = fs.FileSelector(index.path, allow_not_found=True, recursive=True)
    with store_failures(index.name):
        found = in_time(lambda: index.file_system().get_file_info(below), index.name, index.port)
    start = len(index.path) + 1
    return {each.path[start:]: int(each.size or 0) for each in found if each.type == fs.FileType.File}


def bring(index: ObjectLocation, mirror: Path, file: IndexFile) -> None:
    """The data file is in ``mirror``, its bytes those of the manifest: they are hashed as they come.

    Args:
        index: in the store.
        mirror: holds the verified manifest.
        file: of it.

    Raises:
        UnavailableError: the object has other bytes, or cannot be read.
        OperationalError: the disk refuses.
    """
    target = mirror / file.path
    if target.exists():
        try:
            return check_digest(mirror, file)
        except UnavailableError:
            target.unlink()  # the copy is damaged, not the index
    arriving = target.with_name(f".{target.name}-{uuid4().hex}")
    try:
        target.parent.mkdir(exist_ok=True)
        with open(arriving, "xb", opener=_opened) as sink:
            read_checked(index, file, sink.write)
        arriving.replace(target)
    except OSError as error:
        raise refused_by_system(
            error, "A data file of the index cannot be kept on this machine.", where=target.name
        ) from error
    finally:
        with suppress(OSError):
            arriving.unlink(missing_ok=True)


def read_checked(index: ObjectLocation, file: IndexFile, take: Callable[[bytes], object]) -> None:
    """Gives every byte of a data file to ``take``, and fails at the end where they are not those of the manifest.

    Raises:
        UnavailableError: they are not, or cannot be read.
    """
    location = index / file.path
    digest, size = sha256(), 0
    with location.stream() as stream:
        while size <= file.bytes:
            piece = stream.read(_PIECE)
            if not piece:
                break
            digest.update(piece)
            size += len(piece)
            take(piece)
    if size != file.bytes or digest.hexdigest() != file.sha256:
        raise damaged(index, file, "Its bytes are not those of the manifest.")


def verify_stored_index(
    index: ObjectLocation, verify: VerifySignature | None, progress: Progress = nobody
) -> tuple[IndexManifest, bool]:
    """The manifest of an index whose every byte is accounted for, and whether it has a signature; no file is kept.

    Args:
        index: in the store.
        verify: checks the manifest's signature; None for an index without one.
        progress: told of bytes hashed.

    Raises:
        UnavailableError: the manifest or a data file is missing or changed, or there is an object more.
        ConfigurationError: the index is of another version.
    """
    with TemporaryDirectory() as directory:
        mirror = Path(directory) / index.name
        bring_manifest(index, mirror)
        manifest = read_manifest(mirror, verify)
        signed = (mirror / SIGNATURE_NAME).exists()
    check_sizes(index, manifest)
    _require_no_more(index, manifest)
    done, total = 0, sum(file.bytes for file in manifest.files)
    for file in manifest.files:
        read_checked(index, file, len)
        done += file.bytes
        progress("bytes", done, total)
    return manifest, signed


def fetch_index(index: ObjectLocation, directory: Path, progress: Progress = nobody) -> IndexManifest:
    """The index is at ``directory`` too, whole and durable, or not at all.

    Args:
        index: in the store.
        directory: must not exist.
        progress: told of bytes brought.

    Raises:
        UnavailableError: the manifest or a data file is missing or changed, or there is an object more.
        ConfigurationError: ``directory`` exists, or the index is of another version.
        OperationalError: the disk refuses.
    """
    with workspace(directory) as work:
        mirror = work / "index"
        bring_manifest(index, mirror)
        manifest = read_manifest(mirror, None)
        _require_no_more(index, manifest)
        done, total = 0, sum(file.bytes for file in manifest.files)
        for file in manifest.files:
            bring(index, mirror, file)
            done += file.bytes
            progress("bytes", done, total)
        publish(mirror, directory)
    return manifest


def _require_no_more(index: ObjectLocation, manifest: IndexManifest) -> None:
    named = {file.path for file in manifest.files} | {MANIFEST_NAME, SIGNATURE_NAME}
    for path in sorted(stored_files(index).keys() - named):
        raise UnavailableError(
            "The index holds a file its manifest does not name.",
            next_step="Find out who put it there.",
            where=f"{index.name}/{path}",
        )


def publish_to_store(finished: Path, index: ObjectLocation) -> None:
    """Makes ``finished`` the index at ``index``: the manifest comes last, and without it there is no index.

    Args:
        finished: a whole index of this machine.
        index: holds nothing.

    Raises:
        ConfigurationError: there is something.
        UnavailableError: the store does not take it; what it took is removed, as far as the store lets that happen.
    """
    require_empty(index)
    last = [name for name in (SIGNATURE_NAME, MANIFEST_NAME) if (finished / name).exists()]
    data = [path.relative_to(finished).as_posix() for path in sorted(finished.rglob("*")) if path.is_file()]
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(lambda name: _put(finished / name, index / name), sorted({*data} - {*last})):
                pass
        for name in last:
            _put(finished / name, index / name)
        _require_stored(index, {name: (finished / name).stat().st_size for name in data})
    except UnavailableError:
        _remove(index, [*reversed(last), *data])
        raise


def _require_stored(index: ObjectLocation, sizes: dict[str, int]) -> None:
    if stored_files(index) != sizes:
        raise UnavailableError(
            "The object store does not hold what was written.",
            next_step="Find out who else writes there, and build the index at another key.",
            where=index.name,
        )


def require_empty(index: ObjectLocation) -> None:
    """Returns only where nothing is stored at ``index``.

    Raises:
        ConfigurationError: something is.
        UnavailableError: the store does not tell.
    """
    if stored_files(index):
        raise ConfigurationError(
            "There is something at the place of the index already.",
            why="An index is written once and never changed.",
            next_step="Name a new key.",
            where=index.name,
        )


def damaged(index: Path | ObjectLocation, file: IndexFile, why: str) -> UnavailableError:
    """What is wrong with a data file."""
    return UnavailableError(
        "A data file of the index is damaged.",
        why=why,
        next_step="Restore the index from its copy, or build it again.",
        where=f"{index.name}/{file.path}",
    )


def _whole(location: ObjectLocation) -> bytes:
    with location.stream() as stream:
        too_long = stream.size() > MAX_MANIFEST_BYTES
        data = b"" if too_long else stream.readall()
    if too_long:
        raise UnavailableError(
            "The manifest or the signature of the index is larger than any can be.",
            next_step="Find out who put it there, and restore the index from its copy.",
            where=location.name,
        )
    return data


def _put(path: Path, location: ObjectLocation) -> None:
    with (
        path.open("rb") as source,
        store_failures(location.name),
        location.file_system().open_output_stream(location.path) as sink,
    ):
        while piece := source.read(_PIECE):
            sink.write(piece)


def _remove(index: ObjectLocation, names: list[str]) -> None:
    for name in names:
        try:
            index.file_system().delete_file((index / name).path)
        except OSError:
            continue  # it was not written, or the store is away: without a manifest it is no index
    with suppress(OSError, UnavailableError):
        if not stored_files(index):
            # What pyarrow leaves for directories that became empty.
            index.file_system().delete_dir(index.path)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, INDEX_FILE_MODE)


def _replace(path: Path, data: bytes) -> None:
    arriving = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        with open(arriving, "xb", opener=_opened) as sink:
            sink.write(data)
        arriving.replace(path)
    finally:
        with suppress(OSError):
            arriving.unlink(missing_ok=True)
