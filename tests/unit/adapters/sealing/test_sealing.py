import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from narrowgate.adapters.entropy import SeededEntropy, SystemEntropy
from narrowgate.adapters.sealing import oaep
from narrowgate.adapters.sealing.envelope import seal, unseal
from narrowgate.adapters.signing.certificates import save_certificates, save_key
from narrowgate.adapters.signing.issuing import _ORDERS, Validity, create_root, issue_office, issue_officer
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError
from support.officers import KINDS, certificate_for, key_of, usage

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEAR = Validity(NOW - timedelta(days=30), NOW + timedelta(days=335))
ENTROPY = SeededEntropy(b"test_sealing")
ROOT = create_root("Test root", YEAR, ENTROPY)
OFFICER = issue_officer(ROOT, "Test officer", YEAR, ENTROPY)
COLLEAGUE = issue_officer(ROOT, "A colleague with a much longer name", YEAR, ENTROPY)
PLAINTEXT = b"0000000001 CONFIRMED\n" * 3


@settings(deadline=None)
@given(plaintext=st.binary(max_size=3000), seed=st.binary())
def test_what_is_sealed_opens_to_the_same_bytes(plaintext: bytes, seed: bytes) -> None:
    sealed = seal(plaintext, OFFICER.certificate, SeededEntropy(seed))
    assert unseal(sealed, OFFICER.key, OFFICER.certificate) == plaintext


@settings(max_examples=30, deadline=None)
@given(size=st.integers(min_value=0, max_value=70_000), fill=st.sampled_from([b"\0", b"x", b"\xff"]))
def test_the_size_depends_on_the_length_of_the_plaintext_alone(size: int, fill: bytes) -> None:
    sizes = {
        len(seal(content * size, officer.certificate, entropy))
        for content in (fill, b"-")
        for officer in (OFFICER, COLLEAGUE)
        for entropy in (SystemEntropy(), SeededEntropy(b""))
    }
    assert len(sizes) == 1


def test_equal_draws_give_equal_bytes_and_fresh_ones_never_do() -> None:
    one, other = (seal(PLAINTEXT, OFFICER.certificate, SeededEntropy(b"same")) for _ in range(2))
    assert one == other
    entropy = SeededEntropy(b"same")
    assert len({seal(PLAINTEXT, OFFICER.certificate, entropy) for _ in range(50)}) == 50


def test_any_flipped_bit_and_any_cut_is_refused() -> None:
    sealed = seal(PLAINTEXT, OFFICER.certificate, ENTROPY)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1 << position % 8
        with pytest.raises(EnvelopeError):
            unseal(bytes(changed), OFFICER.key, OFFICER.certificate)
        with pytest.raises(EnvelopeError):
            unseal(sealed[:position], OFFICER.key, OFFICER.certificate)
    with pytest.raises(EnvelopeError):
        unseal(sealed + b"\0", OFFICER.key, OFFICER.certificate)


SEALED = seal(PLAINTEXT, OFFICER.certificate, SeededEntropy(b"mutations"))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """The sealed part with up to three pieces cut out, doubled or overwritten."""
    data = SEALED
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data) - 1))
        end = start + draw(st.integers(1, 30))
        piece = draw(st.just(b"") | st.just(data[start:end] * 2) | st.binary(max_size=end - start))
        data = data[:start] + piece + data[end:]
    return data


@settings(max_examples=300, deadline=None)
@given(mutated=mutations())
def test_a_mutated_part_is_refused_as_an_envelope(mutated: bytes) -> None:
    assume(mutated != SEALED)
    with pytest.raises(EnvelopeError):
        unseal(mutated, OFFICER.key, OFFICER.certificate)


def test_a_colleague_cannot_open_it() -> None:
    sealed = seal(PLAINTEXT, OFFICER.certificate, ENTROPY)
    with pytest.raises(EnvelopeError, match="another certificate"):
        unseal(sealed, COLLEAGUE.key, COLLEAGUE.certificate)


def test_a_key_that_does_not_belong_to_the_certificate_opens_nothing() -> None:
    sealed = seal(PLAINTEXT, OFFICER.certificate, ENTROPY)
    with pytest.raises(EnvelopeError, match="cannot be opened"):
        unseal(sealed, COLLEAGUE.key, OFFICER.certificate)


def test_a_one_time_point_off_the_curve_is_refused() -> None:
    """An invalid-curve point would let a sender learn the officer's key bit by bit (RFC 5753 section 7)."""
    sealed = bytearray(seal(PLAINTEXT, OFFICER.certificate, ENTROPY))
    start = sealed.index(b"\x03\x42\x00\x04") + 4
    sealed[start : start + 64] = bytes(63) + b"\x01"
    with pytest.raises(EnvelopeError, match="cannot be opened"):
        unseal(bytes(sealed), OFFICER.key, OFFICER.certificate)


def test_the_plaintext_is_nowhere_in_the_sealed_bytes() -> None:
    assert b"CONFIRMED" not in seal(PLAINTEXT, OFFICER.certificate, ENTROPY)


def test_the_structure_is_that_of_the_standards_as_another_parser_reads_it() -> None:
    sealed = seal(PLAINTEXT, OFFICER.certificate, ENTROPY)
    content_info = cms.ContentInfo.load(sealed, strict=True)
    envelope = content_info["content"]
    agreement = envelope["recipient_infos"][0].chosen
    content = envelope["auth_encrypted_content_info"]
    assert content_info["content_type"].native == "authenticated_enveloped_data"
    assert envelope["version"].native == "v0"
    assert agreement["version"].native == "v3"
    assert agreement["key_encryption_algorithm"]["algorithm"].dotted == "1.3.132.1.11.1"
    assert content["content_encryption_algorithm"]["algorithm"].native == "aes256_gcm"
    assert len(content["encrypted_content"].native) == len(PLAINTEXT)
    assert len(envelope["mac"].native) == 16


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_535, 65_536])
def test_openssl_opens_it(tmp_path: Path, size: int) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED against another implementation: the openssl command is not installed")
    plaintext = bytes(index % 251 for index in range(size))
    (tmp_path / "part").write_bytes(seal(plaintext, OFFICER.certificate, ENTROPY))
    save_key(tmp_path / "key.pem", OFFICER.key)
    save_certificates(tmp_path / "certificate.pem", [OFFICER.certificate])
    command = [openssl, "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "part", "-out", "opened"]
    command += ["-recip", "certificate.pem", "-inkey", "key.pem"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "opened").read_bytes() == plaintext


def test_the_exit_code_of_openssl_says_when_a_part_was_changed(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED against another implementation: the openssl command is not installed")
    sealed = seal(PLAINTEXT * 2000, OFFICER.certificate, ENTROPY)
    save_key(tmp_path / "key.pem", OFFICER.key)
    save_certificates(tmp_path / "certificate.pem", [OFFICER.certificate])
    command = [openssl, "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "part", "-out", "opened"]
    command += ["-recip", "certificate.pem", "-inkey", "key.pem"]
    for position in (len(sealed) - 1, len(sealed) // 2):
        changed = bytearray(sealed)
        changed[position] ^= 1
        (tmp_path / "part").write_bytes(changed)
        assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode != 0


USAGE = usage(key_agreement=True)
OFFICE = issue_office(ROOT, "Test office", YEAR, ENTROPY)
RSA_KEY = key_of("RSA-2048")
IDENTIFIER = x509.SubjectKeyIdentifier.from_public_key(OFFICER.key.public_key())


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (OFFICE.certificate, "not meant for key agreement"),
        (certificate_for(RSA_KEY, ROOT, USAGE, IDENTIFIER), "not meant for key encipherment"),
        (
            certificate_for(ec.generate_private_key(ec.SECP521R1()), ROOT, USAGE),
            "none of P-256, P-384 and RSA",
        ),
        (certificate_for(key_of("RSA-1024"), ROOT, USAGE), "2,048"),
        (certificate_for(rsa.generate_private_key(3, 2048), ROOT, USAGE), "exponent"),
        (certificate_for(OFFICER.key, ROOT, IDENTIFIER), "does not say what its key is for"),
        (certificate_for(OFFICER.key, ROOT, USAGE), "no subject key identifier"),
        (certificate_for(OFFICER.key, ROOT, USAGE, x509.SubjectKeyIdentifier(b"short")), "not 20 bytes"),
        (ROOT.certificate, "of an authority"),
    ],
)
def test_nothing_is_sealed_to_an_unsuitable_certificate(certificate: x509.Certificate, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        seal(PLAINTEXT, certificate, ENTROPY)


HOLDERS = {kind: (key_of(kind), certificate_for(key_of(kind), ROOT)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_every_kind_open_what_is_sealed_to_them_and_equal_draws_give_equal_bytes(kind: str) -> None:
    key, certificate = HOLDERS[kind]
    one, again = (seal(PLAINTEXT, certificate, SeededEntropy(b"same")) for _ in range(2))
    assert one == again
    assert one != seal(PLAINTEXT, certificate, SeededEntropy(b"other"))
    assert unseal(one, key, certificate) == PLAINTEXT
    sizes = {
        len(seal(b"x" * len(PLAINTEXT), certificate, SeededEntropy(bytes([seed])))) for seed in range(20)
    }
    assert sizes == {len(one)}


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_opens_parts_sealed_to_keys_of_every_kind(tmp_path: Path, kind: str) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED against another implementation: the openssl command is not installed")
    key, certificate = HOLDERS[kind]
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    save_certificates(tmp_path / "certificate.pem", [certificate])
    for seed in range(3):
        (tmp_path / "part").write_bytes(seal(PLAINTEXT, certificate, SeededEntropy(bytes([seed]))))
        command = [openssl, "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "part", "-out", "opened"]
        command += ["-recip", "certificate.pem", "-inkey", "key.pem"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        assert (tmp_path / "opened").read_bytes() == PLAINTEXT


@pytest.mark.parametrize("kind", ["P-384", "RSA-2048"])
def test_any_flipped_byte_of_a_part_sealed_to_another_kind_of_key_is_refused(kind: str) -> None:
    key, certificate = HOLDERS[kind]
    sealed = seal(PLAINTEXT, certificate, ENTROPY)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1 << position % 8
        with pytest.raises(EnvelopeError):
            unseal(bytes(changed), key, certificate)


def test_a_key_of_another_kind_opens_nothing() -> None:
    for kind, (_, certificate) in HOLDERS.items():
        sealed = seal(PLAINTEXT, certificate, ENTROPY)
        for other, (key, _) in HOLDERS.items():
            if other != kind:
                with pytest.raises(EnvelopeError, match="cannot be opened"):
                    unseal(sealed, key, certificate)


@settings(max_examples=40, deadline=None)
@given(message=st.binary(max_size=190), seed=st.binary(min_size=32, max_size=32))
def test_the_padding_is_the_one_that_the_library_takes_off(message: bytes, seed: bytes) -> None:
    form = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    assert RSA_KEY.decrypt(oaep.encrypt(message, RSA_KEY.public_key(), seed), form) == message


def test_a_message_too_long_for_the_key_or_a_seed_of_another_length_is_refused() -> None:
    for message, seed in ((bytes(191), bytes(32)), (b"", bytes(31))):
        with pytest.raises(ValueError, match="too long"):
            oaep.encrypt(message, RSA_KEY.public_key(), seed)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_one_time_keys_cover_the_curve_and_nothing_beyond(curve: ec.EllipticCurve) -> None:
    """The largest private key is the order less one; the library refuses the order itself."""
    order = _ORDERS[curve.name]
    ec.derive_private_key(order - 1, curve)
    with pytest.raises(ValueError, match="Invalid EC key"):
        ec.derive_private_key(order, curve)
