"""DER read strictly and written: one value has one encoding (X.690 section 10)."""

from __future__ import annotations

from dataclasses import dataclass

from narrowgate.core.base.errors import ProofError

SEQUENCE, SET, INTEGER, OCTETS, BITS, OID, NULL = 0x30, 0x31, 0x02, 0x04, 0x03, 0x06, 0x05


def tagged(number: int) -> int:
    """The tag of a constructed value of the context class: ``[number]``."""
    return 0xA0 | number


@dataclass(frozen=True, slots=True)
class Value:
    """One element.

    Args:
        tag: its identifier octet.
        content: what it holds.
    """

    tag: int
    content: bytes

    def encoded(self, tag: int | None = None) -> bytes:
        """Returns its bytes, under another tag where one is given."""
        size = len(self.content)
        octets = b"" if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([size]) if size < 0x80 else bytes([0x80 | len(octets)]) + octets
        return bytes([self.tag if tag is None else tag]) + length + self.content

    def children(self) -> list[Value]:
        """Returns the elements that it consists of.

        Raises:
            ProofError: its content is not DER.
        """
        found, position = [], 0
        while position < len(self.content):
            value, position = _read(self.content, position)
            found.append(value)
        return found

    def of(self, tag: int) -> bytes:
        """Returns its content.

        Raises:
            ProofError: it has another tag.
        """
        if self.tag != tag:
            raise malformed()
        return self.content

    def number(self) -> int:
        """Returns the positive INTEGER that it is.

        Raises:
            ProofError: it is no INTEGER, is negative, or is not in its shortest form.
        """
        content = self.of(INTEGER)
        if not content or content[0] & 0x80 or (content[0] == 0 and len(content) > 1 and content[1] < 0x80):
            raise malformed()
        return int.from_bytes(content, "big")


def parse_der(data: bytes) -> Value:
    """Returns the one element that ``data`` is, from end to end.

    Raises:
        ProofError: the bytes are not DER.
    """
    value, end = _read(data, 0)
    if end != len(data):
        raise malformed()
    return value


def malformed() -> ProofError:
    """The error of bytes that have not the one form accepted."""
    return ProofError("The signature, or the key, is not in the form that is accepted (DER).")


def _read(data: bytes, position: int) -> tuple[Value, int]:
    if len(data) - position < 2 or data[position] & 0x1F == 0x1F:
        raise malformed()
    tag, size = data[position], data[position + 1]
    position += 2
    if size >= 0x80:
        octets = size - 0x80
        size = int.from_bytes(data[position : position + octets], "big")
        if not 1 <= octets <= 4 or size < 0x80 or size >> 8 * (octets - 1) == 0:
            raise malformed()
        position += octets
    if len(data) - position < size:
        raise malformed()
    return Value(tag, data[position : position + size]), position + size
