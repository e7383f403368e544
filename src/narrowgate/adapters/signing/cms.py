"""Detached CMS signatures (CAdES-BES) by officials: made with a key in a file, verified against one root.

Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES baseline B-B).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from narrowgate.adapters.signing.certificates import PrivateKey, public_key_sha256
from narrowgate.core.base.errors import EnvelopeError

MAX_SIGNATURE_BYTES = 1_000_000
"""A signature with its chain takes about 5 kB; a larger one is not parsed."""

# Their warnings repeat, with a traceback on stderr, what the EnvelopeError says in one sentence.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})

_PARSER_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    RecursionError,
)
"""What asn1crypto, cryptography and pyHanko raise on bytes made to confuse them (found by mutation)."""

_TRUST_PROBLEMS: dict[AdESSubIndic | None, str] = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "No path leads from the certificate to the agreed root.",
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: "The certificate or one above it has expired.",
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: "The certificate or one above it has expired.",
    AdESIndeterminate.REVOKED_NO_POE: "The certificate is revoked.",
    AdESIndeterminate.REVOKED_CA_NO_POE: "A certificate above it is revoked.",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "The certificate is not meant for signatures of this kind.",
    AdESIndeterminate.TRY_LATER: "The revocation list is out of date.",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "An algorithm in the chain is too weak.",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "An algorithm in the chain is too weak.",
}


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """Who signed, as the verified certificate says.

    Args:
        public_key_sha256: hex SHA-256 of the SubjectPublicKeyInfo; what an agreement binds an office to.
        subject: distinguished name (RFC 4514), for display only.
        not_before: start of the certificate's validity, UTC.
        not_after: end of the certificate's validity, UTC.
        signing_time: the time the signer claims, UTC.
    """

    public_key_sha256: str
    subject: str
    not_before: datetime
    not_after: datetime
    signing_time: datetime


class FileSigner:
    """Signs with a private key in memory.

    Args:
        key: the private key of ``certificate``.
        certificate: names the signer.
        chain: the certificates between it and the root, without the root.
    """

    def __init__(
        self, key: PrivateKey, certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()
    ) -> None:
        # pyhanko-certvalidator leaves this constructor without annotations.
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([_asn1(between) for between in chain])
        key_der = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._signer = SimpleSigner(
            signing_cert=_asn1(certificate),
            signing_key=keys.PrivateKeyInfo.load(key_der),
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            embed_roots=False,
        )

    def sign(self, data: bytes, at: datetime) -> bytes:
        """A detached CMS signature (DER) over ``data`` that claims the time ``at``.

        Not to be called inside a running event loop.
        """
        attributes = PdfCMSSignedAttributes(signing_time=at)
        signed = asyncio.run(
            self._signer.async_sign_general_data(
                data, "sha256", detached=True, use_cades=True, signed_attr_settings=attributes
            )
        )
        return bytes(signed.dump())


def verify_detached(
    data: bytes,
    signature: bytes,
    trust_root: x509.Certificate,
    at: datetime,
    *,
    revocation_lists: Sequence[x509.CertificateRevocationList] | None = None,
) -> SignerIdentity:
    """Returns only if one official's certificate, valid at ``at`` under ``trust_root``, signed ``data``.

    Nothing is fetched, nothing from the machine's trust store is used. One root only: a second root can
    make revocation checks fail (``MatthiasValvekens/pyHanko`` #417). Not to be called inside a running
    event loop.

    Args:
        data: the signed bytes.
        signature: detached CMS SignedData in DER form.
        trust_root: the one root that the agreement pins for the office.
        at: the time of the verification, UTC.
        revocation_lists: every certificate of the chain needs one of these that holds at ``at``; ``None``
            where the agreement does not ask for revocation checks (an empty sequence refuses everybody).

    Raises:
        EnvelopeError: the signature is missing, garbled, not detached, of several or no signers, over other
            data, too weak, or its certificate is untrusted, expired, revoked or meant for another use.
    """
    signed_data = _parse(signature)
    context = ValidationContext(
        trust_roots=[_asn1(trust_root)],
        allow_fetching=False,
        moment=at,
        crls=[each.public_bytes(serialization.Encoding.DER) for each in revocation_lists or ()],
        # The modes between these two pass over a list that the certificate does not point to.
        revocation_mode="soft-fail" if revocation_lists is None else "require",
    )
    # nonRepudiation tells PIV slot 9C (signature, PIN each time) from 9A (log-on): FIPS 201-3 section 4.2.2.
    usage = KeyUsageConstraints(key_usage={"non_repudiation"})
    try:
        status = asyncio.run(
            async_validate_detached_cms(data, signed_data, context, key_usage_settings=usage)
        )
        _require_trusted(status)
        return _identity(status.signing_cert, signed_data)
    except _PARSER_ERRORS as error:
        raise _garbled() from error


def _parse(signature: bytes) -> cms.SignedData:
    if not signature:
        raise EnvelopeError(
            "The signature is missing.",
            why="A package without the signature of a requesting office is not a request.",
            next_step="Sign it with 'narrowgate package sign'.",
            rule="R-10",
        )
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise EnvelopeError("The signature file is too large.", rule="R-10")
    try:
        content_info = cms.ContentInfo.load(signature, strict=True)
        if content_info["content_type"].native != "signed_data":
            raise _garbled()
        signed_data = content_info["content"]
        _require_structure(signed_data)
    except _PARSER_ERRORS as error:
        raise _garbled() from error
    return signed_data


def _require_structure(signed_data: cms.SignedData) -> None:
    signer_infos = signed_data["signer_infos"]
    if len(signer_infos) != 1:
        raise EnvelopeError(
            "The signature does not have exactly one signer.",
            why="One office answers for a request; it cannot be shared or left open.",
            rule="R-21",
        )
    enclosed = signed_data["encap_content_info"]
    if enclosed["content_type"].native != "data" or not isinstance(enclosed["content"], core.Void):
        raise EnvelopeError(
            "The signature is not detached.",
            why="Content inside it could differ from the manifest beside it.",
            rule="R-10",
        )
    signer_info = signer_infos[0]
    if signer_info["digest_algorithm"]["algorithm"].native not in _DIGESTS:
        raise EnvelopeError("The signature uses a digest that is not accepted.", rule="R-54")
    for name in ("signing_certificate_v2", "signing_time"):
        try:
            find_unique_cms_attribute(signer_info["signed_attrs"], name)
        except NonexistentAttributeError as error:
            raise EnvelopeError(
                f"The signature lacks the signed attribute {name}.",
                why="Without it the signature does not say which certificate made it, or when (CAdES-BES).",
                rule="R-10",
            ) from error


def _require_trusted(status: StandardCMSSignatureStatus) -> None:
    if not status.intact:
        raise EnvelopeError(
            "The data was changed after it was signed.",
            why="Its digest differs from the signed one.",
            next_step="Build and sign the package again.",
            rule="R-10",
        )
    if not status.valid:
        raise EnvelopeError(
            "The signature does not verify.", why="It was not made with the certificate's key.", rule="R-10"
        )
    problem = status.trust_problem_indic
    if problem is not None or not status.trusted or status.validation_path is None:
        why = _TRUST_PROBLEMS.get(problem, "Its chain cannot be verified.")
        raise EnvelopeError("The signer's certificate is not accepted.", why=why, rule="R-21")
    if status.validation_path.pkix_len == 0:
        raise EnvelopeError(
            "The signer's certificate is not accepted.",
            why="The root itself signed; a root issues certificates and nothing else.",
            rule="R-21",
        )


def _identity(certificate: asn1_x509.Certificate, signed_data: cms.SignedData) -> SignerIdentity:
    signer = x509.load_der_x509_certificate(certificate.dump())
    claimed = find_unique_cms_attribute(signed_data["signer_infos"][0]["signed_attrs"], "signing_time")
    return SignerIdentity(
        public_key_sha256=public_key_sha256(signer),
        subject=signer.subject.rfc4514_string(),
        not_before=signer.not_valid_before_utc,
        not_after=signer.not_valid_after_utc,
        signing_time=claimed.native,
    )


def _garbled() -> EnvelopeError:
    return EnvelopeError(
        "The signature cannot be read.",
        why="It is not one detached CMS SignedData in DER form.",
        next_step="Sign the package again.",
        rule="R-10",
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
