"""Sources of random bytes: the operating system's, and a repeatable one for tests and the sandbox."""

from __future__ import annotations

import secrets

from narrowgate.core.base.keyed_stream import KeyedStream


class SystemEntropy:
    """Random bytes from the operating system that nobody outside can guess."""

    def draw(self, size: int) -> bytes:
        """``size`` fresh random bytes."""
        return secrets.token_bytes(size)


class SeededEntropy(KeyedStream):
    """The same bytes for the same seed and the same sequence of draws: for tests and the sandbox only.

    Whoever knows the seed knows every salt and every sealing key drawn from it.
    """
