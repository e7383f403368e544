"""A bundle for an inspector is written: a directory, or one file; the first, or one that continues the last."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed
from narrowgate.core.base.errors import LogInconsistentError, UsageError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.entrypoints.bundle_files import Content, Snapshot
from narrowgate.verify.bundle import BundledFile, BundleManifest, measured, read_manifest
from narrowgate.verify.files import read_text
from narrowgate.verify.log_directory import require_continuation
from narrowgate.verify.source import BUNDLE_MANIFEST, LOG, Source

ARCHIVES: Final = (".tar", ".zip")
"""Ends the name of a bundle that is one file."""

_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundled:
    """What was written.

    Args:
        manifest: of the bundle.
        sha256: hex digest of the manifest, to be published beside the key.
    """

    manifest: BundleManifest
    sha256: str


def write_bundle(source: Source, out: Path, previous: Path | None = None) -> Bundled:
    """Returns what was written to ``out``, which is there whole or not at all.

    The same state of a gate gives the same bytes. A bundle that continues another one has only what is new.

    Args:
        source: of the gate, which may be at work.
        out: does not exist; a name that ends in ``.tar`` or ``.zip`` becomes one file.
        previous: directory of the last bundle.

    Raises:
        UsageError: something is at ``out`` already, or ``previous`` is no bundle.
        LogInconsistentError: the log does not continue the last bundle, or is not as it should be.
        ProofError: a signature of an act has no readable form.
        OperationalError: the disk refused.
    """
    if out.exists() or out.is_symlink():
        raise UsageError(
            "Something is there already.", next_step="Name a new file or directory.", where=str(out)
        )
    inside = {place.resolve() for place in (source.log, source.governance) if place is not None}
    if inside & set(out.resolve().parents):
        raise UsageError(
            "A bundle is not written into what it is made from.",
            next_step="Name another place.",
            where=str(out),
        )
    snapshot = Snapshot.take(source)
    before = _previous(previous, snapshot) if previous is not None else None
    work = out.with_name(f".{out.name}.unfinished")
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        manifest = _write_files(work, snapshot, before)
        data = manifest.encoded()
        (work / BUNDLE_MANIFEST).write_bytes(data)
        if out.suffix in ARCHIVES:
            archive = work.with_name(f".{out.name}.archive")
            (_write_tar if out.suffix == ".tar" else _write_zip)(work, archive)
            archive.replace(out)
        else:
            work.replace(out)
    except OSError as error:
        raise failed("write the bundle", out, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Bundled(manifest, sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class _Before:
    manifest: BundleManifest
    digest: str

    @property
    def files(self) -> dict[str, BundledFile]:
        return {file.path: file for file in (*self.manifest.files, *self.manifest.earlier)}


def _previous(directory: Path, snapshot: Snapshot) -> _Before:
    """The last bundle, which the log continues."""
    if not (directory / BUNDLE_MANIFEST).is_file():
        raise UsageError(
            "There is no bundle to continue.",
            why="A bundle has a manifest.json.",
            next_step="Name the directory of the last bundle; unpack one that is one file.",
            where=str(directory),
        )
    manifest, digest = read_manifest(directory)
    path = directory / LOG / CHECKPOINT
    older = verify_checkpoint(read_text(path), snapshot.key, str(path))
    if older != Checkpoint(manifest.origin, manifest.size, bytes.fromhex(manifest.root)):
        raise LogInconsistentError(
            "The manifest of the last bundle is of another state of the log than its checkpoint.",
            where=str(path),
        )
    require_continuation(snapshot.source.log, snapshot.checkpoint, older)
    return _Before(manifest, digest)


def _write_files(work: Path, snapshot: Snapshot, before: _Before | None) -> BundleManifest:
    """Every file that is new, and the manifest of all."""
    known = before.files if before else {}
    files: dict[str, BundledFile] = {}
    earlier: dict[str, BundledFile] = {}
    for name, content in snapshot.files():
        place = work / name
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, content)
        found = measured(work, name)
        if known.get(name) == found:
            place.unlink()
            earlier[name] = found
        else:
            files[name] = found
    # What only the last bundle had, such as an older verifier, still lies there when this one is copied over it.
    earlier |= {name: file for name, file in known.items() if name not in files}
    _remove_empty(work)
    checkpoint = snapshot.checkpoint
    return BundleManifest(
        checkpoint.origin,
        checkpoint.size,
        checkpoint.root.hex(),
        before.manifest.size if before else 0,
        before.digest if before else "",
        tuple(sorted(files.values())),
        tuple(sorted(earlier.values())),
    )


def _write(place: Path, content: Content) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, place, follow_symlinks=False)
    else:
        place.write_bytes(content())


def _remove_empty(directory: Path) -> None:
    for path in sorted(directory.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _all_files(work: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(work.rglob("*")):
        if path.is_file():
            yield path.relative_to(work).as_posix(), path


def _write_tar(work: Path, archive: Path) -> None:
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, path in _all_files(work):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as file:
                tar.addfile(entry, file)


def _write_zip(work: Path, archive: Path) -> None:
    # Stored, because the bytes of a compressed one depend on the library that compresses.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
        for name, path in _all_files(work):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as file, bundle.open(entry, "w") as stored:
                shutil.copyfileobj(file, stored, 1 << 20)
