"""The few elements of DER that a sealed part is made of (ITU-T X.690)."""

from __future__ import annotations

INTEGER, BIT_STRING, OCTET_STRING, NULL, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x05, 0x30, 0x31
CONTEXT, CONSTRUCTED = 0x80, 0x20


def der(tag: int, *contents: bytes) -> bytes:
    """One element (ITU-T X.690 sections 8.1 and 10.1)."""
    return b"".join((der_head(tag, sum(map(len, contents))), *contents))


def der_head(tag: int, size: int) -> bytes:
    """What an element begins with whose contents are so many bytes."""
    if size < 0x80:
        return bytes((tag, size))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length
