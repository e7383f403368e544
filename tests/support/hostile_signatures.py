"""Signatures whose certificates are made to keep a verifier busy or to mislead it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from narrowgate.adapters.signing.cms_signer import FileSigner

DAY = timedelta(days=1)
OFFICE_USAGE = ("digital_signature", "content_commitment")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str,
    key: ec.EllipticCurvePublicKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    *,
    is_authority: bool = False,
    usage: Sequence[str] = OFFICE_USAGE,
    extensions: Sequence[x509.ExtensionType] = (),
) -> x509.Certificate:
    """A certificate that holds for a year, with any issuer and any extensions."""
    flags = {each: each in usage for each in _USAGES}
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * DAY)
        .not_valid_after(now + 335 * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**flags), critical=True)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def cross_signed(
    authorities: int, now: datetime
) -> tuple[ec.EllipticCurvePrivateKey, list[x509.Certificate]]:
    """Authorities of which each vouches for each other and none comes from any root; the key of the first one."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(authorities)]
    certificates = [
        certificate(
            f"Authority {subject}",
            keys[subject].public_key(),
            f"Authority {issuer}",
            keys[issuer],
            now,
            is_authority=True,
            usage=("key_cert_sign", "crl_sign"),
        )
        for subject in range(authorities)
        for issuer in range(authorities)
        if issuer != subject
    ]
    return keys[0], certificates


def signed_below_cross_signed(
    data: bytes, signer_key: ec.EllipticCurvePrivateKey, now: datetime, authorities: int = 9
) -> bytes:
    """A signature whose signer's certificate comes from authorities that vouch for each other; about 31 kB."""
    authority, between = cross_signed(authorities, now)
    signer = certificate("Office", signer_key.public_key(), "Authority 0", authority, now)
    return FileSigner(signer_key, signer, between).sign(data, now)
