"""Whom a content key can be wrapped to: holders of P-256, P-384 and RSA keys, each in one form of RecipientInfo.

=========== ======================= ====================================================================
key         RecipientInfo           how the content key is wrapped
=========== ======================= ====================================================================
P-256       KeyAgreeRecipientInfo   AES-256 key wrap under ECDH with a one-time key, X9.63 KDF, SHA-256
P-384       KeyAgreeRecipientInfo   the same with SHA-384
RSA-2048 up KeyTransRecipientInfo   RSAES-OAEP, SHA-256, MGF1-SHA-256
=========== ======================= ====================================================================

Source: RFC 5652 section 6.2, RFC 5753 (ECC in CMS), RFC 3394 (key wrap), RFC 3560 (OAEP in CMS); the sizes of keys
are those of PIV slot 9D (NIST SP 800-78-5 table 1).
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from narrowgate.adapters.private_keys.port import OpeningKey
from narrowgate.adapters.sealing import oaep
from narrowgate.adapters.sealing.der import (
    BIT_STRING,
    CONSTRUCTED,
    CONTEXT,
    INTEGER,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    der,
)
from narrowgate.adapters.signing.issuing import generate_key
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.gate.ports import Entropy

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
MIN_RSA_EXPONENT = 65537
"""FIPS 186-5 section A.1.1: smaller ones are not approved."""

_WRAPPING_KEY_BYTES = 32
_KEY_IDENTIFIER_BYTES = 20

_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")  # 1.2.840.10045.2.1
_AES256_WRAP = bytes.fromhex("060960864801650304012d")  # 2.16.840.1.101.3.4.1.45
_ECDH_SHA256_KDF = bytes.fromhex("06062b8104010b01")  # 1.3.132.1.11.1 dhSinglePass-stdDH-sha256kdf
_ECDH_SHA384_KDF = bytes.fromhex("06062b8104010b02")  # 1.3.132.1.11.2 dhSinglePass-stdDH-sha384kdf
_RSAES_OAEP = bytes.fromhex("06092a864886f70d010107")  # 1.2.840.113549.1.1.7
_MGF1 = bytes.fromhex("06092a864886f70d010108")  # 1.2.840.113549.1.1.8
_SHA256 = bytes.fromhex("0609608648016503040201")  # 2.16.840.1.101.3.4.2.1

_WRAP_ALGORITHM = der(SEQUENCE, _AES256_WRAP)

# RFC 5753 section 7.2: keyInfo, and suppPubInfo = the length of the wrapping key in bits.
_SHARED_INFO = der(
    SEQUENCE,
    _WRAP_ALGORITHM,
    der(CONTEXT | CONSTRUCTED | 2, der(OCTET_STRING, (8 * _WRAPPING_KEY_BYTES).to_bytes(4, "big"))),
)

_SHA256_ALGORITHM = der(SEQUENCE, _SHA256, der(NULL))
_OAEP_ALGORITHM = der(
    SEQUENCE,
    _RSAES_OAEP,
    der(
        SEQUENCE,
        der(CONTEXT | CONSTRUCTED | 0, _SHA256_ALGORITHM),
        der(CONTEXT | CONSTRUCTED | 1, der(SEQUENCE, _MGF1, _SHA256_ALGORITHM)),
    ),
)


@dataclass(frozen=True, slots=True)
class _Agreement:
    """How keys are agreed on a curve."""

    curve: ec.EllipticCurve
    digest: hashes.HashAlgorithm
    algorithm: bytes


_AGREEMENTS = {
    "secp256r1": _Agreement(
        ec.SECP256R1(), hashes.SHA256(), der(SEQUENCE, _ECDH_SHA256_KDF, _WRAP_ALGORITHM)
    ),
    "secp384r1": _Agreement(
        ec.SECP384R1(), hashes.SHA384(), der(SEQUENCE, _ECDH_SHA384_KDF, _WRAP_ALGORITHM)
    ),
}


def wrap_for(certificate: x509.Certificate, content_key: bytes, entropy: Entropy) -> bytes:
    """The RecipientInfo in DER, from which the holder of the certificate's key, and nobody else, has the content key.

    Its size depends on the kind of the certificate's key alone.

    Args:
        certificate: as :func:`require_usable` accepts it.
        content_key: 32 bytes.
        entropy: secret randomness of the wrapping.

    Raises:
        ConfigurationError: nothing can be sealed to this certificate.
    """
    public_key = require_usable(certificate)
    identifier = key_identifier(certificate)
    if isinstance(public_key, rsa.RSAPublicKey):
        return _transport(identifier, oaep.encrypt(content_key, public_key, entropy.draw(oaep.SEED_BYTES)))
    agreement = _AGREEMENTS[public_key.curve.name]
    one_time_key = generate_key(entropy, agreement.curve)
    wrapped = aes_key_wrap(_derived(one_time_key.exchange(ec.ECDH(), public_key), agreement), content_key)
    point = one_time_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _agree(agreement, point, identifier, wrapped)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A RecipientInfo that was read.

    Args:
        identifier: subject key identifier of the recipient.
        key: the wrapped content key.
        point: the sender's one-time point; empty where the key is an RSA key.
        curve: of the point, by its name; empty likewise.
    """

    identifier: bytes
    key: bytes
    point: bytes = b""
    curve: str = ""

    def canonical(self) -> bytes:
        """The only bytes that :func:`wrap_for` writes for these values."""
        if not self.curve:
            return _transport(self.identifier, self.key)
        return _agree(_AGREEMENTS[self.curve], self.point, self.identifier, self.key)

    def unwrap(self, key: OpeningKey) -> bytes:
        """The content key; the private key is used once.

        Raises:
            ValueError, InvalidUnwrap: it was wrapped to another key, or changed.
            ConfigurationError, OperationalError: as ``key`` raises them.
        """
        if not self.curve:
            return key.decrypt(self.key)
        agreement = _AGREEMENTS[self.curve]
        one_time_key = ec.EllipticCurvePublicKey.from_encoded_point(agreement.curve, self.point)
        return aes_key_unwrap(_derived(key.agree(one_time_key), agreement), self.key)


def read_wrapped(info: cms.RecipientInfo) -> Wrapped:
    """The values of a RecipientInfo of one of the two forms; whether it has no others, ``canonical`` tells.

    Raises:
        ValueError, TypeError, LookupError, AttributeError: it is of another form.
    """
    chosen = info.chosen
    if info.name == "ktri":
        return Wrapped(chosen["rid"].chosen.native, chosen["encrypted_key"].native)
    point = chosen["originator"].chosen["public_key"].contents[1:]
    recipient = chosen["recipient_encrypted_keys"][0]
    identifier = recipient["rid"].chosen["subject_key_identifier"].native
    curve = {2 * (each.curve.key_size // 8) + 1: name for name, each in _AGREEMENTS.items()}[len(point)]
    return Wrapped(identifier, recipient["encrypted_key"].native, point, curve)


def require_usable(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """The public key of a certificate that content keys can be wrapped to.

    Raises:
        ConfigurationError: the key is of another kind or too weak, the certificate does not say that it is meant for
            this, it is an authority's, or it has no key identifier of 20 bytes.
    """
    public_key = certificate.public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        if not MIN_RSA_BITS <= public_key.key_size <= MAX_RSA_BITS:
            raise unusable(f"Its RSA key has not from {MIN_RSA_BITS:,} to {MAX_RSA_BITS:,} bits.")
        if public_key.public_numbers().e < MIN_RSA_EXPONENT:
            raise unusable(f"The exponent of its RSA key is below {MIN_RSA_EXPONENT}.")
    elif not isinstance(public_key, ec.EllipticCurvePublicKey) or public_key.curve.name not in _AGREEMENTS:
        raise unusable("Its key is none of P-256, P-384 and RSA.")
    _require_purpose(certificate, public_key)
    key_identifier(certificate)
    return public_key


def _require_purpose(certificate: x509.Certificate, public_key: object) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise unusable("It does not say what its key is for.") from error
    if usage.key_cert_sign:
        raise unusable("It is the certificate of an authority.")
    if isinstance(public_key, rsa.RSAPublicKey):
        if not usage.key_encipherment:
            raise unusable("Its key is not meant for key encipherment.")
    elif not usage.key_agreement:
        raise unusable("Its key is not meant for key agreement.")


def key_identifier(certificate: x509.Certificate) -> bytes:
    """The 20 bytes by which a RecipientInfo names the certificate.

    Raises:
        ConfigurationError: it has none, or one of another length: the size of a part would depend on it.
    """
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound as error:
        raise unusable("It has no subject key identifier.") from error
    identifier = extension.value.digest
    if len(identifier) != _KEY_IDENTIFIER_BYTES:
        raise unusable("Its subject key identifier is not 20 bytes long (RFC 5280 section 4.2.1.2).")
    return identifier


def unusable(why: str) -> ConfigurationError:
    """The error for a certificate to which nothing can be sealed."""
    return ConfigurationError(
        "Nothing can be sealed to the officer's certificate.",
        why=why,
        next_step="Register a key-management certificate (PIV slot 9D) for the officer.",
    )


def _derived(shared_secret: bytes, agreement: _Agreement) -> bytes:
    """The key-encryption key both ends derive (RFC 5753 section 3.1.1 and 7.2, ANSI X9.63 KDF)."""
    return X963KDF(agreement.digest, _WRAPPING_KEY_BYTES, _SHARED_INFO).derive(shared_secret)


def _transport(identifier: bytes, wrapped: bytes) -> bytes:
    return der(
        SEQUENCE,
        der(INTEGER, b"\x02"),
        der(CONTEXT | 0, identifier),
        _OAEP_ALGORITHM,
        der(OCTET_STRING, wrapped),
    )


def _agree(agreement: _Agreement, point: bytes, identifier: bytes, wrapped: bytes) -> bytes:
    originator = der(
        CONTEXT | CONSTRUCTED | 0,
        der(
            CONTEXT | CONSTRUCTED | 1,
            der(SEQUENCE, _EC_PUBLIC_KEY),
            der(BIT_STRING, b"\x00", point),
        ),
    )
    recipient = der(
        SEQUENCE,
        der(CONTEXT | CONSTRUCTED | 0, der(OCTET_STRING, identifier)),
        der(OCTET_STRING, wrapped),
    )
    return der(
        CONTEXT | CONSTRUCTED | 1,
        der(INTEGER, b"\x03"),
        originator,
        agreement.algorithm,
        der(SEQUENCE, recipient),
    )
