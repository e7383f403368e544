"""Certificates of officers with keys of every kind, good and bad."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.issuing import Credential

KINDS = ("P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096")
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def key_of(kind: str, number: int = 0) -> Key:
    """A key of one of the kinds; the same for the same number."""
    if kind.startswith("RSA-"):
        return rsa.generate_private_key(65537, int(kind[4:]))
    return ec.generate_private_key(ec.SECP384R1() if kind == "P-384" else ec.SECP256R1())


def usage(**said: bool) -> x509.KeyUsage:
    """A key usage with these bits and no others."""
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    names += ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**(dict.fromkeys(names, False) | said))


def usage_for(key: Key) -> x509.KeyUsage:
    """What a key-management certificate for such a key says."""
    return usage(key_encipherment=True) if isinstance(key, rsa.RSAPrivateKey) else usage(key_agreement=True)


def certificate_for(
    key: Key,
    issuer: Credential,
    *extensions: x509.ExtensionType,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    name: str = "Test officer",
) -> x509.Certificate:
    """A certificate with these extensions, or with those of an officer; valid for a year around now."""
    now = SystemClock().now()
    if not extensions:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        extensions = (x509.BasicConstraints(ca=False, path_length=None), usage_for(key), identifier)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before or now - timedelta(hours=1))
        .not_valid_after(not_after or now + timedelta(days=365))
    )
    for extension in extensions:
        critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
        builder = builder.add_extension(extension, critical=critical)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return builder.add_extension(authority, critical=False).sign(issuer.key, hashes.SHA256())
