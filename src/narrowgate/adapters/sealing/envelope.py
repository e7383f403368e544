"""Sealing to one officer: CMS AuthEnvelopedData that only the holder of the certificate's key can open.

AES-256-GCM content, its key wrapped to the officer's key (``recipients``).
Source: RFC 5083 (AuthEnvelopedData), RFC 5084 (GCM in CMS).

Written by hand because the structure is fixed and a general ASN.1 writer takes longer than the cryptography.
Reading goes through asn1crypto, and the tests open with OpenSSL, so writer and readers check each other.
"""

from __future__ import annotations

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.private_keys.port import OpeningKey
from narrowgate.adapters.sealing.der import (
    CONSTRUCTED,
    CONTEXT,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    der,
    der_head,
)
from narrowgate.adapters.sealing.recipients import Wrapped, key_identifier, read_wrapped, wrap_for
from narrowgate.adapters.signing.certificates import RecipientKey
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.gate.ports import Entropy

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16

_DATA = bytes.fromhex("06092a864886f70d010701")  # 1.2.840.113549.1.7.1
_AUTH_ENVELOPED_DATA = bytes.fromhex("060b2a864886f70d0109100117")  # 1.2.840.113549.1.9.16.1.23
_AES256_GCM = bytes.fromhex("060960864801650304012e")  # 2.16.840.1.101.3.4.1.46

_PARSER_ERRORS = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto and cryptography raise on bytes made to confuse them (found by mutation)."""


def seal(plaintext: bytes, recipient: x509.Certificate, entropy: Entropy) -> bytes:
    """The plaintext, readable only with the recipient's key.

    The size depends on the length of the plaintext and the kind of the key alone. Every random byte (content key,
    nonce, one-time key or OAEP seed) is drawn from ``entropy``, so equal draws give equal bytes.

    Args:
        plaintext: at most 2^31 - 1 bytes.
        recipient: a certificate as ``recipients.require_usable`` accepts it.
        entropy: secret randomness.

    Raises:
        ConfigurationError: nothing can be sealed to this certificate.
    """
    content_key = entropy.draw(_KEY_BYTES)
    nonce = entropy.draw(_NONCE_BYTES)
    recipient_info = wrap_for(recipient, content_key, entropy)
    # Without authenticated attributes the additional data of GCM is empty (RFC 5083 section 2.2).
    return _assemble(recipient_info, nonce, AESGCM(content_key).encrypt(nonce, plaintext, None))


def unseal(sealed: bytes, key: RecipientKey | OpeningKey, certificate: x509.Certificate) -> bytes:
    """The plaintext, exactly as :func:`seal` was given it for this certificate.

    Args:
        sealed: the bytes of one sealed part.
        key: the private key of ``certificate``, in memory or where it is kept; it is used once.
        certificate: the recipient's.

    Raises:
        ConfigurationError, OperationalError: the key cannot be used where it is kept.
        EnvelopeError: the part is sealed to another key, changed, cut short, or not in the one form that
            :func:`seal` writes; not one byte of plaintext is given out.
    """
    try:
        envelope = cms.ContentInfo.load(sealed, strict=True)["content"]
        wrapped = read_wrapped(envelope["recipient_infos"][0])
        content = envelope["auth_encrypted_content_info"]
        nonce = content["content_encryption_algorithm"]["parameters"].parse(core.Sequence)[0].native
        encrypted = content["encrypted_content"].native + envelope["mac"].native
        canonical = _assemble(wrapped.canonical(), nonce, encrypted)
    except _PARSER_ERRORS as error:
        raise _damaged() from error
    # One text, one meaning: whatever the parser overlooked differs here.
    if canonical != sealed:
        raise _damaged()
    if wrapped.identifier != key_identifier(certificate):
        raise EnvelopeError(
            "The part is sealed to another certificate.",
            why="Only the officers named in an item can read its answer.",
            rule="R-40",
        )
    return _decrypt(wrapped, nonce, encrypted, key)


def _decrypt(wrapped: Wrapped, nonce: bytes, encrypted: bytes, key: RecipientKey | OpeningKey) -> bytes:
    opening = KeyInMemory(key) if isinstance(key, RecipientKey) else key
    try:
        return AESGCM(wrapped.unwrap(opening)).decrypt(nonce, encrypted, None)
    except (InvalidUnwrap, InvalidTag, ValueError) as error:
        raise _damaged() from error


def _damaged() -> EnvelopeError:
    return EnvelopeError(
        "The sealed part cannot be opened.",
        why="It was changed or cut short, or the key does not belong to the certificate.",
        next_step="Fetch the part again, and use the key of the certificate it names.",
        rule="R-40",
    )


def _assemble(recipient_info: bytes, nonce: bytes, encrypted: bytes) -> bytes:
    """The only byte string that holds these values: ContentInfo around AuthEnvelopedData."""
    gcm_parameters = der(SEQUENCE, der(OCTET_STRING, nonce), der(INTEGER, bytes((_TAG_BYTES,))))
    # The heads first, from the innermost outwards: the long content is copied once, not once for each element around.
    size = len(encrypted) - _TAG_BYTES
    head = _DATA + der(SEQUENCE, _AES256_GCM, gcm_parameters) + der_head(CONTEXT | 0, size)
    head = der(INTEGER, b"\x00") + der(SET, recipient_info) + der_head(SEQUENCE, len(head) + size) + head
    tag = der(OCTET_STRING, encrypted[-_TAG_BYTES:])
    head = der_head(SEQUENCE, len(head) + size + len(tag)) + head
    head = _AUTH_ENVELOPED_DATA + der_head(CONTEXT | CONSTRUCTED | 0, len(head) + size + len(tag)) + head
    head = der_head(SEQUENCE, len(head) + size + len(tag)) + head
    return b"".join((head, memoryview(encrypted)[:size], tag))
