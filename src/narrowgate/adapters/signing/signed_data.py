"""One detached CMS signature, read so strictly that two verifiers cannot take it for two different ones.

Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES baseline B-B).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute

from narrowgate.adapters.signing.der import require_der
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clock of a signer may be ahead of the gate's."""

DIGESTS = frozenset({"sha256", "sha384", "sha512"})

_ALGORITHMS = frozenset(
    {
        *(f"{digest}_{kind}" for digest in ("sha256", "sha384", "sha512") for kind in ("ecdsa", "rsa")),
        "rsassa_pkcs1v15",
        "rsassa_pss",
    }
)

PARSER_ERRORS = (
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


@dataclass(frozen=True, slots=True)
class DetachedSignature:
    """A signature that has the one form accepted; nothing of it is verified.

    Args:
        signed_data: without what it does not cover.
        timestamps: the tokens in its unsigned attribute ``signature-time-stamp``.
    """

    signed_data: cms.SignedData
    timestamps: tuple[bytes, ...]


def parse_detached(signature: bytes) -> DetachedSignature:
    """The signature of exactly one signer over content that lies elsewhere, in DER.

    Raises:
        EnvelopeError: it is missing or of another form.
    """
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
            raise garbled()
        signed_data = content_info["content"]
        _require_structure(signed_data)
        timestamps = _timestamps(signed_data)
        _leave_unread(signed_data)
    except PARSER_ERRORS as error:
        raise garbled() from error
    return DetachedSignature(signed_data, timestamps)


def _timestamps(signed_data: cms.SignedData) -> tuple[bytes, ...]:
    return tuple(
        bytes(token.dump())
        for attribute in signed_data["signer_infos"][0]["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
        for token in attribute["values"]
    )


def _leave_unread(signed_data: cms.SignedData) -> None:
    """Take away what the signature does not cover, lists and attributes that a stranger could put there."""
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
        raise garbled()
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
        raise garbled()


def _require_algorithms(signed_data: cms.SignedData, signer_info: cms.SignerInfo) -> None:
    """One digest, named in every place alike (RFC 5652 section 5.1), and ECDSA or RSA over it."""
    digest = signer_info["digest_algorithm"]["algorithm"].native
    algorithm = signer_info["signature_algorithm"]
    announced = [each["algorithm"].native for each in signed_data["digest_algorithms"]]
    if digest not in DIGESTS:
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


def signing_time(signed_data: cms.SignedData, earliest: datetime | None, latest: datetime) -> datetime:
    """The time that the signer claims.

    Raises:
        EnvelopeError: it is later than ``latest`` or before ``earliest``, five minutes allowed for clocks.
    """
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


def garbled() -> EnvelopeError:
    """The error about bytes that have not the one form accepted."""
    return EnvelopeError(
        "The signature cannot be read.",
        why="It is not one detached CMS SignedData in DER form.",
        next_step="Sign the package again.",
        rule="R-10",
    )
