"""Sources of random bytes: the operating system's, and a repeatable one for tests and the sandbox."""

from __future__ import annotations

import hmac
import secrets


class SystemEntropy:
    """Random bytes from the operating system that nobody outside can guess."""

    def draw(self, size: int) -> bytes:
        """``size`` fresh random bytes."""
        return secrets.token_bytes(size)


class SeededEntropy:
    """The same bytes for the same seed and the same sequence of draws: for tests and the sandbox only.

    Whoever knows the seed knows every salt and every sealing key drawn from it.

    Args:
        seed: any bytes; the key of an HMAC-SHA-256 over a block counter (the PRF in counter mode of
            NIST SP 800-108r1 section 4.1, without label and context).
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._block = 0

    def draw(self, size: int) -> bytes:
        """The next ``size`` bytes of the stream; the rest of a half-used block is thrown away."""
        drawn = bytearray()
        while len(drawn) < size:
            drawn += hmac.digest(self._seed, self._block.to_bytes(16, "big"), "sha256")
            self._block += 1
        return bytes(drawn[:size])
