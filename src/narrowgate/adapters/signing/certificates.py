"""Certificates and private keys of any hierarchy in PEM and PKCS #12 files, and the digests that name them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.files.secret_file import write_secret_file
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.base.system_errors import system_reason

PrivateKey = ec.EllipticCurvePrivateKey
"""Of a signer: on P-256."""

RecipientKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
"""Of an officer: on P-256 or P-384, or RSA."""

Ask = Callable[[Path], bytes]
"""Asks a person for the passphrase of a file."""

_CURVES = frozenset({"secp256r1", "secp384r1"})
"""Curves of the keys of persons: P-256 and P-384."""


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
            why=system_reason(error)[0],
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
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in _CURVES:
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
            why=system_reason(error)[0],
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
            why=system_reason(error)[0],
            next_step="Check the path and its permissions.",
            where=str(path),
        ) from error
