import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.certificates import (
    load_certificates,
    load_key,
    public_key_sha256,
    save_certificates,
    save_key,
)
from narrowgate.adapters.signing.cms import CertifiedSigner, verify_detached
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.issuing import Credential, Validity, create_root, issue_office, issue_officer
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = Validity(NOW - 30 * DAY, NOW + 335 * DAY)
ENTROPY = SeededEntropy(b"test_signing")
ROOT = create_root("Test root", YEAR, ENTROPY)
OFFICE = issue_office(ROOT, "Test office", YEAR, ENTROPY)
MANIFEST = b'{"schema":"narrowgate/request/v1"}'
SIGNATURE = FileSigner(OFFICE.key, OFFICE.certificate).sign(MANIFEST, NOW)


KEYS = {public_key_sha256(each.certificate) for each in (ROOT, OFFICE)}


def verify(
    signature: bytes, data: bytes = MANIFEST, at: datetime = NOW, certificate: x509.Certificate | None = None
) -> CertifiedSigner:
    """The signer, who may hold the key of ``certificate`` too."""
    keys = KEYS | {public_key_sha256(certificate)} if certificate else KEYS
    return verify_detached(data, signature, Trust(ROOT.certificate, None), at, keys)


def change(signature: bytes, **fields: object) -> bytes:
    """The signature with fields of its SignedData replaced."""
    content_info = cms.ContentInfo.load(signature)
    for name, value in fields.items():
        content_info["content"][name] = value
    return bytes(content_info.dump(force=True))


def test_a_signature_by_an_office_names_its_key_its_validity_and_its_time() -> None:
    identity = verify(SIGNATURE, at=NOW + DAY)
    assert identity == CertifiedSigner(
        public_key_sha256=public_key_sha256(OFFICE.certificate),
        subject="CN=Test office",
        not_before=YEAR.not_before,
        not_after=YEAR.not_after,
        signing_time=NOW,
    )


@pytest.mark.parametrize(
    ("at", "form"),
    [
        (datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), "utc_time"),
        (datetime(2050, 1, 1, tzinfo=UTC), "generalized_time"),
    ],
)
def test_a_signature_says_its_time_in_the_form_that_the_standard_has_for_its_year(
    at: datetime, form: str
) -> None:
    validity = Validity(at - DAY, at + DAY)
    root = create_root("Root of mid-century", validity, ENTROPY)
    office = issue_office(root, "Office of mid-century", validity, ENTROPY)
    signature = FileSigner(office.key, office.certificate).sign(MANIFEST, at)
    keys = {public_key_sha256(each.certificate) for each in (root, office)}
    assert verify_detached(MANIFEST, signature, Trust(root.certificate, None), at, keys).signing_time == at
    attributes = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]["signed_attrs"]
    (said,) = next(each["values"] for each in attributes if each["type"].native == "signing_time")
    assert said.name == form


@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=2000))
def test_whatever_is_signed_verifies(data: bytes) -> None:
    signature = FileSigner(OFFICE.key, OFFICE.certificate).sign(data, NOW)
    assert verify(signature, data).subject == "CN=Test office"


def test_any_changed_byte_of_the_data_is_found() -> None:
    for position in range(len(MANIFEST)):
        changed = bytearray(MANIFEST)
        changed[position] ^= 1
        with pytest.raises(EnvelopeError, match="changed after it was signed"):
            verify(SIGNATURE, bytes(changed))


def test_no_flipped_bit_of_the_signature_makes_it_name_another_signer_or_time() -> None:
    """Some bits (versions, the advisory list of digests) carry nothing; the rest must not verify."""
    expected = verify(SIGNATURE)
    tolerated = 0
    for position in range(0, len(SIGNATURE), 3):
        changed = bytearray(SIGNATURE)
        changed[position] ^= 1 << position % 8
        try:
            assert verify(bytes(changed)) == expected
            tolerated += 1
        except EnvelopeError:
            pass
    assert tolerated < 30


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """The signature with up to three pieces cut out, doubled or overwritten."""
    data = SIGNATURE
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data) - 1))
        end = start + draw(st.integers(1, 30))
        piece = draw(st.just(b"") | st.just(data[start:end] * 2) | st.binary(max_size=end - start))
        data = data[:start] + piece + data[end:]
    return data


@settings(max_examples=300, deadline=None)
@given(mutated=mutations())
def test_a_mutated_signature_either_says_the_same_or_is_refused_as_an_envelope(mutated: bytes) -> None:
    try:
        identity = verify(mutated)
    except EnvelopeError:
        return
    assert identity == verify(SIGNATURE)


def test_endless_nesting_is_refused_as_an_envelope() -> None:
    with pytest.raises(EnvelopeError, match="cannot be read"):
        verify(b"\x30\x80" * 30_000)


def test_a_truncated_or_lengthened_signature_is_refused() -> None:
    for size in range(1, len(SIGNATURE), 7):
        with pytest.raises(EnvelopeError):
            verify(SIGNATURE[:size])
    with pytest.raises(EnvelopeError, match="cannot be read"):
        verify(SIGNATURE + b"\0")


def test_a_missing_signature_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="missing"):
        verify(b"")


@pytest.mark.parametrize("garbage", [b"\0", b"-----BEGIN CMS-----", b"\x30\x80", b"{}"])
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(EnvelopeError, match="cannot be read"):
        verify(garbage)


def test_another_kind_of_cms_content_is_refused() -> None:
    data_only = cms.ContentInfo({"content_type": "data", "content": b"hello"}).dump()
    with pytest.raises(EnvelopeError, match="cannot be read"):
        verify(data_only)


def test_an_oversized_signature_is_not_parsed() -> None:
    with pytest.raises(EnvelopeError, match="too large"):
        verify(b"\x30" * (MAX_SIGNATURE_BYTES + 1))


def test_a_signature_without_signers_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="exactly one signer"):
        verify(change(SIGNATURE, signer_infos=[]))


def test_a_signature_by_two_signers_is_refused() -> None:
    other = issue_office(ROOT, "Other office", YEAR, ENTROPY)
    parsed = [cms.ContentInfo.load(SIGNATURE)["content"]]
    parsed += [cms.ContentInfo.load(FileSigner(other.key, other.certificate).sign(MANIFEST, NOW))["content"]]
    both = change(
        SIGNATURE,
        signer_infos=[each["signer_infos"][0] for each in parsed],
        certificates=[each["certificates"][0] for each in parsed],
    )
    with pytest.raises(EnvelopeError, match="exactly one signer"):
        verify(both)


def test_content_inside_the_signature_is_refused() -> None:
    attached = change(SIGNATURE, encap_content_info={"content_type": "data", "content": MANIFEST})
    with pytest.raises(EnvelopeError, match="not detached"):
        verify(attached)


def test_a_signature_without_the_signer_s_certificate_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        verify(change(SIGNATURE, certificates=[]))


def test_a_plain_pkcs7_signature_without_the_certificate_attribute_is_refused() -> None:
    plain = (
        PKCS7SignatureBuilder()
        .set_data(MANIFEST)
        .add_signer(OFFICE.certificate, OFFICE.key, hashes.SHA256())
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )
    with pytest.raises(EnvelopeError, match="signing_certificate_v2"):
        verify(plain)


def test_another_root_is_refused_even_with_the_same_name() -> None:
    other = create_root("Test root", YEAR, ENTROPY)
    with pytest.raises(EnvelopeError, match="not accepted"):
        verify_detached(MANIFEST, SIGNATURE, Trust(other.certificate, None), NOW, KEYS)


@pytest.mark.parametrize(
    ("at", "accepted"),
    [
        (YEAR.not_before - DAY, False),
        (YEAR.not_before, True),
        (YEAR.not_after, True),
        (YEAR.not_after + timedelta(seconds=2), False),
        (YEAR.not_after + 400 * DAY, False),
    ],
)
def test_a_certificate_counts_only_while_it_holds(at: datetime, accepted: bool) -> None:
    signature = FileSigner(OFFICE.key, OFFICE.certificate).sign(MANIFEST, min(at, NOW))
    if accepted:
        assert verify(signature, at=at).signing_time == min(at, NOW)
    else:
        with pytest.raises(EnvelopeError, match="not accepted"):
            verify(signature, at=at)


def test_an_expired_office_under_a_valid_root_is_refused_and_told_why() -> None:
    old = issue_office(ROOT, "Old office", Validity(NOW - 20 * DAY, NOW - DAY), ENTROPY)
    signature = FileSigner(old.key, old.certificate).sign(MANIFEST, NOW)
    with pytest.raises(EnvelopeError, match="has expired"):
        verify(signature, certificate=old.certificate)


def test_an_officer_s_key_cannot_sign_for_an_office() -> None:
    officer = issue_officer(ROOT, "Test officer", YEAR, ENTROPY)
    signature = FileSigner(officer.key, officer.certificate).sign(MANIFEST, NOW)
    with pytest.raises(EnvelopeError, match="not meant for signatures"):
        verify(signature, certificate=officer.certificate)


def test_the_root_itself_cannot_sign_for_an_office() -> None:
    signature = FileSigner(ROOT.key, ROOT.certificate).sign(MANIFEST, NOW)
    with pytest.raises(EnvelopeError, match="not accepted"):
        verify(signature)


def test_a_key_that_is_not_the_certificate_s_is_refused() -> None:
    stranger = create_root("Stranger", YEAR, ENTROPY)
    signature = FileSigner(stranger.key, OFFICE.certificate).sign(MANIFEST, NOW)
    with pytest.raises(EnvelopeError, match="does not verify"):
        verify(signature)


def intermediate() -> Credential:
    """An authority below the root, as every real card has one above it."""
    below = create_root("Test issuer", YEAR, ENTROPY)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(below.certificate.subject)
        .issuer_name(ROOT.certificate.subject)
        .public_key(below.key.public_key())
        .serial_number(99)
        .not_valid_before(YEAR.not_before)
        .not_valid_after(YEAR.not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ROOT.key, hashes.SHA256())
    )
    return Credential(below.key, certificate)


def test_an_office_below_an_intermediate_needs_the_chain_in_the_signature() -> None:
    issuer = intermediate()
    office = issue_office(issuer, "Field office", YEAR, ENTROPY)
    complete = FileSigner(office.key, office.certificate, [issuer.certificate]).sign(MANIFEST, NOW)
    assert verify(complete, certificate=office.certificate).subject == "CN=Field office"
    with pytest.raises(EnvelopeError, match="No path leads"):
        verify(FileSigner(office.key, office.certificate).sign(MANIFEST, NOW), certificate=office.certificate)


def test_an_rsa_card_is_accepted_too(tmp_path: Path) -> None:
    """PIV allows RSA-2048 beside P-256 (NIST SP 800-78-5), so the verifier must."""
    key = rsa.generate_private_key(65537, 2048)
    now = SystemClock().now()  # the command signs with the machine's time
    root = create_root("Card root", Validity(now - DAY, now + DAY), ENTROPY)
    builder = (
        x509.CertificateBuilder()
        .subject_name(OFFICE.certificate.subject)
        .issuer_name(root.certificate.subject)
        .public_key(key.public_key())
        .serial_number(100)
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
    usage = OFFICE.certificate.extensions.get_extension_for_class(x509.KeyUsage)
    certificate = builder.add_extension(usage.value, critical=True).sign(root.key, hashes.SHA256())
    signature = _sign_with_openssl(tmp_path, certificate, key)
    expected = public_key_sha256(certificate)
    identity = verify_detached(
        MANIFEST, signature, Trust(root.certificate, None), SystemClock().now(), {expected}
    )
    assert identity.public_key_sha256 == expected


def _sign_with_openssl(directory: Path, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> bytes:
    """A CAdES-BES signature that no code of ours had a hand in."""
    (directory / "data").write_bytes(MANIFEST)
    save_certificates(directory / "certificate.pem", [certificate])
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (directory / "key.pem").write_bytes(pem)
    command = [_openssl(), "cms", "-sign", "-cades", "-binary", "-md", "sha256", "-in", "data"]
    command += ["-signer", "certificate.pem", "-inkey", "key.pem", "-outform", "DER"]
    return subprocess.run(command, cwd=directory, check=True, capture_output=True).stdout


def _openssl() -> str:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED against another implementation: the openssl command is not installed")
    return openssl


@pytest.mark.parametrize("changed", [False, True])
def test_openssl_agrees_on_a_good_and_on_a_changed_manifest(tmp_path: Path, changed: bool) -> None:
    data = MANIFEST + b" " if changed else MANIFEST
    (tmp_path / "manifest.json").write_bytes(data)
    (tmp_path / "manifest.json.p7s").write_bytes(SIGNATURE)
    save_certificates(tmp_path / "root.pem", [ROOT.certificate])
    command = [
        _openssl(),
        "cms",
        "-verify",
        "-cades",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "manifest.json.p7s",
    ]
    command += ["-content", "manifest.json", "-CAfile", "root.pem", "-no-CApath", "-no-CAstore"]
    command += ["-attime", str(int(NOW.timestamp())), "-out", "verified"]
    result = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    assert (result.returncode == 0) is not changed, result.stderr
    if changed:
        with pytest.raises(EnvelopeError):
            verify(SIGNATURE, data)
    else:
        assert verify(SIGNATURE, data).subject == "CN=Test office"


def test_a_key_file_signs_like_the_key_in_memory(tmp_path: Path) -> None:
    save_key(tmp_path / "office.key", OFFICE.key)
    save_certificates(tmp_path / "office.pem", [OFFICE.certificate])
    (certificate,) = load_certificates(tmp_path / "office.pem")
    signature = FileSigner(load_key(tmp_path / "office.key"), certificate).sign(MANIFEST, NOW)
    assert verify(signature) == verify(SIGNATURE)


def test_a_refusal_prints_nothing_beside_the_error(capfd: pytest.CaptureFixture[str]) -> None:
    """The library logs each refusal with a traceback; the one sentence of the error is enough."""
    with pytest.raises(EnvelopeError):
        verify(SIGNATURE, at=YEAR.not_after + DAY)
    assert capfd.readouterr() == ("", "")
