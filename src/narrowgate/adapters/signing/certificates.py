"""A throw-away X.509 hierarchy for the sandbox and the tests, and PEM files for any hierarchy.

The extensions follow what a PIV card carries (FIPS 201-3; NIST SP 800-78-5 names P-256): an office signs with
``digitalSignature`` and ``nonRepudiation``, an officer receives with ``keyAgreement`` and cannot sign.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.gate.ports import Entropy

PrivateKey = ec.EllipticCurvePrivateKey
"""Of a signer: on P-256."""

RecipientKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
"""Of an officer: on P-256 or P-384, or RSA."""

Ask = Callable[[Path], bytes]
"""Asks a person for the passphrase of a file."""

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


def public_key_sha256(certificate: x509.Certificate) -> str:
    """Lower-case hex SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469 section 2.4).

    A renewed certificate for the same key keeps it; a new card changes it.
    """
    key_info = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(key_info).hexdigest()


def save_key(path: Path, key: PrivateKey) -> None:
    """Write the key to a new file that only its owner can read (mode 0600, PKCS #8 PEM, not encrypted).

    Raises:
        OperationalError: the file exists or cannot be written.
    """
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_secret_file(path, pem)


def write_secret_file(path: Path, content: bytes) -> None:
    """Write ``content`` to a new file with mode 0600; an existing file is never replaced.

    Raises:
        OperationalError: the file exists or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise OperationalError(
            "The key file exists already.",
            why="A key that is replaced makes everything bound to it unreadable.",
            next_step="Name another file, or move the old one away.",
            where=str(path),
        ) from error
    except OSError as error:
        raise OperationalError(
            "The key file cannot be written.",
            why=_reason(error),
            where=str(path),
            next_step="Name a new file in a directory that can be written.",
        ) from error


def save_certificates(path: Path, certificates: Iterable[x509.Certificate]) -> None:
    """Write the certificates to one PEM file.

    Raises:
        OperationalError: the file cannot be written.
    """
    pem = b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)
    try:
        path.write_bytes(pem)
    except OSError as error:
        raise OperationalError(
            "The certificate file cannot be written.",
            why=_reason(error),
            where=str(path),
            next_step="Name a new file in a directory that can be written.",
        ) from error


def load_key(path: Path, ask: Ask | None = None) -> PrivateKey:
    """The P-256 private key of a PEM or PKCS #12 file: a signer's.

    Args:
        path: the file; only its owner can read it.
        ask: asked for the passphrase where the file is encrypted; without it such a file is refused.

    Raises:
        ConfigurationError: the file is missing, holds no readable private key, one of another kind, or others
            than its owner can read it.
    """
    key = _load_private_key(path, ask)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigurationError(
            "The private key is of another kind.",
            why="P-256 is the kind in use.",
            where=str(path),
            next_step="Use a key on P-256.",
        )
    return key


def load_person_key(path: Path, ask: Ask | None = None) -> RecipientKey:
    """The private key of a PEM or PKCS #12 file with which a person signs or opens: P-256, P-384 or RSA.

    Args:
        path: the file; only its owner can read it.
        ask: asked for the passphrase where the file is encrypted; without it such a file is refused.

    Raises:
        ConfigurationError: the file is missing, holds no readable private key, one of another kind, or others
            than its owner can read it.
    """
    key = _load_private_key(path, ask)
    if isinstance(key, rsa.RSAPrivateKey):
        return key
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in _ORDERS:
        raise ConfigurationError(
            "The private key is of another kind.",
            why="P-256, P-384 and RSA are in use.",
            where=str(path),
            next_step="Use the key that the certificate was issued for.",
        )
    return key


def _load_private_key(path: Path, ask: Ask | None) -> object:
    data = read_key_file(path)
    require_private(path)
    is_pem = data.lstrip().startswith(b"-----BEGIN")
    load = _from_pem if is_pem else _from_pkcs12
    try:
        try:
            return load(data, None)
        except (TypeError, ValueError):
            # A PEM says that it is encrypted; of a PKCS #12 file only a passphrase that fits can tell.
            if ask is None or (is_pem and b"ENCRYPTED" not in data):
                raise
            return load(data, ask(path))
    except (ValueError, TypeError) as error:
        encrypted = ask is None and (not is_pem or b"ENCRYPTED" in data)
        raise ConfigurationError(
            "The file holds no readable private key.",
            why="It is encrypted, and no passphrase can be asked for here."
            if encrypted
            else "It must be one key in PEM form (PKCS #8) or PKCS #12, and the passphrase must fit.",
            next_step="Name the file of the key, and type the passphrase where it is asked for.",
            where=str(path),
        ) from error


def _from_pem(data: bytes, passphrase: bytes | None) -> object:
    return serialization.load_pem_private_key(data, passphrase)


def _from_pkcs12(data: bytes, passphrase: bytes | None) -> object:
    key, _, _ = pkcs12.load_key_and_certificates(data, passphrase)
    if key is None:
        raise ValueError("no private key in the file")
    return key


def require_private(path: Path) -> None:
    """Returns only if nobody but its owner can read or write the file.

    Raises:
        ConfigurationError: its group or others can.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigurationError(
            "The file cannot be read.",
            why=_reason(error),
            where=str(path),
            next_step="Check the path and the permissions of the file.",
        ) from error
    if mode & 0o077:
        raise ConfigurationError(
            "The key file can be read by others than its owner.",
            why=f"Its mode is {mode & 0o777:o}.",
            next_step="Take it away from them (chmod 600), and have a new key made if they may have read it.",
            where=str(path),
        )


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file in their order, at least one.

    Raises:
        ConfigurationError: the file is missing or holds no certificate.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(read_key_file(path)))
    except ValueError as error:
        raise ConfigurationError(
            "The file holds no readable certificate.",
            why="It must be in PEM form.",
            where=str(path),
            next_step="Convert it by 'openssl x509 -in FILE -out FILE.pem'.",
        ) from error


def load_root(path: Path) -> x509.Certificate:
    """The one certificate of a PEM file that paths must end in.

    Raises:
        ConfigurationError: the file is missing, or holds no certificate or several.
    """
    roots = load_certificates(path)
    if len(roots) != 1:
        raise ConfigurationError(
            "The trust root must be one certificate.",
            where=str(path),
            next_step="Name a PEM file with that one certificate.",
        )
    return roots[0]


def certificate_sha256(certificate: x509.Certificate) -> str:
    """Lower-case hex SHA-256 of the certificate's DER, by which agreements name a root."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def read_key_file(path: Path) -> bytes:
    """The bytes of a file of keys or certificates; raises ConfigurationError where it cannot be read."""
    try:
        return read_regular(path)
    except OSError as error:
        raise ConfigurationError(
            "The file cannot be read.",
            why=_reason(error),
            next_step="Check the path and its permissions.",
            where=str(path),
        ) from error


def _reason(error: OSError) -> str:
    return f"The system says: {error.strerror}."


def _issue(
    root: Credential, name: str, validity: Validity, usage: x509.KeyUsage, entropy: Entropy
) -> Credential:
    key = generate_key(entropy)
    builder = _builder(_name(name), key, validity, usage, entropy, is_authority=False)
    return Credential(key, _sign(builder, root.certificate.subject, root.key, key))


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
