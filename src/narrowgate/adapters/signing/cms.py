"""Detached CMS signatures (CAdES-BES) by officials: made with a key in a file, verified against one root.

What a stranger sends is measured before a library with wider tastes reads it: strict DER, few certificates, the
key that was expected, and only then a path (``der``, ``chain``). Nothing refused here is accepted by OpenSSL
for another reason than that it asks for less.

Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES baseline B-B).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from asn1crypto import algos, cms, core, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from narrowgate.adapters.signing import chain
from narrowgate.adapters.signing.certificates import PrivateKey, public_key_sha256
from narrowgate.adapters.signing.der import require_der
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clock of a signer may be ahead of the gate's."""

# Their warnings repeat, with a traceback on stderr, what the EnvelopeError says in one sentence.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})

_ALGORITHMS = frozenset(
    {
        *(f"{digest}_{kind}" for digest in ("sha256", "sha384", "sha512") for kind in ("ecdsa", "rsa")),
        "rsassa_pkcs1v15",
        "rsassa_pss",
    }
)

_PARSER_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
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
class CertifiedSigner:
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
    keys: Collection[str],
    *,
    earliest: datetime | None = None,
    revocation_lists: Sequence[x509.CertificateRevocationList] | None = None,
) -> CertifiedSigner:
    """Returns only if the holder of one of ``keys``, certified under the root and valid at ``at``, signed ``data``.

    Nothing is fetched, nothing from the machine's trust store is used. One root only: a second root can
    make revocation checks fail (``MatthiasValvekens/pyHanko`` #417). The work is bounded, whatever the signature
    holds: the signer's key is compared before any path is looked for. Time stamps and other unsigned attributes are
    left unread. Not to be called inside a running event loop.

    Args:
        data: the signed bytes.
        signature: detached CMS SignedData in DER form.
        trust_root: the one root that the agreement pins for the office.
        at: the time of the verification, UTC.
        keys: hex SHA-256 of the public keys that may have signed (``public_key_sha256``).
        earliest: the signature claims no time before this; ``None`` where it may be of any age.
        revocation_lists: every certificate of the chain needs one of these that holds at ``at``; ``None``
            where the agreement does not ask for revocation checks (an empty sequence refuses everybody).

    Raises:
        EnvelopeError: the signature is missing, garbled, not detached, of several or no signers, by another key,
            over other data, too weak, of another time, or its certificate is untrusted, expired, revoked or meant
            for another use.
    """
    signed_data = _parse(signature)
    try:
        certificates = chain.certificates_of(signed_data)
        if any(chain.der(each) not in signature for each in certificates):
            # asn1crypto writes some values anew, such as a BOOLEAN of another byte than DER has for true.
            raise _garbled()
        signer = chain.signer_certificate(signed_data["signer_infos"][0], certificates)
        chain.require_key(signer, keys)
        chain.require_accepted_key(signer)
        if signer == trust_root:
            raise chain.not_accepted("The root itself signed; a root issues certificates and nothing else.")
        chain.require_signer(signer)
        claimed = _signing_time(signed_data, earliest, at)
        paths = list(chain.paths(signer, certificates, trust_root))
        if not paths:
            raise chain.not_accepted("No path leads from the certificate to the agreed root.")
        refused = []
        for path in paths:
            try:
                _verify_path(data, signed_data, path, trust_root, at, revocation_lists)
                break
            except EnvelopeError as error:
                refused.append(error)
        else:
            raise refused[0]
        return CertifiedSigner(
            public_key_sha256=public_key_sha256(signer),
            subject=signer.subject.rfc4514_string(),
            not_before=signer.not_valid_before_utc,
            not_after=signer.not_valid_after_utc,
            signing_time=claimed,
        )
    except _PARSER_ERRORS as error:
        raise _garbled() from error


def _verify_path(
    data: bytes,
    signed_data: cms.SignedData,
    path: Sequence[x509.Certificate],
    trust_root: x509.Certificate,
    at: datetime,
    revocation_lists: Sequence[x509.CertificateRevocationList] | None,
) -> None:
    """Return only if the first certificate of ``path`` signed ``data`` and the rest of it vouches for it at ``at``."""
    signed_data["certificates"] = cms.CertificateSet([_asn1(each) for each in path])
    context = ValidationContext(
        trust_roots=[_asn1(trust_root)],
        allow_fetching=False,
        moment=at,
        crls=[each.public_bytes(serialization.Encoding.DER) for each in revocation_lists or ()],
        # The modes between these two pass over a list that the certificate does not point to.
        revocation_mode="soft-fail" if revocation_lists is None else "require",
    )
    usage = KeyUsageConstraints(key_usage={"non_repudiation"})
    status = asyncio.run(async_validate_detached_cms(data, signed_data, context, key_usage_settings=usage))
    _require_trusted(status)
    if status.signing_cert.dump() != chain.der(path[0]):
        raise _garbled()


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
        require_der(signature)
        content_info = cms.ContentInfo.load(signature, strict=True)
        if content_info["content_type"].native != "signed_data":
            raise _garbled()
        signed_data = content_info["content"]
        _require_structure(signed_data)
        _leave_unread(signed_data)
    except _PARSER_ERRORS as error:
        raise _garbled() from error
    return signed_data


def _leave_unread(signed_data: cms.SignedData) -> None:
    """Take away what the signature does not cover: time stamps and lists that a stranger could put there."""
    del signed_data["crls"]
    del signed_data["signer_infos"][0]["unsigned_attrs"]


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
    _require_versions(signed_data, signer_info)
    _require_algorithms(signed_data, signer_info)
    for name in ("signing_certificate_v2", "signing_time"):
        try:
            find_unique_cms_attribute(signer_info["signed_attrs"], name)
        except NonexistentAttributeError as error:
            raise EnvelopeError(
                f"The signature lacks the signed attribute {name}.",
                why="Without it the signature does not say which certificate made it, or when (CAdES-BES).",
                rule="R-10",
            ) from error
    attributes = [attribute.dump() for attribute in signer_info["signed_attrs"]]
    if attributes != sorted(attributes):  # X.690 section 11.6; verifiers that sort see another text
        raise _garbled()
    if any(each["type"].native == "content_time_stamp" for each in signer_info["signed_attrs"]):
        raise EnvelopeError(
            "The signature holds a time stamp of its content.",
            why="Its certificates belong to no agreement.",
            next_step="Sign the package again without one.",
            rule="R-10",
        )


def _require_versions(signed_data: cms.SignedData, signer_info: cms.SignerInfo) -> None:
    """The versions of RFC 5652 sections 5.1 and 5.3; a field that is not looked at could hold anything."""
    named = "v1" if signer_info["sid"].name == "issuer_and_serial_number" else "v3"
    if (signed_data["version"].native, signer_info["version"].native) != (named, named):
        raise _garbled()


def _require_algorithms(signed_data: cms.SignedData, signer_info: cms.SignerInfo) -> None:
    """One digest, named in every place alike (RFC 5652 section 5.1), and ECDSA or RSA over it."""
    digest = signer_info["digest_algorithm"]["algorithm"].native
    algorithm = signer_info["signature_algorithm"]
    announced = [each["algorithm"].native for each in signed_data["digest_algorithms"]]
    if digest not in _DIGESTS:
        raise EnvelopeError("The signature uses a digest that is not accepted.", rule="R-54")
    if algorithm["algorithm"].native not in _ALGORITHMS:
        raise EnvelopeError("The signature uses an algorithm that is not accepted.", rule="R-54")
    named = digest if algorithm["algorithm"].native == "rsassa_pkcs1v15" else algorithm.hash_algo
    if announced != [digest] or named != digest:
        raise EnvelopeError(
            "The signature names different digests in different places.",
            why="Two verifiers could take it for two different signatures.",
            next_step="Sign the package again.",
            rule="R-54",
        )


def _signing_time(signed_data: cms.SignedData, earliest: datetime | None, latest: datetime) -> datetime:
    claimed = find_unique_cms_attribute(signed_data["signer_infos"][0]["signed_attrs"], "signing_time").native
    if claimed - latest > CLOCK_TOLERANCE:
        problem = "The signature says that it was made later than now."
    elif earliest is not None and earliest - claimed > CLOCK_TOLERANCE:
        problem = "The signature says that it was made before what it signs."
    else:
        return cast("datetime", claimed)
    raise EnvelopeError(
        problem,
        why="The clock of the signer, of the package's maker or of the gate is wrong.",
        next_step="Correct the clock; then build and sign the package again.",
        rule="R-21",
    )


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


def _garbled() -> EnvelopeError:
    return EnvelopeError(
        "The signature cannot be read.",
        why="It is not one detached CMS SignedData in DER form.",
        next_step="Sign the package again.",
        rule="R-10",
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
