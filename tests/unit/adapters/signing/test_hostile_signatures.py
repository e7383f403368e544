"""What a stranger, or a second verifier's taste, could slip into a signature: refused, and refused soon."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import algos, cms, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates
from narrowgate.adapters.signing.chain import MAX_CERTIFICATES
from narrowgate.adapters.signing.cms import CertifiedSigner, verify_detached
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.der import MAX_DEPTH, MAX_ELEMENTS, require_der
from narrowgate.adapters.signing.issuing import Validity, create_root, issue_office
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import EnvelopeError
from support.hostile_signatures import OFFICE_USAGE, certificate, cross_signed, signed_below_cross_signed

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = Validity(NOW - 30 * DAY, NOW + 335 * DAY)
ENTROPY = SeededEntropy(b"test_hostile_signatures")
ROOT = create_root("Root", YEAR, ENTROPY)
OFFICE = issue_office(ROOT, "Office", YEAR, ENTROPY)
DATA = b'{"schema":"narrowgate/request/v1"}'
SIGNATURE = FileSigner(OFFICE.key, OFFICE.certificate).sign(DATA, NOW)
SOON = 2.0
"""Seconds of work; it takes hundredths of one, and the machine may be busy."""


def verify(signature: bytes, signer: x509.Certificate = OFFICE.certificate) -> CertifiedSigner:
    return verify_detached(DATA, signature, Trust(ROOT.certificate, None), NOW, {public_key_sha256(signer)})


def openssl_accepts(directory: Path, signature: bytes) -> bool:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED against another implementation: the openssl command is not installed")
    (directory / "data").write_bytes(DATA)
    (directory / "data.p7s").write_bytes(signature)
    save_certificates(directory / "root.pem", [ROOT.certificate])
    command = [openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "data.p7s"]
    command += ["-content", "data", "-CAfile", "root.pem", "-no-CApath", "-no-CAstore", "-out", "verified"]
    command += ["-attime", str(int(NOW.timestamp()))]
    return subprocess.run(command, cwd=directory, check=False, capture_output=True).returncode == 0


def signed(key: object, signer: x509.Certificate, algorithm: str, digest: str = "sha256") -> bytes:
    """A signature with any key and algorithm, as no command of ours makes it."""
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    signer_of_library = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(signer.public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": algorithm}),
    )
    attributes = PdfCMSSignedAttributes(signing_time=NOW)
    made = asyncio.run(
        signer_of_library.async_sign_general_data(
            DATA, digest, detached=True, use_cades=True, signed_attr_settings=attributes
        )
    )
    return bytes(made.dump())


def changed(change: Callable[[cms.SignedData], None], signature: bytes = SIGNATURE) -> bytes:
    content_info = cms.ContentInfo.load(signature)
    change(content_info["content"])
    return bytes(content_info.dump())


def test_the_signature_that_the_others_are_made_from_is_accepted_by_both(tmp_path: Path) -> None:
    assert verify(SIGNATURE).subject == "CN=Office"
    assert openssl_accepts(tmp_path, SIGNATURE)


def test_an_ed25519_signer_is_refused_by_both(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    office = certificate("Office", key.public_key(), "Root", ROOT.key, NOW)
    signature = signed(key, office, "ed25519", "sha512")
    with pytest.raises(EnvelopeError, match="algorithm that is not accepted"):
        verify(signature, office)
    assert not openssl_accepts(tmp_path, signature)


@pytest.mark.parametrize("digests", [[], ["sha384"], ["sha256", "sha384"], ["sha256", "sha256"]])
def test_digests_that_disagree_are_refused(digests: list[str]) -> None:
    def change(signed_data: cms.SignedData) -> None:
        signed_data["digest_algorithms"] = [{"algorithm": digest} for digest in digests]

    with pytest.raises(EnvelopeError, match="different digests"):
        verify(changed(change))


def test_a_digest_that_is_not_announced_is_refused_by_openssl_too(tmp_path: Path) -> None:
    def change(signed_data: cms.SignedData) -> None:
        signed_data["digest_algorithms"] = [{"algorithm": "sha384"}]

    assert not openssl_accepts(tmp_path, changed(change))


def test_a_signature_algorithm_of_another_digest_is_refused() -> None:
    def change(signed_data: cms.SignedData) -> None:
        signed_data["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha384_ecdsa"}

    with pytest.raises(EnvelopeError, match="different digests"):
        verify(changed(change))


def test_indefinite_and_padded_lengths_are_refused() -> None:
    content = SIGNATURE[4:]
    assert SIGNATURE[:2] == b"\x30\x82"
    for other in (
        b"\x30\x80" + content + b"\0\0",
        b"\x30\x83\0" + SIGNATURE[2:4] + content,
        b"\x30\x85" + (1 << 33).to_bytes(5, "big") + content,
    ):
        with pytest.raises(EnvelopeError, match="cannot be read"):
            verify(other)


@pytest.mark.parametrize("curve", [ec.SECP192R1(), ec.SECP224R1(), ec.SECP256K1(), ec.BrainpoolP256R1()])
def test_a_small_or_odd_curve_is_refused(curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    office = certificate("Office", key.public_key(), "Root", ROOT.key, NOW)
    with pytest.raises(EnvelopeError, match="not accepted") as caught:
        verify(FileSigner(key, office).sign(DATA, NOW), office)
    assert "kind or size" in caught.value.why


@pytest.mark.parametrize("bits", [1024, 1536])
def test_a_small_rsa_key_is_refused(bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)
    office = certificate("Office", key.public_key(), "Root", ROOT.key, NOW)
    with pytest.raises(EnvelopeError, match="not accepted"):
        verify(signed(key, office, "sha256_rsa"), office)


@pytest.mark.parametrize(
    ("is_authority", "usage", "extensions"),
    [
        (True, OFFICE_USAGE, ()),
        (False, (*OFFICE_USAGE, "key_cert_sign"), ()),
        (False, ("digital_signature",), ()),
        (False, OFFICE_USAGE, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),)),
        (False, OFFICE_USAGE, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),)),
    ],
    ids=["authority", "signs certificates", "log-on key", "server", "code"],
)
def test_a_certificate_for_another_use_is_refused(
    is_authority: bool, usage: tuple[str, ...], extensions: tuple[x509.ExtensionType, ...]
) -> None:
    office = certificate(
        "Office",
        OFFICE.key.public_key(),
        "Root",
        ROOT.key,
        NOW,
        is_authority=is_authority,
        usage=usage,
        extensions=extensions,
    )
    with pytest.raises(EnvelopeError, match="not accepted") as caught:
        verify(FileSigner(OFFICE.key, office).sign(DATA, NOW))
    assert "not meant for signatures" in caught.value.why


def test_a_certificate_without_a_stated_use_is_refused() -> None:
    bare = (
        x509.CertificateBuilder()
        .subject_name(OFFICE.certificate.subject)
        .issuer_name(ROOT.certificate.subject)
        .public_key(OFFICE.key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .sign(ROOT.key, hashes.SHA256())
    )
    with pytest.raises(EnvelopeError, match="not accepted"):
        verify(FileSigner(OFFICE.key, bare).sign(DATA, NOW))


def test_a_certificate_for_mail_or_documents_is_accepted(tmp_path: Path) -> None:
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    office = certificate("Office", OFFICE.key.public_key(), "Root", ROOT.key, NOW, extensions=(uses,))
    signature = FileSigner(OFFICE.key, office).sign(DATA, NOW)
    assert verify(signature).subject == "CN=Office"
    assert openssl_accepts(tmp_path, signature)


@pytest.mark.parametrize("minutes", [6, 60 * 24 * 365])
def test_a_signing_time_after_the_clock_is_refused(minutes: int) -> None:
    signature = FileSigner(OFFICE.key, OFFICE.certificate).sign(DATA, NOW + timedelta(minutes=minutes))
    with pytest.raises(EnvelopeError, match="later than now"):
        verify(signature)


def test_a_signing_time_before_what_is_signed_is_refused() -> None:
    expected = {public_key_sha256(OFFICE.certificate)}
    for earliest, accepted in ((NOW + timedelta(minutes=4), True), (NOW + timedelta(minutes=6), False)):
        arguments = (DATA, SIGNATURE, Trust(ROOT.certificate, None), NOW + DAY, expected)
        if accepted:
            assert verify_detached(*arguments, earliest=earliest).signing_time == NOW
        else:
            with pytest.raises(EnvelopeError, match="before what it signs"):
                verify_detached(*arguments, earliest=earliest)


def test_attributes_out_of_order_are_refused() -> None:
    content_info = cms.ContentInfo.load(SIGNATURE)
    attributes = [each.dump() for each in content_info["content"]["signer_infos"][0]["signed_attrs"]]
    ordered, reversed_ = b"".join(attributes), b"".join(reversed(attributes))
    assert SIGNATURE.count(ordered) == 1
    with pytest.raises(EnvelopeError, match="cannot be read"):
        verify(SIGNATURE.replace(ordered, reversed_))


def test_another_key_is_refused_before_any_path_is_looked_for() -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    began = time.process_time()
    with pytest.raises(EnvelopeError):
        verify(signed_below_cross_signed(DATA, stranger, NOW, 9))
    assert time.process_time() - began < SOON


@pytest.mark.parametrize("holder", ["stranger with the office's certificate", "office"])
def test_certificates_that_vouch_for_each_other_keep_nobody_busy(holder: str) -> None:
    """As many as are let in, by authorities that the root does not know."""
    authority, between = cross_signed(3, NOW)
    key = OFFICE.key if holder == "office" else ec.generate_private_key(ec.SECP256R1())
    office = certificate("Office", OFFICE.key.public_key(), "Authority 0", authority, NOW)
    assert len(between) + 1 < MAX_CERTIFICATES
    began = time.process_time()
    with pytest.raises(EnvelopeError, match="not accepted") as caught:
        verify(FileSigner(key, office, between).sign(DATA, NOW))
    assert "No path leads" in caught.value.why
    assert time.process_time() - began < SOON


def test_a_maze_below_the_root_keeps_nobody_busy() -> None:
    """Every authority vouches for every other, and the root for one: more paths than a chain has."""
    size = 3
    authorities = [ec.generate_private_key(ec.SECP256R1()) for _ in range(size)]

    def authority(subject: int, issuer: str, issuer_key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        return certificate(
            f"Authority {subject}",
            authorities[subject].public_key(),
            issuer,
            issuer_key,
            NOW,
            is_authority=True,
            usage=("key_cert_sign",),
        )

    between = [
        authority(subject, f"Authority {issuer}", authorities[issuer])
        for subject in range(size)
        for issuer in range(size)
        if subject != issuer
    ]
    between.append(authority(size - 1, "Root", ROOT.key))
    office = certificate("Office", OFFICE.key.public_key(), "Authority 0", authorities[0], NOW)
    began = time.process_time()
    with pytest.raises(EnvelopeError, match="not accepted") as caught:
        verify(FileSigner(OFFICE.key, office, between).sign(DATA, NOW))
    assert "Too many paths" in caught.value.why
    assert time.process_time() - began < SOON


def test_more_certificates_than_a_chain_has_are_refused() -> None:
    others = [issue_office(ROOT, f"Office {number}", YEAR, ENTROPY).certificate for number in range(8)]
    with pytest.raises(EnvelopeError, match="more than 8 certificates"):
        verify(FileSigner(OFFICE.key, OFFICE.certificate, others).sign(DATA, NOW))
    assert (
        verify(FileSigner(OFFICE.key, OFFICE.certificate, others[:7]).sign(DATA, NOW)).subject == "CN=Office"
    )


def test_a_renewed_authority_gives_two_paths_and_the_good_one_counts() -> None:
    authority = ec.generate_private_key(ec.SECP256R1())

    def issued(usage: tuple[str, ...]) -> x509.Certificate:
        return certificate(
            "Issuer", authority.public_key(), "Root", ROOT.key, NOW, is_authority=True, usage=usage
        )

    office = certificate("Office", OFFICE.key.public_key(), "Issuer", authority, NOW)
    good, bad = issued(("key_cert_sign",)), issued(("crl_sign",))
    for between in ([good, bad], [bad, good], [good]):
        assert verify(FileSigner(OFFICE.key, office, between).sign(DATA, NOW)).subject == "CN=Office"
    with pytest.raises(EnvelopeError, match="not accepted"):
        verify(FileSigner(OFFICE.key, office, [bad]).sign(DATA, NOW))


def test_an_office_does_not_vouch_for_another_certificate() -> None:
    """Its own certificate is no authority's, so nothing below it counts."""
    below = certificate("Below", OFFICE.key.public_key(), "Office", OFFICE.key, NOW)
    with pytest.raises(EnvelopeError, match="not accepted"):
        verify(FileSigner(OFFICE.key, below, [OFFICE.certificate]).sign(DATA, NOW))


def test_a_time_stamp_that_anyone_could_add_is_not_read() -> None:
    """Its certificates would be followed like the signer's."""
    stamp = cms.ContentInfo.load(
        signed_below_cross_signed(DATA, ec.generate_private_key(ec.SECP256R1()), NOW, 5)
    )

    def change(signed_data: cms.SignedData) -> None:
        signed_data["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [stamp]})]
        )

    stamped = changed(change)
    assert len(stamped) > len(SIGNATURE) + 7_000
    began = time.process_time()
    assert verify(stamped) == verify(SIGNATURE)
    assert time.process_time() - began < SOON


def test_der_is_read_as_it_is_specified() -> None:
    for good in (b"\x05\x00", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"\x04\x81\x80" + bytes(128)):
        require_der(good)
    for bad in (
        *(b"", b"\x30", b"\x05\x00\x05\x00", b"\x30\x01\x05", b"\x30\x03\x02\x01", b"\x30\x03\x02\x02\x00"),
        *(
            b"\x04\x80\x00\x00",
            b"\x04\x81\x7f" + bytes(127),
            b"\x04\x82\x00\x80" + bytes(128),
            b"\x1f\x81\x01\x00",
        ),
        *(b"\x04\xff", b"\x04\x85\x00\x00\x00\x00\x01\x00", b"\x30\x04\x30\x03\x05\x00"),
    ):
        with pytest.raises(ValueError, match=r"\."):
            require_der(bad)
    nested = b""
    for _ in range(MAX_DEPTH):
        nested = b"\x30" + bytes([len(nested)]) + nested
    require_der(nested)
    with pytest.raises(ValueError, match="nested"):
        require_der(
            b"\x30"
            + bytes([len(nested) + 4])
            + b"\x30"
            + bytes([len(nested) + 2])
            + b"\x30"
            + bytes([len(nested)])
            + nested
        )
    many = b"\x05\x00" * MAX_ELEMENTS
    with pytest.raises(ValueError, match="too many"):
        require_der(b"\x30\x82" + len(many).to_bytes(2, "big") + many)


@given(st.binary(max_size=200))
def test_any_bytes_are_der_or_refused(data: bytes) -> None:
    try:
        require_der(data)
    except ValueError:
        return
    assert len(data) >= 2


@pytest.mark.parametrize("attempt", range(6))
def test_a_certificate_that_is_not_in_its_own_bytes_is_refused(attempt: int) -> None:
    """Whether the library writes a certificate anew hangs on its key: several keys show it."""
    office = issue_office(ROOT, "Office", YEAR, SeededEntropy(b"another key %d" % attempt))
    signature = FileSigner(office.key, office.certificate).sign(DATA, NOW)
    critical = signature.index(bytes.fromhex("0603551d130101ff"))
    changed = bytearray(signature)
    changed[critical + 7] = 0x01
    with pytest.raises(EnvelopeError):
        verify(bytes(changed), office.certificate)
    verify(signature, office.certificate)


def test_no_changed_bit_that_is_accepted_here_is_refused_by_openssl(tmp_path: Path) -> None:
    accepted = []
    for position in range(len(SIGNATURE)):
        for bit in (0, 3):
            changed_bit = bytearray(SIGNATURE)
            changed_bit[position] ^= 1 << bit
            try:
                verify(bytes(changed_bit))
            except EnvelopeError:
                continue
            accepted.append(bytes(changed_bit))
    # A few bits say nothing: which of the algorithm parameters and times they are differs from signature to signature.
    assert len(accepted) < len(SIGNATURE) // 20
    assert [other for other in accepted if not openssl_accepts(tmp_path, other)] == []
