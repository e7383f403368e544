"""A private key that stays in its token, which asks for a PIN before each operation and is then locked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from narrowgate.adapters.keys import load_secret_text
from narrowgate.adapters.private_keys.digests import digest_for, digest_of, rsa_digest_info
from narrowgate.adapters.private_keys.port import AskSecret
from narrowgate.adapters.private_keys.token_objects import (
    Purpose,
    attribute,
    choose_certificate,
    choose_private_key,
    issuers,
    opens,
    other_key,
    signs,
    stored_certificates,
)
from narrowgate.adapters.private_keys.tokens import find_token, logged_in, pin_for, public_session
from narrowgate.adapters.private_keys.uri import TokenUri
from narrowgate.adapters.sealing import oaep
from narrowgate.adapters.signing.certificates import load_certificates
from narrowgate.core.base.errors import ConfigurationError


class TokenKey:
    """A private key in a PKCS#11 token; both ports. The PIN is kept for one operation and in no attribute.

    Args:
        uri: names the key.
        token: that holds it.
        identifier: CKA_ID of the certificate, where that was read from the token.
        chain: the certificate of its holder, then those between it and the root.
        ask: asks a person for the PIN; None where nobody can be asked.
    """

    in_token = True

    def __init__(
        self,
        uri: TokenUri,
        token: Any,
        identifier: bytes | None,
        chain: tuple[x509.Certificate, ...],
        ask: AskSecret | None,
    ) -> None:
        self._uri = uri
        self._token = token
        self._identifier = identifier
        self._chain = chain
        self._ask = ask

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The holder's certificate, then those between it and the root."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """The signature of the data, made in the token and verified with the certificate's key.

        Raises:
            ConfigurationError: the key may not sign or is not the certificate's, or the PIN is wrong or locked.
            OperationalError: the token was taken out, or failed.
        """
        public_key = self._chain[0].public_key()
        algorithm = digest_for(public_key)
        digest = digest_of(data, algorithm)

        def operate(key: Any, pin: str | None) -> bytes:
            from pkcs11 import Mechanism  # noqa: PLC0415 - an optional extra, and slow to load

            if isinstance(public_key, rsa.RSAPublicKey):
                return bytes(key.sign(rsa_digest_info(digest), mechanism=Mechanism.RSA_PKCS, pin=pin))
            # The digest is made here: many tokens, and SoftHSM, sign digests only.
            return _in_der(bytes(key.sign(digest, mechanism=Mechanism.ECDSA, pin=pin)))

        signature = self._operate("sign", "signed", operate)
        try:
            if isinstance(public_key, rsa.RSAPublicKey):
                public_key.verify(signature, data, padding.PKCS1v15(), algorithm)
            elif isinstance(public_key, ec.EllipticCurvePublicKey):
                public_key.verify(signature, data, ec.ECDSA(algorithm))
        except InvalidSignature as error:
            raise other_key(str(self._uri)) from error
        return signature

    def decrypt(self, encrypted: bytes) -> bytes:
        """The message under RSAES-OAEP, decrypted in the token.

        Raises:
            ValueError: it was encrypted to another key, or changed.
            ConfigurationError: the key may not decrypt, or the PIN is wrong or locked.
            OperationalError: the token was taken out, or failed.
        """
        public_key = self._chain[0].public_key()
        size = (public_key.key_size + 7) // 8 if isinstance(public_key, rsa.RSAPublicKey) else 0
        if not isinstance(public_key, rsa.RSAPublicKey) or len(encrypted) != size:
            raise _other_kind()
        if int.from_bytes(encrypted, "big") >= public_key.public_numbers().n:
            raise ValueError("The number is not below the modulus (RFC 8017 section 5.1.2).")

        def operate(key: Any, pin: str | None) -> bytes:
            from pkcs11 import Mechanism  # noqa: PLC0415 - an optional extra, and slow to load

            # A card computes nothing but the power. Its module, or we, take the padding away, and not every module
            # (SoftHSM 2.6) knows OAEP with SHA-256.
            return bytes(key.decrypt(encrypted, mechanism=Mechanism.RSA_X_509, pin=pin))

        return oaep.unpad(self._operate("decrypt", "opened", operate).rjust(size, b"\0"))

    def agree(self, point: ec.EllipticCurvePublicKey) -> bytes:
        """The shared secret with a one-time key, computed in the token.

        Raises:
            ValueError: the point is on another curve.
            ConfigurationError: the key may not derive, or the PIN is wrong or locked.
            OperationalError: the token was taken out, or failed.
        """
        public_key = self._chain[0].public_key()
        if not isinstance(public_key, ec.EllipticCurvePublicKey) or public_key.curve.name != point.curve.name:
            raise _other_kind()
        size = (point.curve.key_size + 7) // 8
        encoded = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

        def operate(key: Any, _: str | None) -> bytes:
            return _derived(key, encoded, size)

        return self._operate("derive", "opened", operate)

    def _operate(self, need: str, doing: str, operate: Callable[[Any, str | None], bytes]) -> bytes:
        """One operation of the private key under a PIN of its own, between login and logout."""
        from pkcs11 import Attribute  # noqa: PLC0415 - an optional extra, and slow to load

        verb = "sign" if need == "sign" else "open what is sealed to it"
        allowed = {"sign": Attribute.SIGN, "decrypt": Attribute.DECRYPT, "derive": Attribute.DERIVE}[need]
        where = str(self._uri)
        pin = pin_for(self._token, self._uri, verb, self._ask, load_secret_text)
        with logged_in(self._token, pin, where, doing) as session:
            key = choose_private_key(session, self._uri, self._identifier, self._chain[0])
            if attribute(key, allowed) is False:
                raise ConfigurationError(
                    f"The token does not allow the key to {need}.",
                    why="It was made for another use.",
                    next_step="Sign with the key of slot 9C, and open answers with that of slot 9D.",
                    where=where,
                )
            # PKCS#11 v3.1 section 5.1.5: such a key wants the PIN again for each operation, at the very moment of it.
            again = attribute(key, Attribute.ALWAYS_AUTHENTICATE) is True
            return operate(key, pin if again else None)


def open_token_key(
    uri: TokenUri, certificate: Path | None, purpose: Purpose, ask: AskSecret | None
) -> TokenKey:
    """The key that the URI names, with its certificate out of the token or out of a file; no PIN is needed yet.

    Args:
        uri: names token and key.
        certificate: PEM of the holder's certificate, chain following; None to read it from the token.
        purpose: tells the certificate where the URI fits several.
        ask: asks a person for the PIN, once for each operation.

    Raises:
        ConfigurationError: module, token or certificate is missing, or there are several.
        OperationalError: the token failed.
    """
    token = find_token(uri)
    if certificate is not None:
        return TokenKey(uri, token, None, load_certificates(certificate), ask)
    with public_session(token, str(uri)) as session:
        stored = stored_certificates(session)
        chosen = choose_certificate(session, stored, uri, purpose)
    chain = (chosen.certificate, *issuers(chosen.certificate, stored))
    return TokenKey(uri, token, chosen.identifier, chain, ask)


def signing_token_key(uri: TokenUri, certificate: Path | None, ask: AskSecret | None) -> TokenKey:
    """As :func:`open_token_key`, for signatures."""
    return open_token_key(uri, certificate, signs, ask)


def opening_token_key(uri: TokenUri, certificate: Path | None, ask: AskSecret | None) -> TokenKey:
    """As :func:`open_token_key`, for answers."""
    return open_token_key(uri, certificate, opens, ask)


def _derived(key: Any, encoded: bytes, size: int) -> bytes:
    """The x coordinate that the token agrees on, as a session object that is read and forgotten."""
    import pkcs11  # noqa: PLC0415 - an optional extra, and slow to load
    from pkcs11 import KDF, Attribute, KeyType  # noqa: PLC0415

    template = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.TOKEN: False}

    def derive(point: bytes) -> bytes:
        secret = key.derive_key(
            KeyType.GENERIC_SECRET, 8 * size, mechanism_param=(KDF.NULL, None, point), template=template
        )
        return bytes(secret[Attribute.VALUE])

    try:
        return derive(encoded)
    except (pkcs11.MechanismParamInvalid, pkcs11.ArgumentsBad, pkcs11.GeneralError, pkcs11.FunctionFailed):
        # PKCS#11 v2.20 wanted the point wrapped in an OCTET STRING, and some modules still do.
        return derive(bytes((0x04, len(encoded))) + encoded)


def _in_der(signature: bytes) -> bytes:
    half = len(signature) // 2
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )


def _other_kind() -> ValueError:
    return ValueError("The content key is wrapped to a key of another kind.")
