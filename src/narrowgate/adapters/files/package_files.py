"""A package on disk: ``manifest.json``, ``manifest.json.p7s`` and ``rows.ndjson`` in one directory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from narrowgate.adapters.files.durable_files import failed, place, sync_directory, write_durably
from narrowgate.adapters.files.regular import NotRegularFileError, open_regular
from narrowgate.core.base.errors import EnvelopeError, NothingToProcessError, UsageError
from narrowgate.core.log.merkle import CompactRange, leaf_hash
from narrowgate.core.request.item import MAX_ROW_BYTES, Item, item_row
from narrowgate.core.request.manifest import MAX_MANIFEST_BYTES, Manifest, Rows, manifest_bytes
from narrowgate.core.request.office import Office
from narrowgate.core.request.signed_rows import signed_rows
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

MANIFEST_FILE: Final = "manifest.json"
SIGNATURE_FILE: Final = "manifest.json.p7s"
SHOWN_FILE: Final = "shown.txt"
"""What the official was shown; stays with the requester, and its digest is in the signature."""
ROWS_FILE: Final = "rows.ndjson"
"""A detached CMS signature with certificates, revocation lists and a timestamp stays well below."""


@dataclass(frozen=True, slots=True)
class PackageTerms:
    """What a manifest says beside its rows; fields as in ``Manifest``."""

    package_id: str
    nonce: str
    agreement_sha256: str
    office: Office
    created: datetime
    expires: datetime
    attestations: tuple[str, ...]


def build_package(items: Iterable[Item], directory: Path, terms: PackageTerms) -> Manifest:
    """An unsigned package of the items, in their order: the whole directory appears, or nothing does.

    Args:
        items: taken one at a time; their ids all differ.
        directory: where the package is to stand; must not exist.
        terms: everything else the manifest says.

    Raises:
        UsageError: the directory exists.
        NothingToProcessError: there are no items.
        EnvelopeError: an item cannot be in a package (R-10).
        OperationalError: the disk refused.
    """
    if directory.exists():
        raise UsageError(
            "The directory of the package exists already.",
            why="A package is never written over another one.",
            next_step="Name a directory that does not exist.",
            where=str(directory),
        )
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    except OSError as error:
        raise failed("make the directory", directory, error) from error
    try:
        manifest = _write_package(items, unfinished, terms)
        unfinished.chmod(0o755)
        unfinished.rename(directory)
    except OSError as error:
        raise failed("write the package", directory, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    sync_directory(directory.parent)
    return manifest


def add_signature(directory: Path, signature: bytes, shown: str | None = None) -> None:
    """The package carries this detached CMS signature over its manifest, durable on return.

    Args:
        directory: of the package.
        signature: whose signed attributes name the digest of ``shown``.
        shown: the text that the signer was shown, kept beside the signature.

    Raises:
        OperationalError: the disk refused.
    """
    if shown is not None:
        write_durably(directory / SHOWN_FILE, shown.encode())
    write_durably(directory / SIGNATURE_FILE, signature)


class PackageDirectory:
    """A package as it was handed over: bounded reading, nothing believed.

    Args:
        directory: holds the three files.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def manifest(self) -> bytes:
        """The bytes of the manifest, at most 16,384.

        Raises:
            EnvelopeError: the file is missing or longer.
        """
        return self._bounded(MANIFEST_FILE, MAX_MANIFEST_BYTES, "R-10")

    def signature(self) -> bytes:
        """The bytes of the detached signature, at most 65,536.

        Raises:
            EnvelopeError: the file is missing, so the package is unsigned, or longer.
        """
        return self._bounded(SIGNATURE_FILE, MAX_SIGNATURE_BYTES, "R-21")

    def rows(self) -> Iterator[bytes]:
        """The rows without their line feeds, one at a time.

        Raises:
            EnvelopeError: a row is over 4,096 bytes, or the last one has no line feed: the file was cut.
        """
        with self._open(ROWS_FILE) as file:
            yield from self._lines(file)

    def signed_rows(self, declared: Rows) -> Iterator[bytes]:
        """The rows with their line feeds, several at a time; the last ones come only if all are those declared.

        Args:
            declared: of the signed manifest.

        Raises:
            EnvelopeError: the length, the number (R-27), the digest or the Merkle root (R-21) of the rows is another.
        """
        path = self._directory / ROWS_FILE
        with self._open(ROWS_FILE) as file:
            if os.fstat(file.fileno()).st_size != declared.bytes:
                raise EnvelopeError(
                    "The rows are not as many bytes as the manifest declares.",
                    why="The package was cut or changed after its manifest was written.",
                    where=str(path),
                    rule="R-27",
                )
            yield from signed_rows(self._lines(file), declared, str(path))

    def check_rows(self, manifest: Manifest) -> None:
        """Return only if the rows are the ones that the manifest commits to, in one pass.

        Raises:
            EnvelopeError: as ``signed_rows``.
        """
        for _ in self.signed_rows(manifest.rows):
            pass

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        number = 0
        while line := file.readline(MAX_ROW_BYTES + 2):
            number += 1
            if not line.endswith(b"\n"):
                raise EnvelopeError(
                    "The row is longer than 4,096 bytes, or the file was cut in it.",
                    where=f"{self._directory / ROWS_FILE}:{number}",
                    rule="R-10",
                )
            yield line[:-1]

    def _bounded(self, name: str, most: int, rule: str) -> bytes:
        with self._open(name, rule) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise EnvelopeError(
                f"The file is longer than {most} bytes.", where=str(self._directory / name), rule=rule
            )
        return data

    def _open(self, name: str, rule: str = "R-10") -> BinaryIO:
        path = self._directory / name
        try:
            return open_regular(path, follow=False)
        except FileNotFoundError as error:
            raise self._missing(name, rule) from error
        except NotRegularFileError as error:
            raise EnvelopeError(
                "A file of the package is not a regular file.",
                why="A pipe, a device or a link can show one thing at one time and another at the next.",
                where=str(path),
                rule=rule,
            ) from error
        except OSError as error:
            raise failed("read the file", path, error) from error

    def _missing(self, name: str, rule: str) -> EnvelopeError:
        return EnvelopeError(
            f"The package has no file {name}.",
            why="A package is a manifest, its signature and its rows.",
            next_step="Build it with 'narrowgate package build' and sign it with 'narrowgate package sign'.",
            where=str(self._directory),
            rule=rule,
        )


def _write_package(items: Iterable[Item], directory: Path, terms: PackageTerms) -> Manifest:
    rows = _write_rows(items, directory / ROWS_FILE)
    manifest = Manifest(
        package_id=terms.package_id,
        nonce=terms.nonce,
        agreement_sha256=terms.agreement_sha256,
        office=terms.office,
        created=terms.created,
        expires=terms.expires,
        attestations=terms.attestations,
        rows=rows,
    )
    place(directory / MANIFEST_FILE, manifest_bytes(manifest))
    sync_directory(directory)
    return manifest


def _write_rows(items: Iterable[Item], path: Path) -> Rows:
    digest = sha256()
    tree = CompactRange()
    length = 0
    with path.open("wb", buffering=1 << 20) as file:
        for item in items:
            row = item_row(item)
            tree.add(leaf_hash(row))
            line = row + b"\n"
            digest.update(line)
            length += file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if not tree.size:
        raise NothingToProcessError(
            "There are no items to package.", next_step="Name a case file that has items."
        )
    return Rows(tree.size, length, digest.hexdigest(), tree.root().hex())
