"""SoftHSM2 tokens in a directory of the test run: keys made inside, certificates from a throw-away root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import load_certificates, load_key

MODULES = tuple(
    Path(directory) / "libsofthsm2.so"
    for directory in (
        *("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm"),
        *("/usr/lib/aarch64-linux-gnu/softhsm", "/usr/lib64/pkcs11", "/usr/lib64/softhsm"),
    )
)
PIN = "274918"
SO_PIN = "51902744"


def require_softhsm() -> Path:
    """The module, or a skip that says what was not checked."""
    pytest.importorskip("pkcs11", reason="NOT CHECKED: python-pkcs11 is not installed")
    module = next((path for path in MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("NOT CHECKED: SoftHSM2 is not installed")
    return module


@dataclass(frozen=True)
class Authority:
    """A root with which cards are certified."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, now: datetime) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root of the tests")])
        builder = _builder(name, name, key.public_key(), now).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        usage = _usage(key_cert_sign=True, crl_sign=True)
        return cls(key, builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()))

    def certify(
        self, name: str, public_key: Any, now: datetime, usage: x509.KeyUsage, policies: tuple[str, ...] = ()
    ) -> x509.Certificate:
        """A certificate of a person's card."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self.certificate.subject, public_key, now)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if policies:
            listed = [x509.PolicyInformation(x509.ObjectIdentifier(each), None) for each in policies]
            builder = builder.add_extension(x509.CertificatePolicies(listed), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def signing_usage() -> x509.KeyUsage:
    """Of PIV slot 9C."""
    return _usage(digital_signature=True, content_commitment=True)


def opening_usage(public_key: Any) -> x509.KeyUsage:
    """Of PIV slot 9D."""
    is_rsa = isinstance(public_key, rsa.RSAPublicKey)
    return _usage(key_encipherment=is_rsa, key_agreement=not is_rsa)


@dataclass
class Card:
    """One token of the test run.

    Args:
        label: of the token.
        module: path of SoftHSM's library.
        root: certifies its keys.
        now: from a day before which its certificates hold for a year.
    """

    label: str
    module: Path
    root: Authority
    now: datetime

    def now_later(self) -> datetime:
        """A minute after the card was made: what was signed meanwhile is not of the future."""
        return self.now + timedelta(minutes=1)

    def uri(self, **names: str) -> str:
        """The token's URI; ``object`` and ``id`` are added when given."""
        parts = [
            f"token={self.label.replace(' ', '%20')}",
            *(f"{name}={value}" for name, value in names.items()),
        ]
        return f"pkcs11:{';'.join(parts)}?module-path={self.module}"

    def add(
        self,
        label: str,
        identifier: bytes,
        kind: str,
        *,
        opens: bool = False,
        always: bool = False,
        certified: bool = True,
        policies: tuple[str, ...] = (),
        **allowed: bool,
    ) -> x509.Certificate:
        """A key made in the token, with its certificate there too; returns the certificate.

        Args:
            label: CKA_LABEL of both.
            identifier: CKA_ID of both.
            kind: ``rsa``, ``p256`` or ``p384``.
            opens: for answers rather than for signatures.
            always: the PIN again for each operation (CKA_ALWAYS_AUTHENTICATE).
            certified: whether the certificate is stored in the token.
            policies: certificate policies.
            allowed: attributes of the private key that differ, such as ``sign=False``.
        """
        public_key = self._generate(label, identifier, kind, always, allowed, opens=opens)
        usage = opening_usage(public_key) if opens else signing_usage()
        certificate = self.root.certify(f"{label} of {self.label}", public_key, self.now, usage, policies)
        if certified:
            self.store(label, identifier, certificate)
        return certificate

    def take_in(self, label: str, identifier: bytes, holder: Path, *, opens: bool = False) -> None:
        """Put a P-256 key that was made elsewhere into the token, with its certificate.

        Args:
            label: CKA_LABEL of both.
            identifier: CKA_ID of both.
            holder: path of ``.key.pem`` and ``.pem``.
            opens: for answers rather than for signatures.
        """
        from pkcs11 import Attribute, KeyType, ObjectClass
        from pkcs11.util.ec import encode_named_curve_parameters

        key = load_key(Path(f"{holder}.key.pem"))
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        with self.session() as session:
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                    Attribute.KEY_TYPE: KeyType.EC,
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: True,
                    Attribute.SENSITIVE: True,
                    Attribute.LABEL: label,
                    Attribute.ID: identifier,
                    Attribute.SIGN: not opens,
                    Attribute.DERIVE: opens,
                    Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1"),
                    Attribute.VALUE: key.private_numbers().private_value.to_bytes(32, "big"),
                }
            )
        self.store(label, identifier, load_certificates(Path(f"{holder}.pem"))[0])

    def store(self, label: str, identifier: bytes, certificate: x509.Certificate) -> None:
        """Put a certificate into the token."""
        from pkcs11 import Attribute, CertificateType, ObjectClass

        with self.session() as session:
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: False,
                    Attribute.LABEL: label,
                    Attribute.ID: identifier,
                    Attribute.SUBJECT: certificate.subject.public_bytes(),
                    Attribute.ISSUER: certificate.issuer.public_bytes(),
                    Attribute.SERIAL_NUMBER: b"\x02\x01\x01",
                    Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                }
            )

    def _generate(
        self, label: str, identifier: bytes, kind: str, always: bool, allowed: dict[str, bool], *, opens: bool
    ) -> Any:
        from pkcs11 import Attribute, KeyType
        from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

        is_rsa = kind == "rsa"
        private = {
            Attribute.TOKEN: True,
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.ALWAYS_AUTHENTICATE: always,
            Attribute.SIGN: allowed.get("sign", not opens),
            Attribute.DECRYPT: allowed.get("decrypt", opens and is_rsa),
            Attribute.DERIVE: allowed.get("derive", opens and not is_rsa),
        }
        public = {Attribute.TOKEN: True, Attribute.PRIVATE: False}
        with self.session() as session:
            if is_rsa:
                pair = session.generate_keypair(
                    KeyType.RSA, 2048, label=label, id=identifier,
                    public_template=public, private_template=private, store=True,
                )  # fmt: skip
                numbers = rsa.RSAPublicNumbers(
                    int.from_bytes(pair[0][Attribute.PUBLIC_EXPONENT], "big"),
                    int.from_bytes(pair[0][Attribute.MODULUS], "big"),
                )
                return numbers.public_key()
            curve = {"p256": "secp256r1", "p384": "secp384r1"}[kind]
            parameters = session.create_domain_parameters(
                KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
            )
            pair = parameters.generate_keypair(
                label=label, id=identifier, public_template=public, private_template=private, store=True
            )
            return load_der_public_key(encode_ec_public_key(pair[0]))

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A session of the user that may write."""
        import pkcs11

        token = pkcs11.lib(str(self.module)).get_token(token_label=self.label)
        with token.open(rw=True, user_pin=PIN) as session:
            yield session


@dataclass
class Drawer:
    """Where cards are made."""

    module: Path
    root: Authority
    now: datetime

    def card(self, label: str) -> Card:
        """A new, empty token."""
        command = ["softhsm2-util", "--init-token", "--free", "--label", label]
        subprocess.run([*command, "--so-pin", SO_PIN, "--pin", PIN], check=True, capture_output=True)
        import pkcs11

        # The module reads its directory when it starts.
        pkcs11.lib(str(self.module)).reinitialize()
        return Card(label, self.module, self.root, self.now)


@contextmanager
def drawer(directory: Path) -> Iterator[Drawer]:
    """An empty drawer of cards below a directory, for as long as the block lasts."""
    module = require_softhsm()
    (directory / "tokens").mkdir(parents=True)
    configuration = directory / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {directory / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        import pkcs11

        pkcs11.lib(str(module)).reinitialize()
        now = SystemClock().now().replace(microsecond=0)
        yield Drawer(module, Authority.new(now), now)
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: Any, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(**named: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: named.get(name, False) for name in names})
