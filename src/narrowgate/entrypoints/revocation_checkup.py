"""Whether the revocation lists would do today, and for how long they still will."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from asn1crypto import crl, ocsp

from narrowgate.adapters.signing.revocation_directory import (
    RevocationDirectory,
    RevocationEvidence,
    next_update,
    this_update,
)
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.finding import Finding, Verdict

SOON: Final = timedelta(days=2)
"""A list that ends within these days is told before it ends: authorities publish daily or weekly."""

_FETCH: Final = "See to the timer that fetches the lists: 'narrowgate docs revocation'."


def check_revocation(directory: RevocationDirectory | None, now: datetime) -> Iterator[Finding]:
    """One finding for each authority: until when its newest list or answer does, whatever its signature.

    Args:
        directory: of the settings.
        now: an aware UTC time.

    Raises:
        NarrowgateError: the directory or a file in it cannot be read.
    """
    if directory is None:
        yield Finding("revocation", Verdict.WARNING, "This sandbox looks at no revocation lists.")
        return
    evidence = directory.read()
    if not evidence.lists and not evidence.answers:
        yield Finding(
            "revocation", Verdict.FAILED, "The directory holds no list: every signature is refused.", _FETCH
        )
        return
    newest = newest_evidence(evidence)
    for number, issuer in enumerate(sorted(newest), 1):
        subject = f"revocation list {number}" if len(newest) > 1 else "revocation list"
        yield _finding(subject, issuer, newest[issuer].ends, now)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest list or answer of an authority, whatever its signature.

    Args:
        issued: aware UTC time.
        ends: until when it may be used.
    """

    issued: datetime
    ends: datetime


def newest_evidence(evidence: RevocationEvidence) -> dict[str, Newest]:
    """For each authority the list or answer that may be used longest."""
    newest: dict[str, Newest] = {}
    for name, issued, following in [
        *(
            (each.issuer.human_friendly, this_update(each), next_update(each))
            for each in evidence.lists
            if _is_base(each)
        ),
        *(found for each in evidence.answers for found in _answered(each)),
    ]:
        ends = issued if following is None else min(following, issued + evidence.max_age)
        if name not in newest or ends > newest[name].ends:
            newest[name] = Newest(issued, ends)
    return newest


def _is_base(certificate_list: crl.CertificateList) -> bool:
    """Whether it is whole by itself, and not a list of changes."""
    return certificate_list.delta_crl_indicator_value is None


def _answered(response: ocsp.OCSPResponse) -> Iterator[tuple[str, datetime, datetime | None]]:
    for each in response.basic_ocsp_response["tbs_response_data"]["responses"]:
        yield "OCSP answers", each["this_update"].native, each["next_update"].native


def _finding(subject: str, issuer: str, end: datetime, now: datetime) -> Finding:
    remark = f"{issuer}: does until {format_time(end)}"
    if end < now:
        return Finding(
            subject, Verdict.FAILED, f"{remark}: stale, and signatures under it are refused", _FETCH
        )
    if end - now <= SOON:
        return Finding(
            subject, Verdict.WARNING, f"{remark}: {(end - now) // timedelta(hours=1)} hours are left", _FETCH
        )
    return Finding(subject, Verdict.OK, remark)
