"""OAEP taken away outside of the token: what was encrypted comes back, and nothing else does."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.sealing import oaep

KEY = rsa.generate_private_key(65_537, 2048)
PADDING = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def power(encrypted: bytes) -> bytes:
    """What a card computes."""
    numbers = KEY.private_numbers()
    return pow(int.from_bytes(encrypted, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")


@given(st.binary(max_size=190))
def test_what_another_library_padded_is_taken_apart(message: bytes) -> None:
    assert oaep.unpad(power(KEY.public_key().encrypt(message, PADDING))) == message


@given(st.integers(0, 255), st.integers(1, 255))
def test_a_block_with_one_other_byte_is_refused(position: int, change: int) -> None:
    block = bytearray(power(oaep.encrypt(bytes(32), KEY.public_key(), bytes(range(32)))))
    block[position] ^= change
    with pytest.raises(ValueError, match="OAEP"):
        oaep.unpad(bytes(block))


@pytest.mark.parametrize("size", [0, 1, 33, 65])
def test_a_block_that_is_too_short_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="too short"):
        oaep.unpad(bytes(size))
