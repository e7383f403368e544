"""HMAC-SHA-256 (RFC 2104) for whoever takes millions under one key."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

_BLOCK = 64


class MacKey:
    """A secret whose ``mac`` is HMAC-SHA-256; equal keys are equal, in any process, and none prints itself.

    The two hashes go on from the states that the padded key leaves: two blocks less to hash, half the time.

    Args:
        raw: secret bytes; whoever needs a least length checks it.
    """

    __slots__ = ("_block", "_hash", "_inner", "_outer")

    def __init__(self, raw: bytes) -> None:
        self._block = (sha256(raw).digest() if len(raw) > _BLOCK else raw).ljust(_BLOCK, b"\x00")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in self._block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in self._block))
        self._hash = hash(self.mac(b""))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._block == other._block

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[MacKey], tuple[bytes]]:
        return type(self), (self._block,)

    def mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256 of ``message`` (RFC 2104), 32 bytes."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def macs(self, beginning: bytes, ends: Iterable[bytes], size: int = 32) -> list[bytes]:
        """The first ``size`` bytes of ``mac`` of ``beginning`` with each of ``ends`` behind it."""
        begun = self._inner.copy()
        begun.update(beginning)
        copy_inner, copy_outer = begun.copy, self._outer.copy
        found: list[bytes] = []
        keep = found.append
        for end in ends:
            inner, outer = copy_inner(), copy_outer()
            inner.update(end)
            outer.update(inner.digest())
            keep(outer.digest()[:size])
        return found
