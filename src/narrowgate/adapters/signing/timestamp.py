"""Trusted time stamps of one pinned authority: asked for and answered in files, verified without a network.

The authority is pinned by its own certificate, so no path is built and no other authority can stand in for it.

Source: RFC 3161 (protocol and token), RFC 5816 (SHA-2 certificate identifiers), ETSI EN 319 122-1 section 5.3 (the
time stamp over a signature).
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import cast

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from narrowgate.adapters.signing.chain import require_accepted_key
from narrowgate.adapters.signing.der import require_der
from narrowgate.adapters.signing.signed_data import CLOCK_TOLERANCE, DIGESTS, PARSER_ERRORS, parse_detached
from narrowgate.core.base.errors import EnvelopeError, TimestampError
from narrowgate.gate.ports import Entropy

MAX_TOKEN_BYTES = 65_536
"""A token with the authority's certificates; ten thousand bytes are many."""

_GRANTED = frozenset({"granted", "granted_with_mods"})


def timestamp_query(data: bytes, entropy: Entropy) -> bytes:
    """A request for a time stamp of ``data`` (RFC 3161 section 2.4.1), as ``openssl ts -query -cert`` makes it.

    The authority learns a SHA-256 digest and nothing else.
    """
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(data).digest(),
            },
            "nonce": int.from_bytes(entropy.draw(8), "big"),
            "cert_req": True,
        }
    )
    return bytes(request.dump())


def token_of_reply(reply: bytes) -> bytes:
    """The token in an authority's reply (RFC 3161 section 2.4.2).

    Raises:
        TimestampError: the reply cannot be read, or the authority refused.
    """
    try:
        response = tsp.TimeStampResp.load(reply, strict=True)
        status = response["status"]["status"].native
        if status in _GRANTED:
            return bytes(response["time_stamp_token"].dump())
    except PARSER_ERRORS as error:
        raise _refused("The authority's reply cannot be read.") from error
    raise _refused("The authority refused to stamp.")


def verify_timestamp(
    token: bytes, data: bytes, authority: str, earliest: datetime | None, latest: datetime
) -> datetime:
    """The time at which the pinned authority saw exactly ``data``, UTC.

    Args:
        token: the CMS of RFC 3161 section 2.4.2, with the authority's certificate inside.
        data: what was stamped.
        authority: hex SHA-256 of the authority's DER certificate.
        earliest: no token is older than this, five minutes allowed for clocks; ``None`` where it may be of any age.
        latest: no token is younger than this, five minutes allowed for clocks.

    Raises:
        TimestampError: the token is another authority's, over other data, of another time, or cannot be read.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise _refused("The time stamp is too large.")
    try:
        require_der(token)
        content_info = cms.ContentInfo.load(token, strict=True)
        if content_info["content_type"].native != "signed_data":
            raise _refused("It is not signed.")
        signed_data = content_info["content"]
        certificate = _pinned(signed_data, authority)
        info = _intact(signed_data, certificate)
        stamped = cast("datetime", info["gen_time"].native)
        _require_purpose(certificate, stamped)
        imprint = info["message_imprint"]
        digest = imprint["hash_algorithm"]["algorithm"].native
        if digest not in DIGESTS:
            raise _refused("Its digest is too weak.")
        if hashlib.new(digest, data).digest() != imprint["hashed_message"].native:
            raise _refused("It is the time stamp of something else.")
    except (*PARSER_ERRORS, SignatureValidationError) as error:
        raise _refused("It cannot be read.") from error
    if stamped - latest > CLOCK_TOLERANCE:
        raise _refused("Its time is later than now.")
    if earliest is not None and earliest - stamped > CLOCK_TOLERANCE:
        raise _refused("Its time is before what it stamps was made.")
    return stamped


def signature_value(signature: bytes) -> bytes:
    """What a time stamp of a detached signature is over: the value of its one SignerInfo (EN 319 122-1 section 5.3).

    Raises:
        EnvelopeError: the signature cannot be read.
    """
    return cast("bytes", parse_detached(signature).signed_data["signer_infos"][0]["signature"].native)


def with_timestamp(signature: bytes, token: bytes) -> bytes:
    """The detached signature with the token as its only unsigned attribute; what it signs is unchanged.

    Raises:
        EnvelopeError: the signature cannot be read.
    """
    parse_detached(signature)
    content_info = cms.ContentInfo.load(signature, strict=True)
    stamp = cms.CMSAttribute(
        {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token, strict=True)]}
    )
    content_info["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([stamp])
    return bytes(content_info.dump())


def _pinned(signed_data: cms.SignedData, authority: str) -> asn1_x509.Certificate:
    """The authority's certificate, which must be inside."""
    for each in signed_data["certificates"]:
        if each.name == "certificate" and hashlib.sha256(each.chosen.dump()).hexdigest() == authority:
            return each.chosen
    raise _refused(
        "It is not one of the authority that was agreed on, or lacks that authority's certificate."
    )


def _intact(signed_data: cms.SignedData, certificate: asn1_x509.Certificate) -> tsp.TSTInfo:
    """What the authority signed."""
    enclosed = signed_data["encap_content_info"]
    if enclosed["content_type"].native != "tst_info" or len(signed_data["signer_infos"]) != 1:
        raise _refused("It is not a time stamp of one authority.")
    signer = signed_data["signer_infos"][0]
    digest = signer["digest_algorithm"]["algorithm"].native
    if digest not in DIGESTS:
        raise _refused("Its digest is too weak.")
    _require_named(signer)
    content = enclosed["content"].contents
    actual = hashlib.new(digest, content).digest()
    intact, valid = validate_sig_integrity(signer, certificate, "tst_info", actual)
    if not (intact and valid):
        raise _refused("Its signature does not verify.")
    return tsp.TSTInfo.load(content, strict=True)


def _require_named(signer: cms.SignerInfo) -> None:
    """The signature covers the digest of the certificate that made it; ``validate_sig_integrity`` compares it."""
    names = {each["type"].native for each in signer["signed_attrs"]}
    if not names & {"signing_certificate", "signing_certificate_v2"}:
        raise _refused("It does not say which certificate made it.")
    find_unique_cms_attribute(signer["signed_attrs"], "message_digest")


def _require_purpose(authority: asn1_x509.Certificate, at: datetime) -> None:
    """A certificate for time stamps and nothing else, critically so (RFC 3161 section 2.3), that held then."""
    certificate = x509.load_der_x509_certificate(authority.dump())
    uses = [each for each in certificate.extensions if isinstance(each.value, x509.ExtendedKeyUsage)]
    if not (uses and uses[0].critical and list(uses[0].value) == [ExtendedKeyUsageOID.TIME_STAMPING]):
        raise _refused("Its authority's certificate is not one for time stamps alone.")
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise _refused("Its authority's certificate did not hold then.")
    try:
        require_accepted_key(certificate)
    except EnvelopeError as error:
        raise _refused("Its authority's key is of a kind or size that is not accepted.") from error


def _refused(why: str) -> TimestampError:
    return TimestampError(
        "The time stamp is not accepted.",
        why=why,
        next_step="Have it stamped by the authority that the agreement names.",
        rule="R-21",
    )
