"""Public keys of persons (SubjectPublicKeyInfo): RSA, and ECDSA on P-256 and P-384, verified in plain Python.

No secret is computed with, so that time tells nothing. Sources: RFC 8017 (RSA), FIPS 186-5 (ECDSA), RFC 5480.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from narrowgate.core.signatures.der import BITS, NULL, OCTETS, OID, SEQUENCE, Value, malformed, parse_der

DIGESTS: Final = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
"""Content of the object identifier to the name of the digest."""

_RSA: Final = bytes.fromhex("2a864886f70d010101")
_EC: Final = bytes.fromhex("2a8648ce3d0201")
RSA_BITS: Final = range(2_048, 8_193)


@dataclass(frozen=True, slots=True)
class _Curve:
    """A curve y² = x³ - 3x + b over a prime field (FIPS 186-5, SP 800-186)."""

    prime: int
    order: int
    b: int
    x: int
    y: int

    @property
    def size(self) -> int:
        return (self.prime.bit_length() + 7) // 8


_P256: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P384: Final = 2**384 - 2**128 - 2**96 + 2**32 - 1
_CURVES: Final = {
    bytes.fromhex("2a8648ce3d030107"): _Curve(
        _P256,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    bytes.fromhex("2b81040022"): _Curve(
        _P384,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
}
_Point = tuple[int, int] | None
"""Affine; nothing is the point at infinity."""


@dataclass(frozen=True, slots=True)
class RsaKey:
    """An RSA public key: modulus and exponent."""

    modulus: int
    exponent: int

    def is_signature(self, digest: str, message: bytes, signature: bytes) -> bool:
        """Whether the signature is one of RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2)."""
        encoded = self._opened(signature)
        name = next(each for each, known in DIGESTS.items() if known == digest)
        algorithm = Value(SEQUENCE, Value(OID, name).encoded() + Value(NULL, b"").encoded()).encoded()
        hashed = Value(OCTETS, hashlib.new(digest, message).digest()).encoded()
        info = Value(SEQUENCE, algorithm + hashed).encoded()
        return encoded == b"\x00\x01" + b"\xff" * (self._size - len(info) - 3) + b"\x00" + info

    def is_pss_signature(self, digest: str, salt_size: int, message: bytes, signature: bytes) -> bool:
        """Whether the signature is one of RSASSA-PSS with MGF1 over the same digest (RFC 8017 section 9.1.2)."""
        encoded = self._opened(signature)
        bits = self.modulus.bit_length() - 1
        encoded = encoded[self._size - (bits + 7) // 8 :]
        size = hashlib.new(digest).digest_size
        masked, hashed = encoded[: -size - 1], encoded[-size - 1 : -1]
        if len(encoded) < size + salt_size + 2 or encoded[-1] != 0xBC:
            return False
        mask = b"".join(
            hashlib.new(digest, hashed + counter.to_bytes(4, "big")).digest()
            for counter in range(-(-len(masked) // size))
        )
        unused = 8 * len(encoded) - bits
        if masked[0] >> (8 - unused):
            return False
        number = int.from_bytes(masked, "big") ^ int.from_bytes(mask[: len(masked)], "big")
        block = (number & (1 << 8 * len(masked) - unused) - 1).to_bytes(len(masked), "big")
        padding, salt = block[: len(block) - salt_size], block[len(block) - salt_size :]
        if padding != bytes(len(padding) - 1) + b"\x01":
            return False
        whole = bytes(8) + hashlib.new(digest, message).digest() + salt
        return hashlib.new(digest, whole).digest() == hashed

    @property
    def _size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    def _opened(self, signature: bytes) -> bytes:
        number = int.from_bytes(signature, "big")
        if len(signature) != self._size or number >= self.modulus:
            return bytes(self._size)
        return pow(number, self.exponent, self.modulus).to_bytes(self._size, "big")


@dataclass(frozen=True, slots=True)
class EcKey:
    """A public key on P-256 or P-384."""

    curve: _Curve
    x: int
    y: int

    def is_signature(self, digest: str, message: bytes, signature: bytes) -> bool:
        """Whether the signature, a SEQUENCE of two INTEGERs, is one of ECDSA (FIPS 186-5 section 6.4.2)."""
        r, s = (each.number() for each in _pair(signature))
        order = self.curve.order
        if not (0 < r < order and 0 < s < order):
            return False
        hashed = hashlib.new(digest, message).digest()
        number = int.from_bytes(hashed, "big") >> max(0, 8 * len(hashed) - order.bit_length())
        inverse = pow(s, -1, order)
        one = self._times(number * inverse % order, (self.curve.x, self.curve.y))
        found = self._add(one, self._times(r * inverse % order, (self.x, self.y)))
        return found is not None and found[0] % order == r

    def _add(self, one: _Point, two: _Point) -> _Point:
        prime = self.curve.prime
        if one is None or two is None:
            return one or two
        if one[0] == two[0]:
            if (one[1] + two[1]) % prime == 0:
                return None
            slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, prime) % prime
        else:
            slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, prime) % prime
        x = (slope * slope - one[0] - two[0]) % prime
        return x, (slope * (one[0] - x) - one[1]) % prime

    def _times(self, scalar: int, point: _Point) -> _Point:
        result: _Point = None
        while scalar:
            if scalar & 1:
                result = self._add(result, point)
            point = self._add(point, point)
            scalar >>= 1
        return result


PublicKey = RsaKey | EcKey


def parse_public_key(spki: bytes) -> PublicKey:
    """Returns the key of a SubjectPublicKeyInfo in DER.

    Raises:
        ProofError: it is malformed, or neither RSA of 2,048 to 8,192 bits nor on P-256 or P-384.
    """
    algorithm, bits = _pair(spki)
    kind, parameters = _pair(algorithm.encoded())
    material = bits.of(BITS)
    if material[:1] != b"\x00":
        raise malformed()
    if kind.of(OID) == _RSA and parameters.of(NULL) == b"":
        modulus, exponent = (each.number() for each in _pair(material[1:]))
        if (
            modulus.bit_length() not in RSA_BITS
            or not 65_537 <= exponent < 2**256
            or not modulus & exponent & 1
        ):
            raise malformed()
        return RsaKey(modulus, exponent)
    curve = _CURVES.get(parameters.content) if kind.content == _EC and parameters.tag == OID else None
    if curve is None or material[1:2] != b"\x04" or len(material) != 2 + 2 * curve.size:
        raise malformed()
    x, y = (int.from_bytes(material[2 + i * curve.size :][: curve.size], "big") for i in (0, 1))
    if max(x, y) >= curve.prime or (y * y - x * x * x + 3 * x - curve.b) % curve.prime:
        raise malformed()
    return EcKey(curve, x, y)


def _pair(data: bytes) -> tuple[Value, Value]:
    sequence = parse_der(data)
    sequence.of(SEQUENCE)
    children = sequence.children()
    if len(children) != 2:
        raise malformed()
    return children[0], children[1]
