"""A package on disk: ``manifest.json``, ``manifest.json.p7s`` and ``rows.ndjson`` in one directory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from narrowgate.adapters.files.durable_files import failed, place, sync_directory, write_durably
from narrowgate.core.base.errors import EnvelopeError, NothingToProcessError, UsageError
from narrowgate.core.eligibility.rules import r27_declared_count
from narrowgate.core.log.merkle import CompactRange, leaf_hash
from narrowgate.core.request.item import MAX_ROW_BYTES, Item, item_row
from narrowgate.core.request.manifest import MAX_MANIFEST_BYTES, Manifest, Rows, manifest_bytes
from narrowgate.core.request.office import Office

MANIFEST_FILE: Final = "manifest.json"
SIGNATURE_FILE: Final = "manifest.json.p7s"
ROWS_FILE: Final = "rows.ndjson"
MAX_SIGNATURE_BYTES: Final = 1_048_576
"""A detached CMS signature with certificates, revocation lists and a timestamp stays well below."""

_ROWS_AT_ONCE = 256
"""Rows hashed together."""


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
        EnvelopeError: an item cannot stand in a package (R-10).
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


def add_signature(directory: Path, signature: bytes) -> None:
    """The package carries this detached CMS signature over its manifest, durable on return.

    Raises:
        OperationalError: the disk refused.
    """
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
        """The bytes of the detached signature, at most 1 MiB.

        Raises:
            EnvelopeError: the file is missing, so the package is unsigned, or longer.
        """
        return self._bounded(SIGNATURE_FILE, MAX_SIGNATURE_BYTES, "R-21")

    def rows(self) -> Iterator[bytes]:
        """The rows without their line feeds, one at a time.

        Raises:
            EnvelopeError: a row is over 4,096 bytes, or the last one has no line feed: the file was cut.
        """
        path = self._directory / ROWS_FILE
        with self._open(ROWS_FILE) as file:
            number = 0
            while line := file.readline(MAX_ROW_BYTES + 2):
                number += 1
                if not line.endswith(b"\n"):
                    raise EnvelopeError(
                        "The row is longer than 4,096 bytes, or the file was cut in it.",
                        next_step="Ask the requester for the package again.",
                        where=f"{path}:{number}",
                        rule="R-10",
                    )
                yield line[:-1]

    def check_rows(self, manifest: Manifest) -> None:
        """Return only if the rows are the ones that the manifest commits to, in one pass.

        Raises:
            EnvelopeError: the length, the number (R-27), the digest or the Merkle root of the rows is another.
        """
        self._check_length(manifest.rows)
        digest = sha256()
        tree = CompactRange()
        waiting = self.rows()
        while rows := list(islice(waiting, _ROWS_AT_ONCE)):
            tree.add_leaves(rows)
            digest.update(b"\n".join(rows) + b"\n")
        problem = r27_declared_count.check(manifest.rows.count, tree.size)
        if problem:
            raise self._changed(problem, r27_declared_count.RULE.id)
        if digest.hexdigest() != manifest.rows.sha256 or tree.root().hex() != manifest.rows.merkle_root:
            raise self._changed("The rows are not the ones that were signed.", "R-21")

    def _check_length(self, rows: Rows) -> None:
        path = self._directory / ROWS_FILE
        try:
            length = path.stat().st_size
        except OSError as error:
            raise self._missing(ROWS_FILE, "R-10") from error
        if length != rows.bytes:
            raise self._changed("The rows are not as many bytes as the manifest declares.", "R-27")

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
            return path.open("rb")
        except FileNotFoundError as error:
            raise self._missing(name, rule) from error
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

    def _changed(self, what: str, rule: str) -> EnvelopeError:
        return EnvelopeError(
            what,
            why="The package was cut or changed after its manifest was written.",
            next_step="Ask the requester for the package again.",
            where=str(self._directory / ROWS_FILE),
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
        raise NothingToProcessError("There are no items to package.")
    return Rows(tree.size, length, digest.hexdigest(), tree.root().hex())
