"""RSAES-OAEP with SHA-256 and MGF1-SHA-256, under a seed that is given.

The cryptography library draws the seed itself, and a package that is run again after a crash must give the same
bytes. So the padding is written here, and the tests decrypt with cryptography and with OpenSSL. Decryption is the
library's where it has the key. Where a token computes the power alone, :func:`unpad` takes the padding away, in the
process of the officer who holds the token: nobody else learns how long it takes, or that it failed (the oracle of
Manger's attack, CRYPTO 2001).
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import rsa

SEED_BYTES = 32
"""As long as the digest (RFC 8017 section 7.1.1)."""

_EMPTY_LABEL = sha256(b"").digest()


def encrypt(message: bytes, key: rsa.RSAPublicKey, seed: bytes) -> bytes:
    """The ciphertext, as long as the key's modulus.

    Source: RFC 8017 section 7.1.1, with an empty label.

    Args:
        message: at most 66 bytes shorter than the modulus.
        key: the recipient's.
        seed: 32 bytes that nobody else can guess, for this message alone.

    Raises:
        ValueError: the message is too long, or the seed is of another length.
    """
    numbers = key.public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    room = size - len(message) - 2 * SEED_BYTES - 2
    if room < 0 or len(seed) != SEED_BYTES:
        raise ValueError("The message is too long for the key, or the seed is not 32 bytes long.")
    block = _EMPTY_LABEL + bytes(room) + b"\x01" + message
    masked_block = _xor(block, _mask(seed, len(block)))
    masked_seed = _xor(seed, _mask(masked_block, SEED_BYTES))
    encoded = int.from_bytes(masked_seed + masked_block, "big")
    return pow(encoded, numbers.e, numbers.n).to_bytes(size, "big")


def unpad(encoded: bytes) -> bytes:
    """The message of an encoded block, which :func:`encrypt` made.

    Source: RFC 8017 section 7.1.2 step 3, with an empty label.

    Args:
        encoded: what RSA decryption gave, as long as the key's modulus.

    Raises:
        ValueError: it is no such block.
    """
    masked_seed, masked_block = encoded[1 : 1 + SEED_BYTES], encoded[1 + SEED_BYTES :]
    if len(masked_block) < SEED_BYTES + 1:
        raise ValueError("The block is too short.")
    seed = _xor(masked_seed, _mask(masked_block, SEED_BYTES))
    block = _xor(masked_block, _mask(seed, len(masked_block)))
    padding, separator, message = block[SEED_BYTES:].partition(b"\x01")
    bad = encoded[0] | (not hmac.compare_digest(block[:SEED_BYTES], _EMPTY_LABEL)) | any(padding)
    if bad or not separator:
        raise ValueError("The block is not padded as OAEP pads.")
    return message


def _mask(seed: bytes, size: int) -> bytes:
    """MGF1 with SHA-256 (RFC 8017 appendix B.2.1)."""
    blocks = (sha256(seed + counter.to_bytes(4, "big")).digest() for counter in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
