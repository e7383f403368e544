"""Detached CMS signatures (CAdES-BES) by officials, verified against one root (``cms_signer`` makes them).

What a stranger sends is measured before a library with wider tastes reads it: strict DER, few certificates, the
key that was expected, and only then a path (``der``, ``chain``). Nothing refused here is accepted by OpenSSL
for another reason than that it asks for less.

Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES baseline B-B).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from narrowgate.adapters.signing import chain
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.path import require_valid_path
from narrowgate.adapters.signing.shown import read_shown
from narrowgate.adapters.signing.signed_data import (
    PARSER_ERRORS,
    DetachedSignature,
    garbled,
    parse_detached,
    signing_time,
)
from narrowgate.adapters.signing.timestamp import verify_timestamp
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import EnvelopeError, NarrowgateError, TimestampError, UnavailableError

# Their warnings repeat, with a traceback on stderr, what the EnvelopeError says in one sentence.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class CertifiedSigner:
    """Who signed, as the verified certificate says.

    Args:
        public_key_sha256: hex SHA-256 of the SubjectPublicKeyInfo; what an agreement binds an office to.
        subject: distinguished name (RFC 4514), for display only.
        not_before: start of the certificate's validity, UTC.
        not_after: end of the certificate's validity, UTC.
        signing_time: the time the signer claims, UTC.
        timestamp: the time of the trusted time stamp, UTC; ``None`` where none was needed.
        shown_sha256: hex SHA-256 of the text that the signer was shown, as the signature says; ``None`` if it does not.
    """

    public_key_sha256: str
    subject: str
    not_before: datetime
    not_after: datetime
    signing_time: datetime
    timestamp: datetime | None = None
    shown_sha256: str | None = None


def verify_detached(
    data: bytes,
    signature: bytes,
    trust: Trust,
    at: datetime,
    keys: Collection[str],
    *,
    earliest: datetime | None = None,
) -> CertifiedSigner:
    """Returns only if the holder of one of ``keys``, certified under the root and valid at ``at``, signed ``data``.

    The one way in which a signature of a person is verified: of packages, acts, agreements and indexes. Nothing is
    fetched, nothing from the machine's trust store is used. One root only: a second root can make revocation checks
    fail (``MatthiasValvekens/pyHanko`` #417). The work is bounded, whatever the signature holds: the signer's key is
    compared before any path is looked for. Unsigned attributes but the time stamp are left unread. Not to be called
    inside a running event loop.

    Args:
        data: the signed bytes.
        signature: detached CMS SignedData in DER form.
        trust: the root, the revocation evidence, the policies and the time stamp authority.
        at: the time of the verification, UTC.
        keys: hex SHA-256 of the public keys that may have signed (``public_key_sha256``).
        earliest: the signature claims no time before this; ``None`` where it may be of any age.

    Raises:
        EnvelopeError: the signature is missing, garbled, not detached, of several or no signers, by another key,
            over other data, too weak, of another time, or its certificate is untrusted, expired, revoked
            (``RevokedCertificateError``), or meant for another use or policy; its time stamp is missing or another
            authority's (``TimestampError``).
        UnavailableError: the revocation evidence is missing, stale or unusable (``RevocationMissingError``,
            ``RevocationStaleError``, ``RevocationUnusableError``): nothing is known against the signer.

    Example:
        >>> trust = Trust(root, RevocationDirectory(directory).read())  # doctest: +SKIP
        >>> signer = verify_detached(act, signature, trust, now, officers)  # doctest: +SKIP
    """
    parsed = parse_detached(signature)
    signed_data = parsed.signed_data
    try:
        certificates = chain.certificates_of(signed_data)
        if any(chain.der(each) not in signature for each in certificates):
            # asn1crypto writes some values anew, such as a BOOLEAN of another byte than DER has for true.
            raise garbled()
        signer = chain.signer_certificate(signed_data["signer_infos"][0], certificates)
        chain.require_key(signer, keys)
        chain.require_accepted_key(signer)
        if signer == trust.root:
            raise chain.not_accepted("The root itself signed; a root issues certificates and nothing else.")
        chain.require_signer(signer)
        claimed = signing_time(signed_data, earliest, at)
        shown = read_shown(signed_data["signer_infos"][0]["signed_attrs"])
        paths = list(chain.paths(signer, certificates, trust.root))
        if not paths:
            raise chain.not_accepted("No path leads from the certificate to the agreed root.")
        _require_intact(data, signed_data, signer)
        _require_path(paths, trust, at)
        stamped = _require_stamped(parsed, trust, earliest, at)
        return CertifiedSigner(
            public_key_sha256=public_key_sha256(signer),
            subject=signer.subject.rfc4514_string(),
            not_before=signer.not_valid_before_utc,
            not_after=signer.not_valid_after_utc,
            signing_time=claimed,
            timestamp=stamped,
            shown_sha256=shown,
        )
    except PARSER_ERRORS as error:
        raise garbled() from error


def _require_path(paths: Sequence[Sequence[x509.Certificate]], trust: Trust, at: datetime) -> None:
    """Return only if one of the few paths to the root holds at ``at``."""
    refused: list[NarrowgateError] = []
    for path in paths:
        try:
            asyncio.run(require_valid_path(path, trust.root, at, trust.policies, trust.revocation))
        except (EnvelopeError, UnavailableError) as error:
            refused.append(error)
        else:
            return
    raise refused[0]


def _require_intact(data: bytes, signed_data: cms.SignedData, signer: x509.Certificate) -> None:
    signer_info = signed_data["signer_infos"][0]
    digest = hashlib.new(signer_info["digest_algorithm"]["algorithm"].native, data).digest()
    try:
        intact, valid = validate_sig_integrity(signer_info, _asn1(signer), "data", digest)
    except SignatureValidationError as error:
        raise garbled() from error
    if not intact:
        raise EnvelopeError(
            "The data was changed after it was signed.",
            why="Its digest differs from the signed one.",
            next_step="Build and sign the package again.",
            rule="R-10",
        )
    if not valid:
        raise EnvelopeError(
            "The signature does not verify.", why="It was not made with the certificate's key.", rule="R-10"
        )


def _require_stamped(
    parsed: DetachedSignature, trust: Trust, earliest: datetime | None, at: datetime
) -> datetime | None:
    """The time of the agreed authority's stamp over the signature's value; ``None`` where none is needed."""
    if trust.timestamp_authority is None:
        return None
    if len(parsed.timestamps) != 1:
        raise TimestampError(
            "The signature does not carry exactly one trusted time stamp.",
            why="The agreement asks for one of the authority that it names (RFC 3161).",
            next_step="Stamp the package with 'narrowgate package timestamp'.",
            rule="R-21",
        )
    value = parsed.signed_data["signer_infos"][0]["signature"].native
    return verify_timestamp(parsed.timestamps[0], value, trust.timestamp_authority, earliest, at)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
