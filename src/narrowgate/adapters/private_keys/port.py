"""What a private key of a person can do, wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

AskSecret = Callable[[str], str]
"""Shows a person the question and returns what they typed, which is shown nowhere and kept nowhere."""


class SigningKey(Protocol):
    """A private key that signs, and the certificates that name its holder."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The holder's certificate, then those between it and the root, without the root."""
        ...

    @property
    def in_token(self) -> bool:
        """Whether a token holds the key and asks for a PIN before each signature."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature of ``data``: ECDSA in DER form, or RSASSA-PKCS1-v1_5, over the digest that fits the key.

        The digest is SHA-384 for a key on P-384 and SHA-256 for every other (NIST SP 800-78-5 table 3).

        Raises:
            ConfigurationError: the key may not sign, is not the certificate's, or the PIN is wrong or locked.
            OperationalError: the token was taken out, or failed.
        """
        ...


class OpeningKey(Protocol):
    """A private key to which answers are sealed."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The holder's certificate, then those between it and the root, without the root."""
        ...

    def decrypt(self, encrypted: bytes) -> bytes:
        """The message under RSAES-OAEP with SHA-256 and MGF1-SHA-256.

        Raises:
            ValueError: it was encrypted to another key, or changed.
            ConfigurationError: the key may not decrypt, or the PIN is wrong or locked.
            OperationalError: the token was taken out, or failed.
        """
        ...

    def agree(self, point: ec.EllipticCurvePublicKey) -> bytes:
        """The shared secret of ECDH with a one-time key, before any derivation (NIST SP 800-56A section 5.7.1.2).

        Raises:
            ValueError: the point is on another curve.
            ConfigurationError: the key may not derive, or the PIN is wrong or locked.
            OperationalError: the token was taken out, or failed.
        """
        ...
