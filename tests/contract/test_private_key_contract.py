"""A person's key, in a file or in a token: the same signatures, the same answers opened, the same errors."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.private_keys.digests import digest_for
from narrowgate.adapters.private_keys.resolve import open_opening_key, open_signing_key
from narrowgate.adapters.sealing.envelope import seal, unseal
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.adapters.signing.shown import require_shown
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError
from support.softhsm import PIN, Authority, Card, drawer, opening_usage, signing_usage

KINDS = ("rsa", "p256", "p384")
PLACES = ("pem", "pkcs12", "token", "token that asks twice")
DATA = b"what is signed"


@dataclass
class Person:
    """Types what a place asks for, and remembers the questions."""

    answer: str = PIN
    questions: list[str] = field(default_factory=list)

    def __call__(self, question: str) -> str:
        self.questions.append(question)
        return self.answer


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """A card with a key of each kind for each use."""
    with drawer(tmp_path_factory.mktemp("cards")) as cards:
        card = cards.card("card of an official")
        for number, kind in enumerate(KINDS):
            card.add(f"{kind} SIGN", bytes((2, number)), kind)
            card.add(f"{kind} TWICE", bytes((4, number)), kind, always=True)
            card.add(f"{kind} OPEN", bytes((3, number)), kind, opens=True)
        yield card


@dataclass
class Place:
    """Where keys are: the string that names one, and the certificate it has there."""

    name: str
    home: Path
    card: Card | None
    root: Authority
    now: datetime

    def signing(self, kind: str) -> str:
        """The reference of a key that signs."""
        return self._reference(kind, "SIGN" if self.name == "token" else "TWICE", opens=False)

    def opening(self, kind: str) -> str:
        """The reference of a key that opens."""
        return self._reference(kind, "OPEN", opens=True)

    def _reference(self, kind: str, use: str, *, opens: bool) -> str:
        if self.card is not None:
            return self.card.uri(object=f"{kind}%20{use}")
        key = (
            rsa.generate_private_key(65_537, 2048)
            if kind == "rsa"
            else ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[kind])
        )
        usage = opening_usage(key.public_key()) if opens else signing_usage()
        certificate = self.root.certify("Officer", key.public_key(), self.now, usage)
        path = self.home / f"{kind}.{self.name}"
        if self.name == "pem":
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
        else:
            sealed = BestAvailableEncryption(PIN.encode())
            path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, sealed))
        path.chmod(0o600)
        return str(path)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param.startswith("token"):
        card: Card = request.getfixturevalue("card")
        return Place(request.param, tmp_path, card, card.root, card.now)
    now = SystemClock().now().replace(microsecond=0)
    return Place(request.param, tmp_path, None, Authority.new(now), now)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_verifies_with_the_certificate_beside_the_key(place: Place, kind: str) -> None:
    person = Person()
    key = open_signing_key(place.signing(kind), None, person)
    signature = key.sign(DATA)
    public_key = key.chain[0].public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        public_key.verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(public_key, ec.EllipticCurvePublicKey):
        public_key.verify(signature, DATA, ec.ECDSA(digest_for(public_key)))
    assert isinstance(public_key, rsa.RSAPublicKey) is (kind == "rsa")
    assert key.in_token is (place.card is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cms_signature_is_good_here_and_for_openssl_and_says_what_was_shown(
    place: Place, kind: str
) -> None:
    key = open_signing_key(place.signing(kind), None, Person())
    signature = CmsSigner(key).sign(DATA, place.now, "Sign 3 items?")
    root = place.root.certificate
    signer = verify_detached(DATA, signature, Trust(root, None), place.now, {public_key_sha256(key.chain[0])})
    require_shown(signer.shown_sha256, "Sign 3 items?")
    with pytest.raises(EnvelopeError, match="another text"):
        require_shown(signer.shown_sha256, "Sign 4 items?")
    _verify_with_openssl(place.home, signature, root)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sealed_to_the_certificate_is_opened(place: Place, kind: str) -> None:
    key = open_opening_key(place.opening(kind), None, Person())
    sealed = seal(b"an answer", key.chain[0], SystemEntropy())
    assert unseal(sealed, key, key.chain[0]) == b"an answer"
    with pytest.raises(EnvelopeError):
        unseal(sealed[:-1] + bytes((sealed[-1] ^ 1,)), key, key.chain[0])


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_wrapped_to_another_key_is_not_opened(place: Place, kind: str) -> None:
    key = open_opening_key(place.opening(kind), None, Person())
    public_key = (
        rsa.generate_private_key(65_537, 2048).public_key()
        if kind == "rsa"
        else ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[kind]).public_key()
    )
    usage = opening_usage(public_key)
    builder = _same_identifier(place.root, public_key, key.chain[0], usage, place.now)
    with pytest.raises(EnvelopeError, match="cannot be opened"):
        unseal(seal(b"an answer", builder, SystemEntropy()), key, key.chain[0])


def test_each_operation_of_a_token_asks_once_and_a_file_asks_once(place: Place) -> None:
    person = Person()
    key = open_signing_key(place.signing("p256"), None, person)
    asked_to_open = len(person.questions)
    key.sign(DATA)
    key.sign(DATA)
    expected = {"pem": (0, 0), "pkcs12": (1, 1), "token": (0, 2), "token that asks twice": (0, 2)}
    assert (asked_to_open, len(person.questions)) == expected[place.name]


def test_another_certificate_than_the_keys_signs_nothing(place: Place, tmp_path: Path) -> None:
    other = place.root.certify(
        "Another", ec.generate_private_key(ec.SECP256R1()).public_key(), place.now, signing_usage()
    )
    save_certificates(tmp_path / "other.pem", [other])
    with pytest.raises(ConfigurationError, match="not that of the certificate"):
        open_signing_key(place.signing("p256"), tmp_path / "other.pem", Person()).sign(DATA)


def test_a_wrong_secret_is_refused_and_not_repeated(place: Place) -> None:
    if place.name == "pem":
        pytest.skip("the file is not encrypted")
    person = Person("31415926")
    with pytest.raises(ConfigurationError) as caught:
        open_signing_key(place.signing("p256"), None, person).sign(DATA)
    assert "31415926" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    assert len(person.questions) == 1
    assert caught.value.next_step


def _same_identifier(
    root: Authority, public_key: object, like: x509.Certificate, usage: x509.KeyUsage, now: datetime
) -> x509.Certificate:
    """A certificate of another key under the identifier of ``like``, so that only the key tells."""
    certificate = root.certify("Impostor", public_key, now, usage)
    identifier = like.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(certificate.issuer)
        .public_key(certificate.public_key())
        .serial_number(certificate.serial_number)
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
    )
    return builder.sign(root.key, hashes.SHA256())


def _verify_with_openssl(home: Path, signature: bytes, root: x509.Certificate) -> None:
    (home / "data").write_bytes(DATA)
    (home / "signature").write_bytes(signature)
    save_certificates(home / "root.pem", [root])
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
    options = ["-content", "data", "-CAfile", "root.pem", "-purpose", "any", "-out", "out"]
    run = subprocess.run([*command, *options], cwd=home, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert (home / "out").read_bytes() == DATA
