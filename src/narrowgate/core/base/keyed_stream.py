"""Bytes that are random to those without the key, and the same for a holder of it."""

from __future__ import annotations

import hmac


class KeyedStream:
    """The same bytes for the same key and the same sequence of draws.

    Args:
        key: secret bytes; the key of an HMAC-SHA-256 over a block counter (the PRF in counter mode of
            NIST SP 800-108r1 section 4.1, without label and context).
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._block = 0

    def draw(self, size: int) -> bytes:
        """The next ``size`` bytes of the stream; the rest of a half-used block is thrown away."""
        drawn = bytearray()
        while len(drawn) < size:
            drawn += hmac.digest(self._key, self._block.to_bytes(16, "big"), "sha256")
            self._block += 1
        return bytes(drawn[:size])
