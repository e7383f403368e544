"""DER, checked before a parser that also reads BER sees it: one value has one encoding, and few elements."""

from __future__ import annotations

MAX_ELEMENTS = 4_000
"""A signature with a chain of five certificates has about 600."""

MAX_DEPTH = 32
"""A certificate inside a time stamp inside a signature is about two dozen deep."""

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F


def require_der(data: bytes) -> None:
    """Return only if ``data`` is exactly one value with definite, shortest lengths throughout, within the bounds.

    Source: X.690 sections 10.1 (definite lengths) and 8.1.2 (identifiers).

    Raises:
        ValueError: it is not.
    """
    ends: list[int] = []
    position, elements = 0, 0
    while position < len(data) or elements == 0:
        while ends and ends[-1] == position:
            ends.pop()
        if elements and not ends:
            raise ValueError("Something follows the value.")
        constructed, position, end = _header(data, position, ends[-1] if ends else len(data))
        elements += 1
        if elements > MAX_ELEMENTS:
            raise ValueError("The value has too many elements.")
        if constructed and end > position:
            ends.append(end)
            if len(ends) > MAX_DEPTH:
                raise ValueError("The value is too deeply nested.")
        else:
            position = end
    if any(end != position for end in ends):
        raise ValueError("The value was cut.")


def _header(data: bytes, position: int, limit: int) -> tuple[bool, int, int]:
    """Whether the element is constructed, where its content begins, and where it ends."""
    if limit - position < 2:
        raise ValueError("The value was cut.")
    first, length = data[position], data[position + 1]
    if first & _LONG_TAG == _LONG_TAG:
        raise ValueError("No element here has a tag number above 30.")
    position += 2
    if length >= 0x80:
        octets = length - 0x80
        if not 1 <= octets <= 4 or limit - position < octets:
            raise ValueError("The length is indefinite, or too long.")
        length = int.from_bytes(data[position : position + octets], "big")
        if length < 0x80 or length >> 8 * (octets - 1) == 0:
            raise ValueError("The length is not the shortest.")
        position += octets
    if limit - position < length:
        raise ValueError("The value was cut.")
    return bool(first & _CONSTRUCTED), position, position + length
