"""What vouches for the signers of one kind of document, in one value."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from narrowgate.adapters.signing.path import ANY_POLICY, CertificatePolicies
from narrowgate.adapters.signing.revocation_directory import RevocationEvidence


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a signature must lead to, and what must be known about it.

    ``cms.verify_detached`` takes one, for packages, acts, agreements and indexes alike.

    Args:
        root: the one certificate that every path ends in.
        revocation: lists and stored OCSP answers, read just before (``RevocationDirectory.read``): every certificate
            below the root needs fresh evidence. ``None`` where revocation is not looked at: by a requester who
            verifies the signature just made, and by whoever reads again what was verified when it came into force.
        policies: what the certificate policies must say.
        timestamp_authority: hex SHA-256 of the DER certificate of the one authority whose RFC 3161 time stamp the
            signature must carry; ``None`` where none is needed.
    """

    root: x509.Certificate
    revocation: RevocationEvidence | None
    policies: CertificatePolicies = ANY_POLICY
    timestamp_authority: str | None = None
