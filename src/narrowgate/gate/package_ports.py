"""What a package comes in through and goes out by, as narrow protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from narrowgate.core.request.manifest import Manifest
from narrowgate.gate.ports import Entropy


class PackageSource(Protocol):
    """The three files of a package, read within bounds; nothing about them is trusted yet."""

    def manifest(self) -> bytes:
        """``manifest.json``; raises EnvelopeError when it is missing or too long."""
        ...

    def signature(self) -> bytes:
        """``manifest.json.p7s``; raises EnvelopeError when it is missing or too long."""
        ...

    def check_rows(self, manifest: Manifest) -> None:
        """Return only if the rows are those the manifest commits to: count, bytes, digest, Merkle root.

        Raises:
            EnvelopeError: they are not (R-27).
        """
        ...

    def rows(self) -> Iterator[bytes]:
        """The lines of ``rows.ndjson`` without their line feeds, in order."""
        ...


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """Who signed, as the verified certificate says.

    Args:
        public_key_sha256: hex SHA-256 of the SubjectPublicKeyInfo; what an agreement binds an office to.
        root_sha256: hex SHA-256 of the root certificate that the chain ends in.
    """

    public_key_sha256: str
    root_sha256: str


class SignatureVerifier(Protocol):
    """Knows the root that signers must come from."""

    def verify(self, data: bytes, signature: bytes, at: datetime) -> SignerIdentity:
        """Whoever signed exactly ``data`` with a certificate that held at ``at``.

        Raises:
            EnvelopeError: nobody did whom the root vouches for.
        """
        ...


class Recipient(Protocol):
    """Whoever answers are sealed to; a value that reaches a worker process unchanged."""

    def key_sha256(self) -> str:
        """Hex SHA-256 of the key that the answers are sealed to."""
        ...

    def seal(self, plaintext: bytes, entropy: Entropy) -> bytes:
        """The plaintext, readable by the recipient alone; size and bytes depend on the arguments only."""
        ...


class OfficerDirectory(Protocol):
    """The officers registered with the custodian, each with a certificate to seal answers to."""

    def registered(self) -> frozenset[str]:
        """Every officer's id."""
        ...

    def recipient(self, officer: str) -> Recipient:
        """The officer as a recipient of answers."""
        ...


class Staging(Protocol):
    """The files of one package on their way out; nobody sees them before ``release``."""

    def put(self, name: str, data: bytes) -> None:
        """Hold one file; its name may have one folder in it."""
        ...

    def release(self) -> None:
        """All files appear in place, durably and together; done again with the same files it changes nothing.

        Raises:
            OperationalError: the disk refused, or other files stand there under this id.
        """
        ...


class Outbox(Protocol):
    """Where answers leave."""

    def stage(self, package_id: str) -> Staging:
        """An empty staging for one package; what an earlier run left unfinished is gone."""
        ...
