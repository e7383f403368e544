"""The manifest of a bundle: every file that it has, what it continues, and whether that is what lies there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.closed_document import SHA256, Fields
from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError
from narrowgate.verify.files import read_bytes, regular_files
from narrowgate.verify.findings import Findings
from narrowgate.verify.runs import in_order
from narrowgate.verify.source import BUNDLE_MANIFEST, MAX_MANIFEST_BYTES

BUNDLE_SCHEMA: Final = "narrowgate/bundle/v1"
KEYS: Final = "keys"
LOG_KEY: Final = "keys/log.vkey"
SIGNERS: Final = "keys/signers"
VERIFIER: Final = "verifier"

_ORIGIN: Final = re.compile(r"[^\s+]{1,200}")
_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){0,15}")
_DIGEST_OR_NOTHING: Final = re.compile(f"(?:{SHA256.pattern})?")
_AT_ONCE: Final = 256
"""Files that one process hashes before it hands the digests on."""


@dataclass(frozen=True, slots=True, order=True)
class BundledFile:
    """A file of a bundle.

    Args:
        path: relative to the bundle, with slashes.
        size: bytes.
        sha256: hex digest.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What a bundle says of itself.

    Args:
        origin: name of the log.
        size: entries of the log.
        root: hex root over them.
        since: entries of the log that the bundle before had; 0 where this is the first.
        previous: hex SHA-256 of the manifest of the bundle before; empty where this is the first.
        files: that this bundle brings.
        earlier: that the bundles before it brought, unchanged.
    """

    origin: str
    size: int
    root: str
    since: int
    previous: str
    files: tuple[BundledFile, ...]
    earlier: tuple[BundledFile, ...] = ()

    def encoded(self) -> bytes:
        """Returns the canonical bytes of ``manifest.json``."""
        return canonical_bytes(
            {
                "schema": BUNDLE_SCHEMA,
                "log": self.origin,
                "to": self.size,
                "root": self.root,
                "from": self.since,
                "previous": self.previous,
                "files": [_described(each) for each in self.files],
                "earlier": [_described(each) for each in self.earlier],
            }
        )


def _described(file: BundledFile) -> dict[str, str | int]:
    return {"path": file.path, "bytes": file.size, "sha256": file.sha256}


def parse_bundle_manifest(data: bytes, where: str) -> BundleManifest:
    """Returns the manifest that the bytes denote; its paths lead nowhere outside the bundle.

    Raises:
        EnvelopeError: the bytes are no manifest in canonical form, or a path is not plain and relative, or comes twice.
    """
    value = parse_canonical(data, where)
    fields = Fields(value, where)
    fields.constant("schema", BUNDLE_SCHEMA)
    manifest = BundleManifest(
        fields.text("log", _ORIGIN),
        fields.count("to"),
        fields.text("root", SHA256),
        fields.count("from"),
        fields.text("previous", _DIGEST_OR_NOTHING),
        tuple(_files(value.get("files"), where)),
        tuple(_files(value.get("earlier"), where)),
    )
    paths = [file.path for file in (*manifest.files, *manifest.earlier)]
    if len(set(paths)) < len(paths) or BUNDLE_MANIFEST in paths:
        raise EnvelopeError("The manifest names a file twice, or itself.", where=where)
    return manifest


def _files(value: Any, where: str) -> Iterator[BundledFile]:
    if not isinstance(value, list):
        raise EnvelopeError("The manifest has no list of files.", where=where)
    for number, each in enumerate(value):
        fields = Fields(each, where, f"files[{number}].")
        yield BundledFile(fields.text("path", _PATH), fields.count("bytes"), fields.text("sha256", SHA256))
        fields.close()


def read_manifest(directory: Path) -> tuple[BundleManifest, str]:
    """Returns the manifest of a bundle, and the hex SHA-256 of its bytes.

    Raises:
        LogInconsistentError: it is missing, or too large.
        EnvelopeError: it is none.
    """
    path = directory / BUNDLE_MANIFEST
    data = read_bytes(path, most=MAX_MANIFEST_BYTES)
    return parse_bundle_manifest(data, str(path)), sha256(data).hexdigest()


def check_files(
    directory: Path,
    manifest: BundleManifest,
    findings: Findings,
    processes: int = 1,
) -> int:
    """Returns how many files are as the manifest says; notes each that is another, missing, or not in it.

    Files of the bundles before this one that do not lie here are not wrong: the bundle is to be laid over theirs.

    Args:
        directory: of the bundle.
        manifest: of it.
        findings: notes what does not fit.
        processes: how many hash at once.

    Raises:
        OperationalError: the machine cannot read a file.
    """
    lying = set(regular_files(directory, complain=findings.complain)) - {BUNDLE_MANIFEST}
    listed = {file.path: file for file in (*manifest.files, *manifest.earlier)}
    for name in sorted(lying - listed.keys()):
        findings.complain(_wrong("A file is not in the manifest.", directory / name))
    for file in manifest.files:
        if file.path not in lying:
            findings.complain(_wrong("A file of the manifest is missing.", directory / file.path))
    absent = sum(file.path not in lying for file in manifest.earlier)
    if absent:
        findings.missing.append(
            f"{absent:,} files that the bundle before this one brought: copy this bundle over it "
            f"(its manifest has the SHA-256 {manifest.previous})."
        )
    present = [file for name, file in sorted(listed.items()) if name in lying]
    jobs = ((directory, present[start : start + _AT_ONCE]) for start in range(0, len(present), _AT_ONCE))
    spread = processes if len(present) > 16 * _AT_ONCE else 1
    for others in in_order(_other_files, jobs, spread):
        for name in others:
            findings.complain(
                _wrong("A file has another size or digest than the manifest says.", directory / name)
            )
    return len(present)


def _other_files(directory: Path, files: Sequence[BundledFile]) -> list[str]:
    """Those of the files that are not as they should be."""
    return [file.path for file in files if measured(directory, file.path, file.size) != file]


def measured(directory: Path, path: str, most: int | None = None) -> BundledFile:
    """Returns a file's size and digest; of one that is larger than ``most`` the size alone."""
    place = directory / path
    size = place.stat().st_size
    if most is not None and size > most:
        return BundledFile(path, size, "")
    digest = sha256()
    with place.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return BundledFile(path, size, digest.hexdigest())


def _wrong(what: str, path: Path) -> LogInconsistentError:
    return LogInconsistentError(what, where=str(path))
