"""What a package comes in through and goes out by, as narrow protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from narrowgate.core.request.manifest import Rows
from narrowgate.gate.ports import Entropy

MAX_SIGNATURE_BYTES = 65_536
"""A signature with a chain takes about 5 kB; a larger one is not read."""


class PackageSource(Protocol):
    """The three files of a package as it was handed over, each read once and within bounds."""

    def manifest(self) -> bytes:
        """``manifest.json``; raises EnvelopeError when it is missing or too long."""
        ...

    def signature(self) -> bytes:
        """``manifest.json.p7s``; raises EnvelopeError when it is missing or too long."""
        ...

    def signed_rows(self, declared: Rows) -> Iterator[bytes]:
        """The bytes of ``rows.ndjson`` in pieces; the last piece comes only if all are those declared.

        Raises:
            EnvelopeError: count, bytes, digest or Merkle root is another (R-27, R-21).
        """
        ...


class KeptPackage(PackageSource, Protocol):
    """The gate's own copy of a package, from which alone it is decided; it can be handed over like any other."""

    def rows(self) -> Iterator[bytes]:
        """The rows without their line feeds, in order, as they were when they were compared with the manifest.

        Raises:
            OperationalError: the copy was changed since, or cannot be read.
        """
        ...

    def secret(self, purpose: str) -> bytes:
        """32 bytes derived from the package's own data key, others for each purpose."""
        ...


class Vault(Protocol):
    """Where the gate keeps its copies, each encrypted under a random key that the commitment key wraps."""

    def take_in(
        self, manifest_sha256: bytes, manifest: bytes, signature: bytes, rows: Iterable[bytes], key: bytes
    ) -> KeptPackage:
        """A durable copy of exactly these bytes; none, when taking the rows raises.

        Args:
            manifest_sha256: names the copy.
            manifest: bytes of the manifest.
            signature: bytes of its signature.
            rows: bytes of the rows, in any pieces.
            key: the commitment key.
        """
        ...

    def kept(self, manifest_sha256: bytes, key: bytes) -> KeptPackage:
        """The copy taken in before.

        Raises:
            OperationalError: it is missing, or its data key is.
            DestroyedError: its data key was destroyed on its day.
        """
        ...


class CopyState(StrEnum):
    """What became of the gate's copy of a package."""

    KEPT = "kept"
    DESTROYED = "destroyed"
    MISSING = "missing"


class Retention(Protocol):
    """The part of the vault that ends: it needs no key."""

    def state(self, manifest_sha256: bytes) -> CopyState:
        """What became of the copy."""
        ...

    def announce(self, manifest_sha256: bytes, leaf: int) -> int:
        """Where the leaf of the destruction is to be; after a crash, where it was to be then. Durable on return."""
        ...

    def destroy(self, manifest_sha256: bytes) -> None:
        """Data key and copy are gone, durably, and that they were destroyed is known; done again it changes nothing.

        Raises:
            OperationalError: the disk refused; it is done again.
        """
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

    def verify(
        self,
        data: bytes,
        signature: bytes,
        at: datetime,
        keys: Collection[str],
        earliest: datetime | None = None,
    ) -> SignerIdentity:
        """The holder of one of ``keys`` who signed exactly ``data`` with a certificate that held at ``at``.

        The work is bounded whatever the signature holds.

        Args:
            data: the signed bytes.
            signature: detached CMS.
            at: aware UTC time.
            keys: hex SHA-256 of the public keys that may sign; any other is refused before its certificate is followed.
            earliest: no signature claims a time before this, or one after ``at``, five minutes allowed for clocks.

        Raises:
            EnvelopeError: there is none whom the root vouches for.
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

    def sha256(self) -> bytes:
        """Digest of the register's document (``core.answers.officers_document``)."""
        ...

    def keep(self) -> None:
        """The document is durable: ``as_of`` finds it whatever the register becomes. Done before a package begins."""
        ...

    def as_of(self, digest: bytes) -> OfficerDirectory:
        """The register of this digest, with which a package began."""
        ...


class Staging(Protocol):
    """The files of one package on their way out, which only the gate sees."""

    def put(self, name: str, data: bytes) -> None:
        """Hold one file; its name has no folder in it."""
        ...

    def finish(self) -> None:
        """All files are durable and wait for their release, in the place of any that the package had there before.

        Raises:
            OperationalError: the disk refused.
        """
        ...


class Outbox(Protocol):
    """Where answers leave."""

    def stage(self, package_id: str) -> Staging:
        """An empty staging for one package; what an earlier run left unfinished is gone, what waits stays."""
        ...

    def prepare(self, package_id: str, at: datetime, proof: bytes | None = None) -> None:
        """The files that wait are made anew, each with the time ``at``, where nobody sees them: all but the rename.

        What can be seen of them, such as when they were made, says when they are released, not when they were sealed.
        ``proof`` takes the place of the log proof that waits, for good. A package that has left needs nothing.

        Raises:
            OperationalError: the disk refused, or nothing of the package waits.
        """
        ...

    def is_complete(self, package_id: str) -> bool:
        """Whether everything that was released of the package is where answers leave."""
        ...

    def release_again(self, package_id: str) -> None:
        """What was released of the package and lost is where answers leave again, the same bytes."""
        ...

    def release(self, package_id: str) -> None:
        """What was prepared appears in place, durably and together; done again it changes nothing.

        Raises:
            OperationalError: the disk refused, nothing was prepared, or other answers are in place.
        """
        ...

    def withdraw(self, package_id: str) -> None:
        """Nothing of the package is in place or waits any more; it goes together."""
        ...

    def is_released(self, package_id: str) -> bool:
        """Whether answers of the package have left."""
        ...

    def discard(self, package_id: str) -> None:
        """Nothing of the package is staged or waits any more, and no copy of what was released is kept."""
        ...

    def prune(self, package_id: str) -> None:
        """The gate's own copy of what was released is gone; what is in place stays until it expires."""
        ...
