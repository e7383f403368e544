"""A party's signature over a document: an agreement, or the requester's register of officers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509

from narrowgate.adapters.private_keys.port import SigningKey
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.cms import CertifiedSigner, verify_detached
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.adapters.signing.fitness import require_fit_signer
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import EnvelopeError, UsageError
from narrowgate.entrypoints.documents import read_file
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

CUSTODIAN, REQUESTER = PARTIES = ("custodian", "requester")
"""Who signs: each party's signature lies beside the document as ``FILE.PARTY.p7s``."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """What a person brings to sign for a party.

    Args:
        key: the private key, in a file or on a card, with its certificates.
        root: the root that the signature is verified against; ``None`` leaves the chain unchecked.
        revocation: directory of revocation lists; ``None`` leaves the card unlooked up. It needs the root.
    """

    key: SigningKey = field(repr=False)
    root: x509.Certificate | None = None
    revocation: Path | None = None


def signature_path(document: Path, party: str) -> Path:
    """Where a party's signature over the document lies."""
    return document.with_name(f"{document.name}.{party}.p7s")


def sign_document(data: bytes, signatory: Signatory, now: datetime, shown: str) -> bytes:
    """A detached signature over ``data``, verified as whoever puts the document in force will verify it.

    Args:
        data: the document.
        signatory: who signs.
        now: the time that the signature claims, aware and in UTC.
        shown: the text that the person was shown; its digest goes into the signature.

    Raises:
        ConfigurationError: key and certificate are not fit to sign.
        EnvelopeError: the signature does not verify against the root, or a list names its certificate.
        UnavailableError: there is no fresh list of its authority.
    """
    require_fit_signer(signatory.key.chain[0], now)
    signature = CmsSigner(signatory.key).sign(data, now, shown)
    if signatory.root is not None:
        keys = {public_key_sha256(signatory.key.chain[0])}
        evidence = RevocationDirectory(signatory.revocation).read() if signatory.revocation else None
        verify_detached(data, signature, Trust(signatory.root, evidence), now, keys)
    return signature


def verify_document(
    document: Path, data: bytes, party: str, root: x509.Certificate, keys: Collection[str], now: datetime
) -> CertifiedSigner:
    """The holder of one of ``keys`` who signed exactly ``data`` for the party.

    Args:
        document: beside which the signature lies.
        data: its bytes.
        party: one of ``PARTIES``.
        root: that the signer's chain ends in.
        keys: hex SHA-256 of the public keys that may sign for the party.
        now: aware UTC time.

    Raises:
        EnvelopeError: there is no signature, or it is of another key, another document or another root.
    """
    path = signature_path(document, party)
    if not path.exists():
        raise EnvelopeError(
            f"The document is not signed for the {party}.",
            why="An agreement needs the signatures of both parties over its bytes.",
            next_step=f"The {party} signs with 'narrowgate agreement sign {document.name} --as {party}'.",
            where=str(path),
        )
    return verify_detached(data, read_file(path, MAX_SIGNATURE_BYTES), Trust(root, None), now, keys)


def require_unsigned(path: Path) -> None:
    """Returns only if there is no signature yet: one is never replaced.

    Raises:
        UsageError: there is one.
    """
    if path.exists():
        raise UsageError(
            "This party's signature is there already.",
            why="A signature is evidence and is never replaced.",
            next_step="Keep it, or move it elsewhere before signing again.",
            where=str(path),
        )
