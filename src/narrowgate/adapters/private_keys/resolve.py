"""The one place where the string that names a person's key becomes a key: a path, or a PKCS#11 URI."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.private_keys.port import AskSecret, OpeningKey, SigningKey
from narrowgate.adapters.private_keys.token_key import opening_token_key, signing_token_key
from narrowgate.adapters.private_keys.token_objects import other_key
from narrowgate.adapters.private_keys.uri import is_token_uri, parse_token_uri
from narrowgate.adapters.signing.certificates import Ask, load_certificates, load_person_key, read_key_file
from narrowgate.core.base.errors import ConfigurationError


def open_signing_key(reference: str, certificate: Path | None, ask: AskSecret | None) -> SigningKey:
    """The key that signs, with the certificate that names its holder.

    Args:
        reference: path of a PEM or PKCS #12 file, or a ``pkcs11:`` URI.
        certificate: PEM of the holder's certificate, chain following; None to take the one beside the key, in the
            token or in the same file.
        ask: asks a person for a passphrase, or for a PIN (once for each signature); None where nobody can be asked.

    Raises:
        ConfigurationError: key or certificate is missing, unreadable or of another kind, they do not belong together,
            or there are several.
        OperationalError: the token failed.
    """
    if is_token_uri(reference):
        return signing_token_key(parse_token_uri(reference), certificate, ask)
    path = Path(reference)
    passphrase = _Once(ask)
    key = load_person_key(path, passphrase.ask_of_file)
    chain = load_certificates(certificate) if certificate else passphrase.certificates(path)
    if key.public_key() != chain[0].public_key():
        raise other_key(reference)
    return KeyInMemory(key, chain)


def open_opening_key(reference: str, certificate: Path | None, ask: AskSecret | None) -> OpeningKey:
    """The key that answers are sealed to, with the certificate that names its holder.

    Args:
        reference: path of a PEM or PKCS #12 file, or a ``pkcs11:`` URI.
        certificate: as for :func:`open_signing_key`.
        ask: asks a person for a passphrase, or for a PIN (once for each part); None where nobody can be asked.

    Raises:
        ConfigurationError: as for :func:`open_signing_key`.
        OperationalError: the token failed.
    """
    if is_token_uri(reference):
        return opening_token_key(parse_token_uri(reference), certificate, ask)
    path = Path(reference)
    passphrase = _Once(ask)
    key = load_person_key(path, passphrase.ask_of_file)
    chain = load_certificates(certificate) if certificate else passphrase.certificates(path)
    if key.public_key() != chain[0].public_key():
        raise other_key(reference)
    return KeyInMemory(key, chain)


def read_certificates(reference: str) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file, or the one in a token that a URI names, issuers following; no PIN is needed.

    Raises:
        ConfigurationError: there is none, or a URI fits several.
        OperationalError: the token failed.
    """
    if is_token_uri(reference):
        return signing_token_key(parse_token_uri(reference), None, None).chain
    return load_certificates(Path(reference))


class _Once:
    """Asks for the passphrase of one file once, for its key and for its certificates."""

    def __init__(self, ask: AskSecret | None) -> None:
        self._ask = ask
        self._typed: bytes | None = None
        self.ask_of_file: Ask | None = None if ask is None else self._passphrase

    def _passphrase(self, path: Path) -> bytes:
        if self._typed is None and self._ask is not None:
            self._typed = self._ask(f"Passphrase of {path.name}").encode()
        return self._typed or b""

    def certificates(self, path: Path) -> tuple[x509.Certificate, ...]:
        """The certificates in the file of the key itself."""
        data = read_key_file(path)
        try:
            if data.lstrip().startswith(b"-----BEGIN"):
                return tuple(x509.load_pem_x509_certificates(data))
            _, own, others = pkcs12.load_key_and_certificates(data, self._typed)
            return (_present(own), *others)
        except ValueError as error:
            raise ConfigurationError(
                "No certificate is named, and the key's file holds none.",
                next_step="Name the certificate's file (--certificate).",
                where=str(path),
            ) from error


def _present(certificate: x509.Certificate | None) -> x509.Certificate:
    if certificate is None:
        raise ValueError("no certificate in the file")
    return certificate
