from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.cms import CertifiedSigner, verify_detached
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.issuing import (
    Credential,
    Validity,
    create_root,
    issue_office,
    revocation_list,
)
from narrowgate.adapters.signing.revocation_directory import MAX_FILES, RevocationDirectory
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import (
    ConfigurationError,
    NarrowgateError,
    RevocationMissingError,
    RevocationStaleError,
    RevocationUnusableError,
    RevokedCertificateError,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = Validity(NOW - 30 * DAY, NOW + 335 * DAY)
WEEK = Validity(NOW - DAY, NOW + 6 * DAY)
ENTROPY = SeededEntropy(b"test_revocation")
ROOT = create_root("Test root", YEAR, ENTROPY)
OFFICE = issue_office(ROOT, "Test office", YEAR, ENTROPY)
DATA = b'{"schema":"narrowgate/request/v1"}'
SIGNATURE = FileSigner(OFFICE.key, OFFICE.certificate).sign(DATA, NOW)


def verify(directory: Path, at: datetime = NOW, max_age: timedelta = 7 * DAY) -> CertifiedSigner:
    evidence = RevocationDirectory(directory, max_age).read()
    keys = {public_key_sha256(OFFICE.certificate)}
    return verify_detached(DATA, SIGNATURE, Trust(ROOT.certificate, evidence), at, keys)


def put(directory: Path, *lists: x509.CertificateRevocationList) -> Path:
    for number, each in enumerate(lists):
        (directory / f"{number}.crl").write_bytes(each.public_bytes(Encoding.DER))
    return directory


def clean(validity: Validity = WEEK, issuer: Credential = ROOT) -> x509.CertificateRevocationList:
    return revocation_list(issuer, [], NOW, validity)


def revoking(at: datetime = NOW - 2 * DAY, validity: Validity = WEEK) -> x509.CertificateRevocationList:
    return revocation_list(ROOT, [OFFICE.certificate], at, validity)


def responder(
    issuer: Credential = ROOT, *, may_answer: bool = True, validity: Validity = YEAR, no_check: bool = True
) -> Credential:
    """A certificate of the authority for whoever answers in its name (RFC 6960 section 4.2.2.2)."""
    key = ec.generate_private_key(ec.SECP256R1())
    uses = [ExtendedKeyUsageOID.OCSP_SIGNING if may_answer else ExtendedKeyUsageOID.CODE_SIGNING]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test responder")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.not_before)
        .not_valid_after(validity.not_after)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=True)
    )
    if no_check:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return Credential(key, builder.sign(issuer.key, hashes.SHA256()))


def answer(
    directory: Path,
    by: Credential,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    *,
    about: Credential = OFFICE,
    issuer: Credential = ROOT,
    validity: Validity = WEEK,
    revoked_at: datetime = NOW - DAY,
) -> Path:
    """A stored OCSP answer about the office."""
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    built = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about.certificate,
            issuer=issuer.certificate,
            algorithm=hashes.SHA256(),
            cert_status=status,
            this_update=validity.not_before,
            next_update=validity.not_after,
            revocation_time=revoked_at if revoked else None,
            revocation_reason=x509.ReasonFlags.unspecified if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
    )
    if by is not ROOT:
        built = built.certificates([by.certificate])
    response = built.sign(by.key, hashes.SHA256())
    (directory / "office.ocsp").write_bytes(response.public_bytes(Encoding.DER))
    return directory


def test_a_current_list_without_the_certificate_lets_it_pass(tmp_path: Path) -> None:
    assert verify(put(tmp_path, clean())).subject == "CN=Test office"


def test_a_list_in_pem_form_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "root.crl").write_bytes(clean().public_bytes(Encoding.PEM))
    assert verify(tmp_path).subject == "CN=Test office"


def test_a_revoked_certificate_is_refused_and_the_error_says_so_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(RevokedCertificateError, match="not accepted") as caught:
        verify(put(tmp_path, revoking()))
    assert (caught.value.problem, caught.value.exit_code) == ("certificate-revoked", 12)
    assert caught.value.why == "The certificate is revoked."


def test_a_revocation_dated_later_than_now_counts_at_once(tmp_path: Path) -> None:
    with pytest.raises(RevokedCertificateError):
        verify(put(tmp_path, revoking(NOW + DAY)))


def test_one_list_that_names_the_certificate_outweighs_any_that_do_not(tmp_path: Path) -> None:
    older = Validity(NOW - 2 * DAY, NOW + 5 * DAY)
    for lists in ((clean(), revoking(validity=older)), (revoking(validity=older), clean())):
        with pytest.raises(RevokedCertificateError):
            verify(put(tmp_path, *lists))


EDGE = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("validity", "max_age", "fresh"),
    [
        (Validity(NOW - DAY, NOW), 7 * DAY, True),
        (Validity(NOW - DAY, NOW - EDGE), 7 * DAY, False),
        (Validity(NOW - DAY, NOW + 30 * DAY), DAY, True),
        (Validity(NOW - DAY - EDGE, NOW + 30 * DAY), DAY, False),
        (Validity(NOW + EDGE, NOW + DAY), 7 * DAY, False),
    ],
    ids=["until its next update", "overdue", "as old as it may be", "too old", "from the future"],
)
def test_a_list_counts_until_its_next_update_and_while_it_is_young_enough(
    tmp_path: Path, validity: Validity, max_age: timedelta, fresh: bool
) -> None:
    put(tmp_path, clean(validity))
    if fresh:
        assert verify(tmp_path, max_age=max_age).subject == "CN=Test office"
        return
    with pytest.raises(RevocationStaleError, match="out of date") as caught:
        verify(tmp_path, max_age=max_age)
    assert (caught.value.problem, caught.value.exit_code) == ("revocation-stale", 1)
    assert "narrowgate docs revocation" in caught.value.next_step


def test_without_a_list_of_the_authority_nothing_is_accepted(tmp_path: Path) -> None:
    stranger = create_root("Another root", YEAR, ENTROPY)
    for lists in ((), (clean(issuer=stranger),)):
        with pytest.raises(RevocationMissingError) as caught:
            verify(put(tmp_path, *lists))
        assert caught.value.problem == "revocation-missing"


def test_a_list_in_the_authoritys_name_that_it_did_not_sign_counts_for_nothing(tmp_path: Path) -> None:
    stranger = create_root("Test root", YEAR, ENTROPY)
    with pytest.raises(RevocationUnusableError) as caught:
        verify(put(tmp_path, clean(issuer=stranger)))
    assert caught.value.problem == "revocation-unusable"


def test_a_list_with_the_copied_signature_of_another_counts_for_nothing(tmp_path: Path) -> None:
    """A genuine list about authorities alone, and a forged one about everybody that carries its signature."""
    scope = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=True,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    genuine = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.certificate.subject)
        .last_update(WEEK.not_before)
        .next_update(WEEK.not_after)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(scope, critical=True)
        .sign(ROOT.key, hashes.SHA256())
    )
    put(tmp_path, genuine)
    with pytest.raises(RevocationUnusableError):
        verify(tmp_path)
    forged = crl.CertificateList.load(clean().public_bytes(Encoding.DER))
    forged["signature"] = crl.CertificateList.load(genuine.public_bytes(Encoding.DER))["signature"].copy()
    for name in ("a", "z"):
        (tmp_path / f"{name}.crl").write_bytes(forged.dump(force=True))
        with pytest.raises(RevocationUnusableError):
            verify(tmp_path)
        (tmp_path / f"{name}.crl").unlink()


def test_a_list_without_a_next_update_is_never_fresh(tmp_path: Path) -> None:
    changed = crl.CertificateList.load(clean().public_bytes(Encoding.DER))
    del changed["tbs_cert_list"]["next_update"]
    (tmp_path / "0.crl").write_bytes(changed.dump(force=True))
    with pytest.raises(RevocationStaleError):
        verify(tmp_path)


@pytest.mark.parametrize("no_check", [True, False])
def test_an_answer_of_the_authority_or_its_delegate_stands_in_for_a_list(
    tmp_path: Path, no_check: bool
) -> None:
    assert verify(answer(tmp_path, ROOT)).subject == "CN=Test office"
    delegate = responder(no_check=no_check)
    if no_check:
        assert verify(answer(tmp_path, delegate)).subject == "CN=Test office"
    else:  # the delegate's own certificate can be revoked, and nothing speaks for it
        with pytest.raises(RevocationUnusableError):
            verify(answer(tmp_path, delegate))


def test_an_answer_that_says_revoked_outweighs_a_clean_list(tmp_path: Path) -> None:
    for revoked_at in (NOW - DAY, NOW + DAY):
        with pytest.raises(RevokedCertificateError):
            verify(answer(put(tmp_path, clean()), ROOT, ocsp.OCSPCertStatus.REVOKED, revoked_at=revoked_at))


def unfit_answers(directory: Path) -> Sequence[tuple[str, type[NarrowgateError], Path]]:
    stranger = create_root("Test root", YEAR, ENTROPY)
    other = issue_office(ROOT, "Another office", YEAR, ENTROPY)
    same_serial = create_root("A root with the same serial numbers", YEAR, ENTROPY)
    old = Validity(NOW - 30 * DAY, NOW - 20 * DAY)
    past = Validity(NOW - 20 * DAY, NOW - DAY)

    def made(name: str) -> Path:
        place = directory / name.replace(" ", "-")
        place.mkdir()
        return place

    unusable = RevocationUnusableError
    return [
        ("unknown", unusable, answer(made("unknown"), ROOT, ocsp.OCSPCertStatus.UNKNOWN)),
        ("no right to answer", unusable, answer(made("right"), responder(may_answer=False))),
        ("another authority's delegate", unusable, answer(made("foreign"), responder(stranger))),
        ("expired delegate", unusable, answer(made("expired"), responder(validity=past))),
        ("another issuer", unusable, answer(made("issuer"), ROOT, issuer=same_serial)),
        ("another certificate", RevocationMissingError, answer(made("other"), ROOT, about=other)),
        ("stale", RevocationStaleError, answer(made("stale"), ROOT, validity=old)),
        ("the card itself", unusable, answer(made("itself"), OFFICE)),
    ]


def test_an_answer_by_somebody_else_about_something_else_or_of_another_time_counts_for_nothing(
    tmp_path: Path,
) -> None:
    for name, expected, directory in unfit_answers(tmp_path):
        with pytest.raises(expected):
            pytest.fail(f"{name}: {verify(directory)}")


def test_every_authority_of_the_chain_needs_a_list(tmp_path: Path) -> None:
    below = create_root("Test issuer", YEAR, ENTROPY)
    issuer = Credential(
        below.key,
        x509.CertificateBuilder()
        .subject_name(below.certificate.subject)
        .issuer_name(ROOT.certificate.subject)
        .public_key(below.key.public_key())
        .serial_number(99)
        .not_valid_before(YEAR.not_before)
        .not_valid_after(YEAR.not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ROOT.key, hashes.SHA256()),
    )
    office = issue_office(issuer, "Field office", YEAR, ENTROPY)
    signature = FileSigner(office.key, office.certificate, [issuer.certificate]).sign(DATA, NOW)

    def verify_below() -> CertifiedSigner:
        trust = Trust(ROOT.certificate, RevocationDirectory(tmp_path).read())
        return verify_detached(DATA, signature, trust, NOW, {public_key_sha256(office.certificate)})

    for lists in ((clean(),), (clean(issuer=issuer),)):
        put(tmp_path, *lists)
        with pytest.raises(RevocationMissingError):
            verify_below()
    put(tmp_path, clean(), clean(issuer=issuer))
    assert verify_below().subject == "CN=Field office"
    put(tmp_path, revocation_list(ROOT, [issuer.certificate], NOW, WEEK))
    with pytest.raises(RevokedCertificateError) as caught:
        verify_below()
    assert caught.value.why == "A certificate above it is revoked."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.crl", b""),
        ("a.crl", b"<html>"),
        ("a.ocsp", b"\x30\x03\x0a\x01\x06"),
        ("a.pem", b"-----BEGIN"),
        ("a.cer", b"0"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_stops_everything(
    tmp_path: Path, name: str, content: bytes
) -> None:
    put(tmp_path, clean())
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match="not what its name says") as caught:
        verify(tmp_path)
    assert caught.value.where == str(tmp_path / name)


def test_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, clean())
    for name in (".new.crl", "list.part", "README"):
        (tmp_path / name).write_bytes(b"<html>")
    assert verify(tmp_path).subject == "CN=Test office"


def test_a_missing_directory_and_one_with_too_many_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing"):
        verify(tmp_path / "nothing")
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.crl").touch()
    with pytest.raises(ConfigurationError, match="more than 512"):
        verify(tmp_path)
