"""A detached signature verifies in plain Python as ours were made, with its certificates and without them."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.base.errors import ProofError
from narrowgate.core.signatures.cms import parse_signature
from support.hostile_signatures import certificate, name

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DATA = b"an act"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = {
    "P-256": EC_KEY,
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA": rsa.generate_private_key(65_537, 2048),
}


def signed(kind: str) -> tuple[bytes, bytes]:
    """A signature over ``DATA``, and the key that made it."""
    key = KEYS[kind]
    signer = certificate("Jane Q. Public", key.public_key(), "authority", EC_KEY, NOW)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return FileSigner(key, signer).sign(DATA, NOW), spki


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_a_signature_verifies_with_its_key_and_no_other(kind: str) -> None:
    signature, spki = signed(kind)
    parsed = parse_signature(signature)
    parsed.require(DATA, spki)
    assert parsed.certified_keys() == (spki,)
    with pytest.raises(ProofError, match="changed"):
        parsed.require(b"another", spki)
    for other in KEYS.keys() - {kind}:
        with pytest.raises(ProofError):
            parsed.require(DATA, signed(other)[1])


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_a_signature_without_certificates_verifies_the_same_and_names_nobody(kind: str) -> None:
    signature, spki = signed(kind)
    bare = parse_signature(signature).without_certificates()
    assert b"Jane" in signature
    assert b"Jane" not in bare
    parse_signature(bare).require(DATA, spki)
    assert parse_signature(bare).certificates == ()
    assert parse_signature(bare).without_certificates() == bare


_SIGNATURE, _SPKI = signed("P-256")
_BARE = parse_signature(_SIGNATURE).without_certificates()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(_BARE) - 1), st.integers(0, 7))
def test_no_flipped_bit_of_what_is_signed_goes_unseen_and_none_ends_in_another_error(
    position: int, bit: int
) -> None:
    changed = bytearray(_BARE)
    changed[position] ^= 1 << bit
    try:
        parsed = parse_signature(bytes(changed))
        parsed.require(DATA, _SPKI)
    except ProofError:
        return
    # Versions and the name of the signer's certificate are not signed (RFC 5652 section 5.4).
    original = parse_signature(_BARE)
    assert (parsed.attributes, parsed.value) == (original.attributes, original.value)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_signature_are_refused(data: bytes) -> None:
    with pytest.raises(ProofError):
        parse_signature(data)


@pytest.mark.parametrize("salt", ["digest", "20"])
def test_a_signature_by_openssl_with_pss_verifies(tmp_path: Path, salt: str) -> None:
    key = KEYS["RSA"]
    builder = x509.CertificateBuilder(name("a"), name("a"), key.public_key(), 1, NOW, NOW.replace(year=2030))
    (tmp_path / "c.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (tmp_path / "k.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "data").write_bytes(DATA)
    command = "openssl cms -sign -binary -in data -signer c.pem -inkey k.pem -outform DER -out s -md sha256"
    options = f" -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:{salt}"
    subprocess.run((command + options).split(), cwd=tmp_path, check=True)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    parsed = parse_signature((tmp_path / "s").read_bytes())
    parsed.require(DATA, spki)
    with pytest.raises(ProofError):
        parsed.require(DATA + b".", spki)
