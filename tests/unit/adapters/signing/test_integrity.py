"""The signatures that we make and read are those that pyHanko would make and read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers.pdf_cms import CAdESSignedAttributeProviderSpec, PdfCMSSignedAttributes, Signer
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko_certvalidator.registry import SimpleCertificateStore

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.private_keys.digests import digest_for
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.cms_signer import CmsSigner, FileSigner
from narrowgate.adapters.signing.integrity import only_value, require_made_with, signed_digest
from narrowgate.adapters.signing.issuing import Validity, create_root, issue_office
from narrowgate.adapters.signing.signed_data import PARSER_ERRORS
from support.hostile_signatures import certificate

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEAR = Validity(NOW - timedelta(days=30), NOW + timedelta(days=335))
ENTROPY = SeededEntropy(b"test_integrity")
ROOT = create_root("Root", YEAR, ENTROPY)
OFFICE = issue_office(ROOT, "Office", YEAR, ENTROPY)
DATA = b'{"schema":"narrowgate/request/v1"}'
SIGNATURE = FileSigner(OFFICE.key, OFFICE.certificate).sign(DATA, NOW)


class SameEveryTime(KeyInMemory):
    """A key whose ECDSA signatures of the same bytes are the same (RFC 6979)."""

    def sign(self, data: bytes) -> bytes:
        if not isinstance(self._key, ec.EllipticCurvePrivateKey):
            return super().sign(data)
        digest = digest_for(self.chain[0].public_key())
        return self._key.sign(data, ec.ECDSA(digest, deterministic_signing=True))


class OfLibrary(Signer):
    """pyHanko's signer, with the operation of the key left to ours."""

    def __init__(self, key: KeyInMemory) -> None:
        self._person = key
        self.digest_name = digest_for(key.chain[0].public_key()).name
        kind = "rsa" if isinstance(key.chain[0].public_key(), rsa.RSAPublicKey) else "ecdsa"
        signer, *between = (asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in key.chain)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(between)
        super().__init__(
            signing_cert=signer,
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": f"{self.digest_name}_{kind}"}),
            embed_roots=False,
        )
        self.signed_attr_prov_spec = CAdESSignedAttributeProviderSpec(
            attr_settings=PdfCMSSignedAttributes(signing_time=NOW),
            signing_cert=signer,
            is_pades=False,
            timestamper=None,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return self._person.sign(data)

    def signed(self, data: bytes) -> bytes:
        made = self.async_sign_general_data(data, self.digest_name, detached=True, use_cades=True)
        return bytes(asyncio.run(made).dump())


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP256R1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    ],
    ids=["P-256", "P-384", "RSA"],
)
def test_a_signature_is_byte_for_byte_the_one_that_pyhanko_makes(
    make: Callable[[], ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey],
) -> None:
    key = make()
    signer = certificate("Signer", key.public_key(), "Root", ROOT.key, NOW)
    in_memory = SameEveryTime(key, [signer, OFFICE.certificate, ROOT.certificate])
    assert CmsSigner(in_memory).sign(DATA, NOW) == OfLibrary(in_memory).signed(DATA)


def ours(signer: cms.SignerInfo, named: asn1_x509.Certificate, digest: bytes) -> bool:
    try:
        require_made_with(signer, named)
        return signed_digest(signer, named, "data") == digest
    except (*PARSER_ERRORS, InvalidSignature):
        return False


def theirs(signer: cms.SignerInfo, named: asn1_x509.Certificate, digest: bytes) -> bool:
    try:
        return validate_sig_integrity(signer, named, "data", digest) == (True, True)
    except (*PARSER_ERRORS, SignatureValidationError, AssertionError):
        return False


def signer_of(signature: bytes) -> cms.SignerInfo:
    return cms.ContentInfo.load(signature)["content"]["signer_infos"][0]


def test_of_a_signature_with_any_byte_changed_we_say_what_pyhanko_says() -> None:
    named = asn1_x509.Certificate.load(OFFICE.certificate.public_bytes(Encoding.DER))
    digest = hashlib.sha256(DATA).digest()
    begin = SIGNATURE.index(signer_of(SIGNATURE).dump())
    verdicts = []
    for position in range(begin, len(SIGNATURE), 2):
        changed = bytearray(SIGNATURE)
        changed[position] ^= 1 << position // 2 % 8
        found = []
        for verdict in (ours, theirs):
            try:
                found.append(verdict(signer_of(bytes(changed)), named, digest))
            except PARSER_ERRORS:
                found.append(False)
        assert found[0] == found[1], position
        verdicts.append(found[0])
    assert ours(signer_of(SIGNATURE), named, digest)
    assert 0 < verdicts.count(False) < len(verdicts)


def test_an_attribute_that_comes_twice_has_no_value() -> None:
    attributes = signer_of(SIGNATURE)["signed_attrs"]
    assert only_value(attributes, "content_type").native == "data"
    assert only_value(attributes, "counter_signature") is None
    with pytest.raises(ValueError, match="content_type"):
        only_value([*attributes, attributes[0], attributes[1], attributes[2], attributes[3]], "content_type")


def test_a_signature_by_a_key_of_another_kind_than_its_algorithm_is_no_signature() -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    other = certificate("Other", key.public_key(), "Root", ROOT.key, NOW)
    with pytest.raises(InvalidSignature):
        require_made_with(signer_of(SIGNATURE), asn1_x509.Certificate.load(other.public_bytes(Encoding.DER)))
