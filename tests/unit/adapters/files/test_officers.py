"""The register of officers: every certificate checked before anything is sealed, and the same officers to the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.officers import CertifiedRecipient, OfficerRegister, write_register
from narrowgate.adapters.sealing.envelope import unseal
from narrowgate.adapters.sealing.officer_certificates import OfficerCertificates
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates
from narrowgate.adapters.signing.issuing import (
    Credential,
    Validity,
    create_root,
    issue_office,
    issue_officer,
    revocation_list,
)
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.workers import workers_for
from narrowgate.core.answers.officers_document import officers_document, parse_officers_document
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, OperationalError
from support.officers import KINDS, certificate_for, key_of, usage

NOW = SystemClock().now()
YEAR = Validity(NOW - timedelta(days=30), NOW + timedelta(days=335))
ENTROPY = SeededEntropy(b"test_officers")
ROOT = create_root("Test root", YEAR, ENTROPY)
OTHER_ROOT = create_root("Test root", YEAR, ENTROPY)
OFFICER = issue_officer(ROOT, "Test officer", YEAR, ENTROPY)
KEY = OFFICER.key
IDENTIFIER = x509.SubjectKeyIdentifier.from_public_key(KEY.public_key())


def registered(home: Path, *chains: list[x509.Certificate]) -> OfficerRegister:
    """The register of officers OFF-1, OFF-2 ... with these certificates, as a gate loads it now."""
    for number, chain in enumerate(chains, 1):
        save_certificates(home / f"{number}.pem", chain)
    write_register(home / "officers.csv", [(f"OFF-{n}", f"{n}.pem") for n in range(1, len(chains) + 1)])
    return OfficerRegister.load(
        home / "officers.csv", OfficerCertificates(ROOT.certificate, NOW), home / "archive"
    )


def _sealed(recipient: CertifiedRecipient) -> tuple[str, bytes]:
    return recipient.key_sha256(), recipient.seal(b"an answer", SeededEntropy(b"seed"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_process_seals_the_same_bytes_to_the_same_key(tmp_path: Path, kind: str) -> None:
    certificate = certificate_for(key_of(kind), ROOT)
    recipient = registered(tmp_path, [certificate]).recipient("OFF-1")
    here = _sealed(recipient)
    with workers_for(2) as workers:
        assert list(workers.map(_sealed, [recipient] * 8)) == [here] * 8
    assert here[0] == public_key_sha256(certificate)
    assert unseal(here[1], key_of(kind), certificate) == b"an answer"


def test_an_officer_whom_only_a_stored_answer_calls_revoked_is_refused_behind_others(tmp_path: Path) -> None:
    second = issue_officer(ROOT, "Second officer", YEAR, ENTROPY).certificate
    evidence = tmp_path / "revocation"
    evidence.mkdir()
    fresh = revocation_list(ROOT, [], NOW, Validity(NOW - timedelta(hours=1), NOW + timedelta(days=1)))
    (evidence / "root.crl").write_bytes(fresh.public_bytes(serialization.Encoding.DER))
    accept = OfficerCertificates(ROOT.certificate, NOW, RevocationDirectory(evidence).read())
    accept.require_good([OFFICER.certificate])
    accept.require_good([second])
    answer = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=second,
            issuer=ROOT.certificate,
            algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED,
            this_update=NOW - timedelta(hours=1),
            next_update=NOW + timedelta(days=1),
            revocation_time=NOW - timedelta(hours=1),
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, ROOT.certificate)
        .sign(ROOT.key, hashes.SHA256())
    )
    (evidence / "second.ocsp").write_bytes(answer.public_bytes(serialization.Encoding.DER))
    accept = OfficerCertificates(ROOT.certificate, NOW, RevocationDirectory(evidence).read())
    accept.require_good([OFFICER.certificate])
    with pytest.raises(ConfigurationError, match="revoked"):
        accept.require_good([second])


def test_an_officer_who_is_not_registered_is_no_recipient(tmp_path: Path) -> None:
    register = registered(tmp_path, [OFFICER.certificate])
    assert register.registered() == {"OFF-1"}
    with pytest.raises(ConfigurationError, match="not registered"):
        register.recipient("OFF-2")


def intermediate(usage_of_it: x509.KeyUsage, *, is_authority: bool) -> Credential:
    key = key_of("P-256", 7)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    constraints = x509.BasicConstraints(ca=is_authority, path_length=None)
    certificate = certificate_for(key, ROOT, constraints, usage_of_it, identifier, name="Test authority")
    return Credential(key, certificate)  # type: ignore[arg-type]


def test_a_certificate_below_an_authority_below_the_root_is_accepted_with_it_and_not_without(
    tmp_path: Path,
) -> None:
    between = intermediate(usage(key_cert_sign=True, crl_sign=True), is_authority=True)
    below = certificate_for(key_of("RSA-2048"), between)
    assert registered(tmp_path, [below, between.certificate]).registered() == {"OFF-1"}
    with pytest.raises(ConfigurationError, match="No path leads"):
        registered(tmp_path, [below])


BAD: dict[str, Callable[[], list[x509.Certificate]]] = {
    "expired": lambda: [certificate_for(KEY, ROOT, not_after=NOW - timedelta(seconds=1))],
    "holds only from": lambda: [certificate_for(KEY, ROOT, not_before=NOW + timedelta(days=1))],
    "No path leads": lambda: [issue_officer(OTHER_ROOT, "An insider", YEAR, ENTROPY).certificate],
    "No path": lambda: [
        issue_officer(OTHER_ROOT, "An insider", YEAR, ENTROPY).certificate,
        OTHER_ROOT.certificate,
    ],
    "No path leads from it": lambda: [
        certificate_for(key_of("P-384"), OFFICER),
        OFFICER.certificate,
    ],
    "not meant for key agreement": lambda: [issue_office(ROOT, "An office", YEAR, ENTROPY).certificate],
    "not meant for key encipherment": lambda: [
        certificate_for(key_of("RSA-2048"), ROOT, usage(digital_signature=True), IDENTIFIER)
    ],
    "2,048": lambda: [certificate_for(key_of("RSA-1024"), ROOT)],
    "authority": lambda: [ROOT.certificate],
}


@pytest.mark.parametrize("why", BAD)
def test_a_certificate_that_is_not_good_is_named_with_its_officer_and_file(tmp_path: Path, why: str) -> None:
    with pytest.raises(ConfigurationError, match="has 1 fault") as caught:
        registered(tmp_path, [OFFICER.certificate], BAD[why]())
    assert "Officer OFF-2, file 2.pem: " in caught.value.why
    assert why in caught.value.why


def test_all_faults_are_told_at_once_and_one_key_serves_one_officer(tmp_path: Path) -> None:
    renewed = certificate_for(KEY, ROOT)
    with pytest.raises(ConfigurationError, match="has 3 fault") as caught:
        registered(tmp_path, [OFFICER.certificate], [renewed], BAD["expired"](), BAD["authority"]())
    assert "Officer OFF-2, file 2.pem: Its key is that of officer OFF-1, too." in caught.value.why
    assert "Officer OFF-3" in caught.value.why
    assert "Officer OFF-4" in caught.value.why


@pytest.mark.parametrize(
    "text",
    ["", "officer,file\n", "officer,certificate\nOFF-1,1.pem\nOFF-1,2.pem\n", "officer,certificate\nOFF-1\n"],
)
def test_a_register_of_another_form_or_with_an_officer_twice_is_refused(tmp_path: Path, text: str) -> None:
    registered(tmp_path, [OFFICER.certificate], [certificate_for(key_of("P-384"), ROOT)])
    (tmp_path / "officers.csv").write_text(text)
    with pytest.raises(ConfigurationError, match=r"officers\.csv"):
        OfficerRegister.load(
            tmp_path / "officers.csv", OfficerCertificates(ROOT.certificate, NOW), tmp_path / "archive"
        )


def test_the_document_names_every_officer_and_certificate_and_its_digest_names_it(tmp_path: Path) -> None:
    other = certificate_for(key_of("P-384"), ROOT)
    register = registered(tmp_path, [OFFICER.certificate], [other])
    assert register.sha256() == sha256(register.document).digest()
    assert set(parse_officers_document(register.document, "register")) == {"OFF-1", "OFF-2"}
    assert registered(tmp_path, [OFFICER.certificate]).sha256() != register.sha256()
    assert registered(tmp_path, [other], [OFFICER.certificate]).sha256() != register.sha256()


def test_a_register_that_was_kept_is_the_same_whatever_the_files_become(tmp_path: Path) -> None:
    first = registered(tmp_path, [OFFICER.certificate])
    first.keep()
    first.keep()
    now = registered(tmp_path, [certificate_for(key_of("P-384"), ROOT)])
    assert now.as_of(first.sha256()).recipient("OFF-1") == first.recipient("OFF-1")
    assert now.as_of(now.sha256()) is now


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_bytes(b"{}")])
def test_a_register_that_is_lost_or_changed_is_not_made_up(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    first = registered(tmp_path, [OFFICER.certificate])
    first.keep()
    now = registered(tmp_path, [certificate_for(key_of("P-384"), ROOT)])
    path = tmp_path / "archive" / f"{first.sha256().hex()}.json"
    for changed in (officers_document({"OFF-1": now.recipient("OFF-1").certificate}), None):
        if changed is None:
            change(path)
        else:
            path.write_bytes(changed)
        with pytest.raises(OperationalError, match="begun with cannot be read"):
            now.as_of(first.sha256())


@pytest.mark.parametrize(
    "officers",
    [
        [{"officer": "B", "certificate": "AAAA"}, {"officer": "A", "certificate": "AAAA"}],
        [{"officer": "A", "certificate": "AAAA"}, {"officer": "A", "certificate": "AAAA"}],
        [{"officer": "A", "certificate": "AAA"}],
        [{"officer": "A", "certificate": "AAB="}],
        [{"officer": "A", "certificate": "AAAA", "since": "2026"}],
        [{"officer": "", "certificate": "AAAA"}],
        [{"officer": "A"}],
    ],
)
def test_a_document_of_another_form_is_refused(officers: list[dict[str, str]]) -> None:
    from narrowgate.core.base.canonical_json import canonical_bytes

    data = canonical_bytes({"officers": officers, "schema": "narrowgate/officers/v1"})
    with pytest.raises(EnvelopeError):
        parse_officers_document(data, "register")
