"""NIST's Public Key Interoperability Test Suite through the way that every signature goes.

Each end entity of the suite signs with the key that its PKCS #12 file holds, and the signature is verified with the
suite's lists as the revocation directory. A verdict of the suite is about a path; a signature may be refused for more
(``REFUSED_FOR_MORE``), and then the path alone must have the suite's verdict.
"""

from __future__ import annotations

import asyncio
import shutil
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import cryptography_vectors
import pytest
from asn1crypto import algos, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from narrowgate.adapters.signing import chain
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.path import CertificatePolicies, require_valid_path
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory, RevocationEvidence
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import NarrowgateError
from support.requests import PROJECT

SUITE = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
CASES = tomllib.loads((PROJECT / "tests" / "vectors" / "pkits" / "cases.toml").read_text())["cases"]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = b"a manifest"

REFUSED_FOR_MORE = {
    "4.3.6": "No path leads",  # pyHanko writes the unique identifier anew
    "4.6.8": "not meant for signatures",  # the end entity is an authority
    "4.6.14": "not meant for signatures",
    "4.8.6": "not meant for signatures",
    "4.14.13": "not meant for signatures",
}
DSA = {"4.1.4", "4.1.5", "4.1.6"}
"""DSA signs nothing any more: FIPS 186-5 section 4."""


@dataclass(frozen=True)
class Suite:
    """The suite's files, read once."""

    root: x509.Certificate
    evidence: RevocationEvidence
    by_subject: dict[str, list[asn1_x509.Certificate]]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    directory = tmp_path_factory.mktemp("revocation")
    for path in (SUITE / "crls").glob("*.crl"):
        shutil.copy(path, directory)
    for path in (SUITE / "certs").glob("*.crt"):
        if not path.stem.endswith("EE") and path.stem != "TrustAnchorRootCertificate":
            shutil.copy(path, directory)
    evidence = RevocationDirectory(directory, timedelta(days=36_600)).read()
    by_subject = defaultdict(list)
    for each in evidence.certificates:
        by_subject[each.subject.hashable].append(each)
    return Suite(certificate("TrustAnchorRootCertificate"), evidence, dict(by_subject))


@cache
def certificate(name: str) -> x509.Certificate:
    return x509.load_der_x509_certificate((SUITE / "certs" / f"{name}.crt").read_bytes())


def above(name: str, suite: Suite) -> list[asn1_x509.Certificate]:
    """Every authority from which the end entity may come, by name."""
    found: list[asn1_x509.Certificate] = []
    waiting = [asn1_x509.Certificate.load((SUITE / "certs" / f"{name}.crt").read_bytes())]
    for each in waiting:
        new = [one for one in suite.by_subject.get(each.issuer.hashable, []) if one not in found]
        found += new
        waiting += new
    return found


def sign(name: str, suite: Suite) -> bytes:
    """The end entity's signature, with all of them enclosed."""
    key, _, _ = pkcs12.load_key_and_certificates((SUITE / "pkcs12" / f"{name}.p12").read_bytes(), b"password")
    assert isinstance(key, rsa.RSAPrivateKey)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(above(name, suite))
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load((SUITE / "certs" / f"{name}.crt").read_bytes()),
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=store,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
    )
    attributes = PdfCMSSignedAttributes(signing_time=NOW)
    made = asyncio.run(
        signer.async_sign_general_data(
            DATA, "sha256", detached=True, use_cades=True, signed_attr_settings=attributes
        )
    )
    return bytes(made.dump())


def refusal(name: str, policies: CertificatePolicies, suite: Suite) -> str:
    """Why the signature is refused; empty where it is accepted."""
    trust = Trust(suite.root, suite.evidence, policies)
    try:
        verify_detached(DATA, sign(name, suite), trust, NOW, {public_key_sha256(certificate(name))})
    except NarrowgateError as error:
        return str(error)
    return ""


def path_holds(name: str, policies: CertificatePolicies, suite: Suite) -> bool:
    wanted = {(each.subject.hashable, each.serial_number) for each in above(name, suite)}
    others = []
    for path in (SUITE / "certs").glob("*.crt"):
        read = asn1_x509.Certificate.load(path.read_bytes())
        if (read.subject.hashable, read.serial_number) in wanted:
            others.append(certificate(path.stem))
    evidence = None if name == "ValidNameUIDsTest6EE" else suite.evidence
    (found,) = chain.paths(certificate(name), others, suite.root)
    asyncio.run(require_valid_path(found, suite.root, NOW, policies, evidence))
    return True


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of 4.4.15, which is refused
@pytest.mark.parametrize(
    ("section", "name", "valid", "accepted", "flags"),
    [case for case in CASES if case[0] not in DSA],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_verdict_is_nists(
    suite: Suite, section: str, name: str, valid: bool, accepted: list[str], flags: list[str]
) -> None:
    policies = CertificatePolicies(frozenset(accepted), **dict.fromkeys(flags, True))
    refused = refusal(name, policies, suite)
    if valid and section in REFUSED_FOR_MORE:
        assert REFUSED_FOR_MORE[section] in refused
        assert path_holds(name, policies, suite)
    else:
        assert (refused == "") is valid, refused


def test_the_whole_suite_is_there_but_for_dsa() -> None:
    sections = {case[0] for case in CASES}
    assert len(CASES) == 246
    assert DSA | REFUSED_FOR_MORE.keys() <= sections
    page = (PROJECT / "docs" / "reference" / "pkits.md").read_text(encoding="utf-8")
    assert [each for each in sorted(DSA | REFUSED_FOR_MORE.keys()) if f"| {each} |" not in page] == []
