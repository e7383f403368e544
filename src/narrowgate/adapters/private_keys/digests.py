"""Which digest a key signs over, and how a digest is put in front of an RSA key."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PREFIX_OF_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo before a SHA-256 digest (RFC 8017 section 9.2, note 1)."""


def digest_for(public_key: object) -> hashes.SHA256 | hashes.SHA384:
    """SHA-384 for a key on P-384, SHA-256 for every other (NIST SP 800-78-5 table 3)."""
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP384R1):
        return hashes.SHA384()
    return hashes.SHA256()


def digest_of(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    """The digest of the data."""
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def rsa_digest_info(digest: bytes) -> bytes:
    """What RSASSA-PKCS1-v1_5 pads, of a SHA-256 digest."""
    return _PREFIX_OF_SHA256 + digest
