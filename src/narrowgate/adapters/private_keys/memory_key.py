"""A private key that was read from a file and is in the memory of this process."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from narrowgate.adapters.private_keys.digests import digest_for

_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class KeyInMemory:
    """Signs and opens with a private key in memory; both ports.

    Args:
        key: on P-256 or P-384, or RSA.
        chain: the certificate of its holder, then those between it and the root; may be empty where only the key
            is used.
    """

    in_token = False

    def __init__(
        self, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, chain: Sequence[x509.Certificate] = ()
    ) -> None:
        self._key = key
        self._chain = tuple(chain)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The holder's certificate, then those between it and the root."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """The signature of the data over the digest that fits the key."""
        digest = digest_for(self._key.public_key())
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), digest)
        return self._key.sign(data, ec.ECDSA(digest))

    def decrypt(self, encrypted: bytes) -> bytes:
        """The message under RSAES-OAEP.

        Raises:
            ValueError: it was encrypted to another key, or changed.
        """
        if not isinstance(self._key, rsa.RSAPrivateKey):
            raise _other_kind()
        return self._key.decrypt(encrypted, _OAEP)

    def agree(self, point: ec.EllipticCurvePublicKey) -> bytes:
        """The shared secret with a one-time key.

        Raises:
            ValueError: the point is on another curve.
        """
        if not isinstance(self._key, ec.EllipticCurvePrivateKey) or self._key.curve.name != point.curve.name:
            raise _other_kind()
        return self._key.exchange(ec.ECDH(), point)


def _other_kind() -> ValueError:
    return ValueError("The content key is wrapped to a key of another kind.")
