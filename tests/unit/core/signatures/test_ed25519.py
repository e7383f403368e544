"""Plain Python and the library give the same verdict on every Ed25519 signature."""

from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.core.signatures.ed25519 import is_signature, is_signature_in_python

_RFC_8032 = Path(cryptography_vectors.__file__).parent / "asymmetric" / "Ed25519" / "sign.input"
_ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize("line", _RFC_8032.read_text().splitlines()[:1024:16])
def test_signatures_of_the_published_vectors_verify_and_of_another_message_do_not(line: str) -> None:
    secret, public, message, signed = (bytes.fromhex(each) for each in line.split(":")[:4])
    assert secret[32:] == public
    assert is_signature_in_python(public, message, signed[:64])
    assert not is_signature_in_python(public, message + b"x", signed[:64])


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 767), st.booleans())
def test_a_flipped_bit_of_key_or_signature_has_one_verdict(
    seed: bytes, message: bytes, bit: int, flip: bool
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    both = bytearray(private.public_key().public_bytes_raw() + private.sign(message))
    if flip:
        both[bit // 8] ^= 1 << bit % 8
    key, signature = bytes(both[:32]), bytes(both[32:])
    assert is_signature_in_python(key, message, signature) == is_signature(key, message, signature) != flip


def test_a_second_spelling_of_a_signature_does_not_verify() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = private.sign(b"text")
    again = int.from_bytes(signature[32:], "little") + _ORDER
    twice = signature[:32] + again.to_bytes(32, "little")
    key = private.public_key().public_bytes_raw()
    for verify in (is_signature, is_signature_in_python):
        assert verify(key, b"text", signature)
        assert not verify(key, b"text", twice)
        assert not verify(key, b"text", signature[:63])
        assert not verify(b"\xff" * 32, b"text", signature)
