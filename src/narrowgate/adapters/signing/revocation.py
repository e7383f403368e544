"""Whether each certificate of a path is revoked, from stored lists and answers; without fresh ones nothing is trusted.

The lists and answers are judged by pyhanko-certvalidator, which knows delta, indirect and partitioned lists. This
module says how old they may be, which algorithms may sign them, and what their absence means: *unavailable*, which
ends nothing and decides nothing. A certificate that any fresh list or answer names as revoked is refused, whatever
others say and whatever time of revocation they give.

Source: RFC 5280 section 6.3 (lists), RFC 6960 section 3.2 (OCSP).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import CRLValidationError, OCSPValidationError, RevokedError
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo, ValidationTimingParams
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from narrowgate.adapters.signing.revocation_directory import RevocationEvidence, next_update, this_update
from narrowgate.core.base.errors import (
    RevocationMissingError,
    RevocationStaleError,
    RevocationUnusableError,
    RevokedCertificateError,
)
from narrowgate.core.base.times import format_time

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_FETCH = "Fetch the authority's newest list ('narrowgate docs revocation'); then run the same command again."


async def require_unrevoked(path: ValidationPath, evidence: RevocationEvidence, at: datetime) -> None:
    """Returns only if fresh evidence of the authorities says of every certificate below the root that it holds.

    Args:
        path: verified but for revocation.
        evidence: lists and answers.
        at: the time of the verification, UTC.

    Raises:
        RevokedCertificateError: one of them is revoked, or on hold.
        RevocationMissingError: there is neither a list nor an answer about one of them.
        RevocationStaleError: there are some, and all are too old.
        RevocationUnusableError: there are fresh ones, but none that its authority signed for it.
    """
    context = _context(path, evidence, at)
    for certificate in list(path)[1:]:
        good = False
        for check, failure in ((verify_crl, CRLValidationError), (verify_ocsp_response, OCSPValidationError)):
            try:
                await check(certificate, path, context)
                good = True
            except RevokedError as error:
                raise RevokedCertificateError(
                    "The signer's certificate is not accepted.",
                    why="The certificate is revoked."
                    if certificate is path.leaf
                    else "A certificate above it is revoked.",
                    next_step="Have the card replaced, and its new key put into the agreement or register.",
                    rule="R-21",
                ) from error
            except failure:
                continue
        if not good:
            raise _lacking(certificate, evidence, at)


def is_fresh_list(certificate_list: crl.CertificateList, evidence: RevocationEvidence, at: datetime) -> bool:
    """Whether the list was issued, is not overdue, and is no older than the evidence may be."""
    return _is_fresh(this_update(certificate_list), next_update(certificate_list), evidence, at)


def _context(path: ValidationPath, evidence: RevocationEvidence, at: datetime) -> ValidationContext:
    lists, certificates = _about(path, evidence)
    context = ValidationContext(
        trust_roots=[path.first],
        other_certs=[*certificates, *list(path)[1:]],
        allow_fetching=False,
        moment=at,
        crls=[each for each in lists if is_fresh_list(each, evidence, at) and _is_strong(each)],
        ocsps=[each for each in evidence.answers if _is_fresh_answer(each, evidence, at)],
        revocation_mode="require",
    )
    # Otherwise the library passes over a revocation that is dated later than the moment.
    timing = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=False)
    context.timing_params = ValidationTimingParams(timing, context.time_tolerance)
    return context


def _about(
    path: ValidationPath, evidence: RevocationEvidence
) -> tuple[list[crl.CertificateList], list[asn1_x509.Certificate]]:
    """The lists and certificates of the authorities in the path, of those they appointed, and of those above these.

    The library looks into every list that it is given, entry by entry, and the directory may hold those of a country.
    """
    wanted: set[str] = set()
    waiting = list(path)[1:]
    while waiting:
        certificate = waiting.pop()
        names = {certificate.issuer.hashable}
        for point in certificate.crl_distribution_points_value or ():
            names |= {
                each.chosen.hashable for each in point["crl_issuer"] or () if each.name == "directory_name"
            }
        new = names - wanted
        wanted |= new
        waiting += [each for each in evidence.certificates if each.subject.hashable in new]
    return (
        [each for each in _distinct(evidence.lists) if each.issuer.hashable in wanted],
        [each for each in evidence.certificates if each.subject.hashable in wanted or _may_answer(each)],
    )


def _may_answer(certificate: asn1_x509.Certificate) -> bool:
    """Whether it may be that of an OCSP responder, whose name is in no certificate of a path."""
    return "ocsp_signing" in (certificate.extended_key_usage_value or asn1_x509.ExtKeyUsageSyntax([])).native


def _distinct(lists: Iterable[crl.CertificateList]) -> list[crl.CertificateList]:
    """Each list once, and none of those that have one signature and different contents.

    The library remembers by its signature that a list was verified, and would take another one with a copied signature
    for verified too (pyhanko-certvalidator 0.33, ``RevinfoManager.record_crl_issuer``).
    """
    by_signature: dict[bytes, dict[bytes, crl.CertificateList]] = {}
    for each in lists:
        by_signature.setdefault(each.signature, {})[each.dump()] = each
    return [one for same in by_signature.values() if len(same) == 1 for one in same.values()]


def _is_strong(signed: crl.CertificateList | ocsp.BasicOCSPResponse) -> bool:
    algorithm = signed["signature_algorithm"]
    try:
        return algorithm.hash_algo in _DIGESTS and algorithm.signature_algo != "dsa"
    except ValueError:
        return False


def _is_fresh_answer(response: ocsp.OCSPResponse, evidence: RevocationEvidence, at: datetime) -> bool:
    basic = response.basic_ocsp_response
    return _is_strong(basic) and all(
        _is_fresh(each["this_update"].native, each["next_update"].native, evidence, at)
        for each in basic["tbs_response_data"]["responses"]
    )


def _is_fresh(
    issued: datetime, following: datetime | None, evidence: RevocationEvidence, at: datetime
) -> bool:
    return following is not None and issued <= at <= following and at - issued <= evidence.max_age


def _lacking(
    certificate: asn1_x509.Certificate, evidence: RevocationEvidence, at: datetime
) -> RevocationMissingError | RevocationStaleError | RevocationUnusableError:
    """Why no evidence was good enough; decided from names and times alone, for the message."""
    times = [
        (this_update(each), next_update(each)) for each in evidence.lists if each.issuer == certificate.issuer
    ]
    times += [
        (each["this_update"].native, each["next_update"].native)
        for response in evidence.answers
        for each in _answers(response)
        if each["cert_id"]["serial_number"].native == certificate.serial_number
    ]
    if not times:
        return RevocationMissingError(
            "There is no revocation list of an authority in the signer's chain.",
            why="Without it nothing tells whether the card was reported stolen; this is not a finding about the card.",
            next_step=_FETCH,
            where=evidence.where,
        )
    if not any(_is_fresh(*each, evidence, at) for each in times):
        newest = max(issued for issued, _ in times)
        return RevocationStaleError(
            "The revocation list of an authority in the signer's chain is out of date.",
            why=f"The newest is of {format_time(newest)}; a list counts until its next update, and for at most "
            f"{evidence.max_age.total_seconds() / 86_400:g} days.",
            next_step=_FETCH,
            where=evidence.where,
        )
    return RevocationUnusableError(
        "No revocation list of an authority in the signer's chain can be relied on.",
        why="Its signature, its scope or its algorithm is not one that speaks for the authority.",
        next_step=_FETCH,
        where=evidence.where,
    )


def _answers(response: ocsp.OCSPResponse) -> list[Any]:
    return list(response.basic_ocsp_response["tbs_response_data"]["responses"])
