"""A throw-away X.509 hierarchy for the sandbox and the tests.

The extensions follow what a PIV card carries (FIPS 201-3; NIST SP 800-78-5 names P-256): an office signs with
``digitalSignature`` and ``nonRepudiation``, an officer receives with ``keyAgreement`` and cannot sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from narrowgate.adapters.signing.certificates import PrivateKey
from narrowgate.gate.ports import Entropy

_ORDERS = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": int(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16
    ),
}
"""Orders of the base points of P-256 and P-384 (NIST SP 800-186 sections 3.2.1.3 and 3.2.1.4)."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A private key and the certificate that names its holder."""

    key: PrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate holds: both ends included, aware times in UTC."""

    not_before: datetime
    not_after: datetime


def generate_key(entropy: Entropy, curve: ec.EllipticCurve | None = None) -> PrivateKey:
    """A key whose secret comes from ``entropy`` alone, without measurable bias.

    Source: FIPS 186-5 appendix A.2.1 (64 extra random bits, reduced).

    Args:
        entropy: secret randomness.
        curve: P-384, or P-256 where none is named.
    """
    curve = curve or ec.SECP256R1()
    candidate = int.from_bytes(entropy.draw(curve.key_size // 8 + 8), "big")
    return ec.derive_private_key(candidate % (_ORDERS[curve.name] - 1) + 1, curve)


def create_root(name: str, validity: Validity, entropy: Entropy) -> Credential:
    """A self-signed authority that may issue certificates and revocation lists, and nothing else."""
    key = generate_key(entropy)
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    subject = _name(name)
    certificate = _sign(
        _builder(subject, key, validity, usage, entropy, is_authority=True), subject, key, key
    )
    return Credential(key, certificate)


def issue_office(root: Credential, name: str, validity: Validity, entropy: Entropy) -> Credential:
    """A signature key for a requesting office, as in PIV slot 9C."""
    usage = _key_usage(digital_signature=True, content_commitment=True)
    return _issue(root, name, validity, usage, entropy)


def issue_officer(root: Credential, name: str, validity: Validity, entropy: Entropy) -> Credential:
    """A key to which answers can be sealed (ECDH), as in PIV slot 9D; it cannot sign."""
    return _issue(root, name, validity, _key_usage(key_agreement=True), entropy)


def issue_tls_client(root: Credential, name: str, validity: Validity, entropy: Entropy) -> Credential:
    """A key with which a machine opens TLS connections; it signs no package and receives no answer."""
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return _issue(root, name, validity, _key_usage(digital_signature=True), entropy, use)


def issue_tls_server(
    root: Credential, name: str, hosts: Sequence[str], validity: Validity, entropy: Entropy
) -> Credential:
    """A key with which a machine takes TLS connections under these host names and IP addresses."""
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return _issue(root, name, validity, _key_usage(digital_signature=True), entropy, use, names)


def revocation_list(
    root: Credential, revoked: Iterable[x509.Certificate], revoked_at: datetime, validity: Validity
) -> x509.CertificateRevocationList:
    """A revocation list of ``root`` (RFC 5280 section 5), to be trusted between the ends of ``validity``.

    Args:
        root: the authority that issued the certificates.
        revoked: certificates that no longer hold.
        revoked_at: the time from which they do not.
        validity: ``thisUpdate`` and ``nextUpdate``.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(validity.not_before)
        .next_update(validity.not_after)
        .add_extension(x509.CRLNumber(int(validity.not_before.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False
        )
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(revoked_at).build())
    return builder.sign(root.key, hashes.SHA256())


def _issue(
    root: Credential,
    name: str,
    validity: Validity,
    usage: x509.KeyUsage,
    entropy: Entropy,
    *extensions: x509.ExtensionType,
) -> Credential:
    key = generate_key(entropy)
    builder = _builder(_name(name), key, validity, usage, entropy, is_authority=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return Credential(key, _sign(builder, root.certificate.subject, root.key, key))


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name,
    key: PrivateKey,
    validity: Validity,
    usage: x509.KeyUsage,
    entropy: Entropy,
    *,
    is_authority: bool,
) -> x509.CertificateBuilder:
    # RFC 5280 section 4.1.2.2: positive, at most 20 octets; 19 leave room for the sign.
    serial_number = int.from_bytes(entropy.draw(19), "big") + 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(serial_number)
        .not_valid_before(validity.not_before)
        .not_valid_after(validity.not_after)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _sign(
    builder: x509.CertificateBuilder, issuer: x509.Name, issuer_key: PrivateKey, key: PrivateKey
) -> x509.Certificate:
    if issuer_key is not key:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return builder.issuer_name(issuer).sign(issuer_key, hashes.SHA256())


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_agreement: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=key_agreement,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
