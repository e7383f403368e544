"""Every verdict about a signature beside OpenSSL's: where they differ, ours refuses more, and the table says why."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import PolicyInformation

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.issuing import Credential, Validity, create_root, revocation_list
from narrowgate.adapters.signing.path import CertificatePolicies
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import NarrowgateError
from support.hostile_signatures import OFFICE_USAGE, name

NOW = SystemClock().now()  # openssl signs with the time of the machine
DAY = timedelta(days=1)
YEAR = Validity(NOW - 30 * DAY, NOW + 335 * DAY)
WEEK = Validity(NOW - DAY, NOW + 6 * DAY)
ENTROPY = SeededEntropy(b"test_verdicts")
ROOT = create_root("Test root", YEAR, ENTROPY)
STRANGER = create_root("Another root", YEAR, ENTROPY)
SIGNING = "2.999.1.1"
LOG_ON = "2.999.1.2"
"""Below the example arc of ITU-T X.660: nobody's policies."""
MANIFEST = b'{"schema":"narrowgate/request/v1"}'
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
OPENSSL = shutil.which("openssl")

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Card:
    key: Key
    certificate: x509.Certificate


def card(
    key: Key | None = None,
    *,
    issuer: Credential = ROOT,
    policy: str = SIGNING,
    validity: Validity = YEAR,
    usage: Sequence[str] = OFFICE_USAGE,
) -> Card:
    key = key or ec.generate_private_key(ec.SECP256R1())
    built = (
        x509.CertificateBuilder()
        .subject_name(name("Test office"))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.not_before)
        .not_valid_after(validity.not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{each: each in usage for each in _USAGES}), critical=True)
        .add_extension(
            x509.CertificatePolicies([PolicyInformation(x509.ObjectIdentifier(policy), None)]), critical=False
        )
    )
    return Card(key, built.sign(issuer.key, hashes.SHA256()))


def clean(issuer: Credential = ROOT) -> x509.CertificateRevocationList:
    return revocation_list(issuer, [], NOW, WEEK)


OFFICE = card()
STALE = revocation_list(ROOT, [], NOW, Validity(NOW - 20 * DAY, NOW - 10 * DAY))


@dataclass(frozen=True)
class Case:
    """One signature and what is known of its signer."""

    signers: Sequence[Card] = (OFFICE,)
    expected: Sequence[Card] = (OFFICE,)
    lists: Sequence[x509.CertificateRevocationList] = (clean(),)
    data: bytes = MANIFEST
    digest: str = "sha256"


OTHERS = (clean(), clean(STRANGER))
EXPIRED = card(validity=Validity(NOW - 30 * DAY, NOW - DAY))
LOG_ON_CARD = card(policy=LOG_ON)
THIRD_PERSON = card()
FOREIGN = card(issuer=STRANGER)
WEAK_BITS = 1024
WEAK = card(rsa.generate_private_key(65537, WEAK_BITS))
RSA = card(rsa.generate_private_key(65537, 2048))
P384 = card(ec.generate_private_key(ec.SECP384R1()))
ENCRYPTION = card(usage=("key_agreement",))
AUTHENTICATION = card(usage=("digital_signature",))


def own(each: Card) -> Case:
    return Case(signers=(each,), expected=(each,), lists=OTHERS)


CASES = {
    # name: (case, OpenSSL accepts, what we say)
    "clean": (Case(), True, ""),
    "clean, RSA card": (own(RSA), True, ""),
    "clean, P-384 card": (own(P384), True, ""),
    "revoked": (
        Case(lists=(revocation_list(ROOT, [OFFICE.certificate], NOW - DAY, WEEK),)),
        False,
        "certificate-revoked",
    ),
    "revoked from tomorrow on": (
        Case(lists=(revocation_list(ROOT, [OFFICE.certificate], NOW + DAY, WEEK),)),
        False,
        "certificate-revoked",
    ),
    "stale list": (Case(lists=(STALE,)), False, "revocation-stale"),
    "missing list": (Case(lists=(clean(STRANGER),)), False, "revocation-missing"),
    "wrong policy": (own(LOG_ON_CARD), False, "policies of the certificates"),
    "wrong root": (own(FOREIGN), False, "No path leads"),
    "expired": (own(EXPIRED), False, "expired"),
    "other manifest": (Case(data=MANIFEST + b" "), False, "changed after it was signed"),
    "weak key": (own(WEAK), False, "kind or size that is not accepted"),
    # From here on OpenSSL has no way to know better.
    "weak digest": (Case(digest="sha1"), True, "digest that is not accepted"),
    "third person's valid card": (
        Case(signers=(THIRD_PERSON,), lists=OTHERS),
        True,
        "none of those expected",
    ),
    "two signers": (Case(signers=(OFFICE, THIRD_PERSON)), True, "exactly one signer"),
    "key for encryption": (own(ENCRYPTION), True, "not meant for signatures"),
    "key for log-on": (own(AUTHENTICATION), True, "not meant for signatures"),
}


def sign(directory: Path, case: Case) -> bytes:
    """The signature, by OpenSSL, so that no code of ours is on that side."""
    (directory / "data").write_bytes(MANIFEST)
    command = [str(OPENSSL), "cms", "-sign", "-cades", "-binary", "-in", "data", "-outform", "DER"]
    command += ["-out", "data.p7s", "-md", case.digest]
    for number, each in enumerate(case.signers):
        pem = each.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (directory / f"{number}.key").write_bytes(pem)
        save_certificates(directory / f"{number}.pem", [each.certificate])
        command += ["-signer", f"{number}.pem", "-inkey", f"{number}.key"]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    return (directory / "data.p7s").read_bytes()


def openssl_accepts(directory: Path, case: Case) -> bool:
    (directory / "content").write_bytes(case.data)
    lists = b"".join(each.public_bytes(Encoding.PEM) for each in case.lists)
    (directory / "trust.pem").write_bytes(ROOT.certificate.public_bytes(Encoding.PEM) + lists)
    command = [str(OPENSSL), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "data.p7s"]
    command += ["-content", "content", "-CAfile", "trust.pem", "-no-CApath", "-no-CAstore"]
    command += ["-crl_check_all", "-policy", SIGNING, "-explicit_policy", "-purpose", "any"]
    command += ["-auth_level", "2", "-attime", str(int(NOW.timestamp())), "-out", "verified"]
    return subprocess.run(command, cwd=directory, check=False, capture_output=True).returncode == 0


def our_verdict(directory: Path, case: Case, signature: bytes) -> str:
    """Empty where the signature is accepted; otherwise the problem's id and what is said."""
    place = directory / "revocation"
    place.mkdir()
    for number, each in enumerate(case.lists):
        (place / f"{number}.crl").write_bytes(each.public_bytes(Encoding.DER))
    evidence = RevocationDirectory(place).read()
    trust = Trust(ROOT.certificate, evidence, CertificatePolicies.one_of([SIGNING]))
    keys = {public_key_sha256(each.certificate) for each in case.expected}
    try:
        # OpenSSL states the time of the machine, which may be long after these tests were collected.
        verify_detached(case.data, signature, trust, SystemClock().now() + timedelta(minutes=1), keys)
    except NarrowgateError as error:
        return f"{error.problem} {error}"
    return ""


@pytest.mark.skipif(
    OPENSSL is None, reason="NOT CHECKED beside another implementation: openssl is not installed"
)
@pytest.mark.parametrize("name", CASES)
def test_our_verdict_is_openssls_or_a_stricter_one(tmp_path: Path, name: str) -> None:
    case, accepted_by_openssl, said = CASES[name]
    signature = sign(tmp_path, case)
    assert openssl_accepts(tmp_path, case) is accepted_by_openssl
    ours = our_verdict(tmp_path, case, signature)
    assert (said in ours) if said else ours == ""


def test_no_case_is_accepted_here_and_refused_by_openssl() -> None:
    assert [name for name, (_, openssl, said) in CASES.items() if not said and not openssl] == []
