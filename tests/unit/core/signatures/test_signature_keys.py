"""Plain Python and the library give the same verdict on signatures of RSA and ECDSA keys."""

from functools import cache

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.core.base.errors import ProofError
from narrowgate.core.signatures.keys import EcKey, RsaKey, parse_public_key

_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_digests = st.sampled_from(sorted(_HASHES))


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, bits)


@cache
def ec_key(curve: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}[curve])


def spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["P-256", "P-384"]),
    _digests,
    st.binary(max_size=40),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_ecdsa_has_the_verdict_of_the_library(
    curve: str, digest: str, message: bytes, flip: bool, bit: int
) -> None:
    key = ec_key(curve)
    signature = bytearray(key.sign(message, ec.ECDSA(_HASHES[digest])))
    if flip:
        signature[bit // 8 % len(signature)] ^= 1 << bit % 8
    ours = parse_public_key(spki(key))
    assert isinstance(ours, EcKey)
    try:
        found = ours.is_signature(digest, message, bytes(signature))
    except ProofError:
        found = False
    assert found != flip
    if flip:
        with pytest.raises(InvalidSignature):
            key.public_key().verify(bytes(signature), message, ec.ECDSA(_HASHES[digest]))


# 2,049 bits: the encoded message of PSS is a byte shorter than the modulus.
@pytest.mark.parametrize("bits", [2048, 2049, 3072])
@settings(max_examples=15, deadline=None)
@given(
    digest=_digests,
    message=st.binary(max_size=40),
    flip=st.booleans(),
    bit=st.integers(0, 2047),
    salt=st.integers(0, 64),
)
def test_rsa_has_the_verdict_of_the_library(
    bits: int, digest: str, message: bytes, flip: bool, bit: int, salt: int
) -> None:
    key = rsa_key(bits)
    ours = parse_public_key(spki(key))
    assert isinstance(ours, RsaKey)
    pss = padding.PSS(padding.MGF1(_HASHES[digest]), salt)
    for scheme in (padding.PKCS1v15(), pss):
        signature = bytearray(key.sign(message, scheme, _HASHES[digest]))
        if flip:
            signature[bit // 8] ^= 1 << bit % 8
        if scheme is pss:
            assert ours.is_pss_signature(digest, salt, message, bytes(signature)) != flip
            assert not ours.is_pss_signature(digest, salt + 1, message, bytes(signature))
        else:
            assert ours.is_signature(digest, message, bytes(signature)) != flip
        assert not ours.is_signature(digest, message, bytes(signature) + b"\0")


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65_537, 1024),  # noqa: S505 - which is refused
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
    ],
)
def test_keys_of_other_kinds_and_sizes_are_refused(key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(ProofError):
        parse_public_key(spki(key))


@settings(max_examples=100, deadline=None)
@given(position=st.integers(0, 10**6), value=st.integers(0, 255), curve=st.sampled_from(["P-256", "P-384"]))
def test_a_changed_key_is_refused_or_another_key(position: int, value: int, curve: str) -> None:
    data = bytearray(spki(ec_key(curve)))
    data[position % len(data)] = value
    try:
        parse_public_key(bytes(data))
    except ProofError:
        return
    assert bytes(data) == spki(ec_key(curve))
