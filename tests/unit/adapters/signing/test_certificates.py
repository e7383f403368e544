import hashlib
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.certificates import (
    load_certificates,
    load_key,
    public_key_sha256,
    save_certificates,
    save_key,
)
from narrowgate.adapters.signing.issuing import (
    Credential,
    Validity,
    create_root,
    generate_key,
    issue_office,
    issue_officer,
    revocation_list,
)
from narrowgate.core.base.errors import ConfigurationError, OperationalError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEAR = Validity(NOW - timedelta(days=30), NOW + timedelta(days=335))
ENTROPY = SeededEntropy(b"test_certificates")
ROOT = create_root("Test root", YEAR, ENTROPY)
OFFICE = issue_office(ROOT, "Test office", YEAR, ENTROPY)
OFFICER = issue_officer(ROOT, "Test officer", YEAR, ENTROPY)


def usages(credential: Credential) -> set[str]:
    usage = credential.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    names += ("key_agreement", "key_cert_sign", "crl_sign")
    return {name for name in names if getattr(usage, name)}


def test_each_role_has_its_own_key_usage_and_no_other() -> None:
    assert usages(ROOT) == {"key_cert_sign", "crl_sign"}
    assert usages(OFFICE) == {"digital_signature", "content_commitment"}
    assert usages(OFFICER) == {"key_agreement"}


def test_only_the_root_is_an_authority() -> None:
    for credential, expected in ((ROOT, True), (OFFICE, False), (OFFICER, False)):
        constraints = credential.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical
        assert constraints.value.ca is expected


def test_the_root_issued_every_certificate() -> None:
    for credential in (ROOT, OFFICE, OFFICER):
        credential.certificate.verify_directly_issued_by(ROOT.certificate)


def test_a_certificate_holds_for_the_time_asked_for() -> None:
    assert OFFICE.certificate.not_valid_before_utc == YEAR.not_before
    assert OFFICE.certificate.not_valid_after_utc == YEAR.not_after


@given(seed=st.binary())
def test_a_key_depends_on_the_entropy_alone(seed: bytes) -> None:
    one, other = (generate_key(SeededEntropy(seed)).private_numbers() for _ in range(2))
    assert one == other


def test_two_draws_give_two_keys_on_p256() -> None:
    entropy = SeededEntropy(b"keys")
    keys = [generate_key(entropy) for _ in range(20)]
    assert len({key.private_numbers().private_value for key in keys}) == 20
    assert all(isinstance(key.curve, ec.SECP256R1) for key in keys)


def test_the_public_key_digest_survives_a_renewal_and_changes_with_the_key() -> None:
    other = issue_office(ROOT, "Test office", YEAR, ENTROPY)
    digest = public_key_sha256(OFFICE.certificate)
    assert digest != public_key_sha256(other.certificate)
    renewed = (
        x509.CertificateBuilder()
        .subject_name(OFFICE.certificate.subject)
        .issuer_name(ROOT.certificate.subject)
        .public_key(OFFICE.key.public_key())
        .serial_number(77)
        .not_valid_before(YEAR.not_before)
        .not_valid_after(YEAR.not_after)
        .sign(ROOT.key, OFFICE.certificate.signature_hash_algorithm)
    )
    assert public_key_sha256(renewed) == digest


def test_the_public_key_digest_is_the_one_openssl_computes(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED: the openssl command is not installed")
    save_certificates(tmp_path / "office.pem", [OFFICE.certificate])
    pem = subprocess.run(
        [openssl, "x509", "-in", tmp_path / "office.pem", "-noout", "-pubkey"],
        check=True,
        capture_output=True,
    ).stdout
    der = subprocess.run(
        [openssl, "pkey", "-pubin", "-outform", "DER"], input=pem, check=True, capture_output=True
    ).stdout
    assert public_key_sha256(OFFICE.certificate) == hashlib.sha256(der).hexdigest()


def test_a_revocation_list_names_the_revoked_certificate_and_no_other() -> None:
    revoked = revocation_list(ROOT, [OFFICE.certificate], NOW, YEAR)
    assert revoked.is_signature_valid(ROOT.key.public_key())
    assert revoked.get_revoked_certificate_by_serial_number(OFFICE.certificate.serial_number) is not None
    assert revoked.get_revoked_certificate_by_serial_number(OFFICER.certificate.serial_number) is None


def test_a_key_file_comes_back_equal_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    save_key(tmp_path / "key.pem", OFFICE.key)
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert load_key(tmp_path / "key.pem").private_numbers() == OFFICE.key.private_numbers()


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    save_key(tmp_path / "key.pem", OFFICE.key)
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(OperationalError, match="exists already"):
        save_key(tmp_path / "key.pem", ROOT.key)
    assert (tmp_path / "key.pem").read_bytes() == before


def test_a_key_file_in_a_missing_directory_is_an_operational_error(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="cannot be written"):
        save_key(tmp_path / "missing" / "key.pem", ROOT.key)


def test_certificates_come_back_in_order(tmp_path: Path) -> None:
    chain = (OFFICE.certificate, ROOT.certificate)
    save_certificates(tmp_path / "chain.pem", chain)
    assert load_certificates(tmp_path / "chain.pem") == chain


def test_certificates_in_a_missing_directory_are_an_operational_error(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="cannot be written"):
        save_certificates(tmp_path / "missing" / "chain.pem", [ROOT.certificate])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_certificates(tmp_path / "absent.pem")
    assert "absent.pem" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a PEM file", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_without_key_or_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.pem").write_bytes(content)
    (tmp_path / "file.pem").chmod(0o600)
    with pytest.raises(ConfigurationError, match="no readable private key"):
        load_key(tmp_path / "file.pem")
    with pytest.raises(ConfigurationError, match="no readable certificate"):
        load_certificates(tmp_path / "file.pem")


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA", "P-384"],
)
def test_a_key_of_another_kind_is_refused(
    tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(ConfigurationError, match="another kind"):
        load_key(tmp_path / "key.pem")
