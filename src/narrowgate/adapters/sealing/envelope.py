"""Sealing to one officer: CMS AuthEnvelopedData that only the holder of the certificate's key can open.

AES-256-GCM content, its key wrapped by AES-256 under an ECDH secret of a one-time P-256 key.
Source: RFC 5083 (AuthEnvelopedData), RFC 5084 (GCM in CMS), RFC 5753 (ECC in CMS), RFC 3394 (key wrap).

Written by hand because the structure is fixed and a general ASN.1 writer takes longer than the cryptography.
Reading goes through asn1crypto, and the tests open with OpenSSL, so writer and readers check each other.
"""

from __future__ import annotations

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from narrowgate.adapters.signing.certificates import PrivateKey, generate_key
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError
from narrowgate.gate.ports import Entropy

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16

_INTEGER, _BIT_STRING, _OCTET_STRING, _SEQUENCE, _SET = 0x02, 0x03, 0x04, 0x30, 0x31
_CONTEXT, _CONSTRUCTED = 0x80, 0x20

_DATA = bytes.fromhex("06092a864886f70d010701")  # 1.2.840.113549.1.7.1
_AUTH_ENVELOPED_DATA = bytes.fromhex("060b2a864886f70d0109100117")  # 1.2.840.113549.1.9.16.1.23
_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")  # 1.2.840.10045.2.1
_ECDH_SHA256_KDF = bytes.fromhex("06062b8104010b01")  # 1.3.132.1.11.1 dhSinglePass-stdDH-sha256kdf
_AES256_WRAP = bytes.fromhex("060960864801650304012d")  # 2.16.840.1.101.3.4.1.45
_AES256_GCM = bytes.fromhex("060960864801650304012e")  # 2.16.840.1.101.3.4.1.46

_PARSER_ERRORS = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto and cryptography raise on bytes made to confuse them (found by mutation)."""


def seal(plaintext: bytes, recipient: x509.Certificate, entropy: Entropy) -> bytes:
    """The plaintext, readable only with the recipient's key; its size depends on the plaintext's alone.

    Every random byte (one-time key, content key, nonce) is drawn from ``entropy``, so equal draws give equal
    bytes.

    Args:
        plaintext: at most 2^31 - 1 bytes.
        recipient: a P-256 certificate with key agreement and a subject key identifier.
        entropy: secret randomness.

    Raises:
        ConfigurationError: nothing can be sealed to this certificate.
    """
    public_key = _recipient_key(recipient)
    one_time_key = generate_key(entropy)
    content_key = entropy.draw(_KEY_BYTES)
    nonce = entropy.draw(_NONCE_BYTES)
    wrapped_key = aes_key_wrap(_wrapping_key(one_time_key, public_key), content_key)
    # Without authenticated attributes the additional data of GCM is empty (RFC 5083 section 2.2).
    encrypted = AESGCM(content_key).encrypt(nonce, plaintext, None)
    point = one_time_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _assemble(point, _key_identifier(recipient), wrapped_key, nonce, encrypted)


def unseal(sealed: bytes, key: PrivateKey, certificate: x509.Certificate) -> bytes:
    """The plaintext, exactly as :func:`seal` was given it for this certificate.

    Args:
        sealed: the bytes of one sealed part.
        key: the private key of ``certificate``.
        certificate: the recipient's.

    Raises:
        EnvelopeError: the part is sealed to another key, changed, cut short, or not in the one form that
            :func:`seal` writes; not one byte of plaintext is given out.
    """
    try:
        envelope = cms.ContentInfo.load(sealed, strict=True)["content"]
        agreement = envelope["recipient_infos"][0].chosen
        point = agreement["originator"].chosen["public_key"].contents[1:]
        recipient = agreement["recipient_encrypted_keys"][0]
        identifier = recipient["rid"].chosen["subject_key_identifier"].native
        wrapped_key = recipient["encrypted_key"].native
        content = envelope["auth_encrypted_content_info"]
        nonce = content["content_encryption_algorithm"]["parameters"].parse(core.Sequence)[0].native
        encrypted = content["encrypted_content"].native + envelope["mac"].native
        canonical = _assemble(point, identifier, wrapped_key, nonce, encrypted)
    except _PARSER_ERRORS as error:
        raise _damaged() from error
    # One text, one meaning: whatever the parser overlooked differs here.
    if canonical != sealed:
        raise _damaged()
    if identifier != _key_identifier(certificate):
        raise EnvelopeError(
            "The part is sealed to another certificate.",
            why="Only the officers named in an item can read its answer.",
            rule="R-40",
        )
    return _decrypt(point, wrapped_key, nonce, encrypted, key)


def _decrypt(point: bytes, wrapped_key: bytes, nonce: bytes, encrypted: bytes, key: PrivateKey) -> bytes:
    try:
        one_time_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        content_key = aes_key_unwrap(_wrapping_key(key, one_time_key), wrapped_key)
        return AESGCM(content_key).decrypt(nonce, encrypted, None)
    except (InvalidUnwrap, InvalidTag, ValueError) as error:
        raise _damaged() from error


def _damaged() -> EnvelopeError:
    return EnvelopeError(
        "The sealed part cannot be opened.",
        why="It was changed or cut short, or the key does not belong to the certificate.",
        next_step="Fetch the part again, and use the key of the certificate it names.",
        rule="R-40",
    )


def _recipient_key(recipient: x509.Certificate) -> ec.EllipticCurvePublicKey:
    public_key = recipient.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(
        public_key.curve, ec.SECP256R1
    ):
        raise _unusable("Its key is not on P-256.")
    try:
        usage = recipient.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise _unusable("It does not say what its key is for.") from error
    if not usage.key_agreement:
        raise _unusable("Its key is not meant for key agreement.")
    return public_key


def _key_identifier(certificate: x509.Certificate) -> bytes:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound as error:
        raise _unusable("It has no subject key identifier.") from error
    if len(extension.value.digest) != 20:
        # Another length would let the size of a part tell more than the size of its content.
        raise _unusable("Its subject key identifier is not 20 bytes long (RFC 5280 section 4.2.1.2).")
    return extension.value.digest


def _unusable(why: str) -> ConfigurationError:
    return ConfigurationError(
        "Nothing can be sealed to the officer's certificate.",
        why=why,
        next_step="Register a key-management certificate (PIV slot 9D) for the officer.",
    )


def _wrapping_key(private_key: PrivateKey, public_key: ec.EllipticCurvePublicKey) -> bytes:
    """The key-encryption key both ends derive (RFC 5753 section 3.1.1 and 7.2, ANSI X9.63 KDF)."""
    shared_secret = private_key.exchange(ec.ECDH(), public_key)
    return X963KDF(hashes.SHA256(), _KEY_BYTES, _SHARED_INFO).derive(shared_secret)


def _der(tag: int, *contents: bytes) -> bytes:
    """One DER element (ITU-T X.690 sections 8.1 and 10.1)."""
    size = sum(map(len, contents))
    if size < 0x80:
        return b"".join((bytes((tag, size)), *contents))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return b"".join((bytes((tag, 0x80 | len(length))), length, *contents))


_WRAP_ALGORITHM = _der(_SEQUENCE, _AES256_WRAP)

# RFC 5753 section 7.2: keyInfo, and suppPubInfo = the length of the wrapping key in bits.
_SHARED_INFO = _der(
    _SEQUENCE,
    _WRAP_ALGORITHM,
    _der(_CONTEXT | _CONSTRUCTED | 2, _der(_OCTET_STRING, (8 * _KEY_BYTES).to_bytes(4, "big"))),
)

_AGREEMENT_ALGORITHM = _der(_SEQUENCE, _ECDH_SHA256_KDF, _WRAP_ALGORITHM)


def _assemble(
    point: bytes, key_identifier: bytes, wrapped_key: bytes, nonce: bytes, encrypted: bytes
) -> bytes:
    """The only byte string that holds these five values: ContentInfo around AuthEnvelopedData."""
    originator = _der(
        _CONTEXT | _CONSTRUCTED | 0,
        _der(
            _CONTEXT | _CONSTRUCTED | 1,
            _der(_SEQUENCE, _EC_PUBLIC_KEY),
            _der(_BIT_STRING, b"\x00", point),
        ),
    )
    recipient = _der(
        _SEQUENCE,
        _der(_CONTEXT | _CONSTRUCTED | 0, _der(_OCTET_STRING, key_identifier)),
        _der(_OCTET_STRING, wrapped_key),
    )
    key_agreement = _der(
        _CONTEXT | _CONSTRUCTED | 1,
        _der(_INTEGER, b"\x03"),
        originator,
        _AGREEMENT_ALGORITHM,
        _der(_SEQUENCE, recipient),
    )
    gcm_parameters = _der(_SEQUENCE, _der(_OCTET_STRING, nonce), _der(_INTEGER, bytes((_TAG_BYTES,))))
    content = _der(
        _SEQUENCE,
        _DATA,
        _der(_SEQUENCE, _AES256_GCM, gcm_parameters),
        _der(_CONTEXT | 0, encrypted[:-_TAG_BYTES]),
    )
    envelope = _der(
        _SEQUENCE,
        _der(_INTEGER, b"\x00"),
        _der(_SET, key_agreement),
        content,
        _der(_OCTET_STRING, encrypted[-_TAG_BYTES:]),
    )
    return _der(_SEQUENCE, _AUTH_ENVELOPED_DATA, _der(_CONTEXT | _CONSTRUCTED | 0, envelope))
