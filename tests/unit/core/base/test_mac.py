"""HMAC-SHA-256 from copied states is HMAC-SHA-256."""

from __future__ import annotations

import hmac
import pickle

from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.mac import MacKey

RAW = st.binary(max_size=100)


@given(RAW, st.binary(max_size=300))
def test_a_mac_is_hmac_sha256_for_keys_and_messages_of_any_length(raw: bytes, message: bytes) -> None:
    assert MacKey(raw).mac(message) == hmac.digest(raw, message, "sha256")


@given(RAW, st.binary(max_size=100), st.lists(st.binary(max_size=100)))
def test_macs_that_share_a_beginning_are_those_of_the_whole_messages(
    raw: bytes, beginning: bytes, ends: list[bytes]
) -> None:
    assert MacKey(raw).macs(beginning, ends) == [hmac.digest(raw, beginning + end, "sha256") for end in ends]


def test_a_key_reaches_a_worker_process_as_the_same_key_and_another_is_another() -> None:
    key = MacKey(b"k" * 32)
    there = pickle.loads(pickle.dumps(key))  # noqa: S301  our own bytes
    assert (there, hash(there), there.mac(b"m")) == (key, hash(key), key.mac(b"m"))
    assert key != MacKey(b"j" * 32)


def test_a_key_does_not_print_itself() -> None:
    assert "secret" not in repr(MacKey(b"secret" * 6))
