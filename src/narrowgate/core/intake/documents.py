"""The three small documents through which intake and gate meet, in directories and never in memory.

The intake writes an *arrival* when the last byte of a package is there. The gate writes *terms* (when answers leave)
and for each package it has done with a *notice*. Each is canonical JSON, complete and closed
(``docs/reference/protocol/intake.md``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from narrowgate.core.agreement.model import Release
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, Fields, read_document
from narrowgate.core.base.times import TIME, format_time, parse_time
from narrowgate.core.request.manifest import PACKAGE_ID
from narrowgate.core.request.office import Office

ARRIVAL_SCHEMA: Final = "narrowgate/intake-arrival/v1"
TERMS_SCHEMA: Final = "narrowgate/intake-terms/v1"
NOTICE_SCHEMA: Final = "narrowgate/intake-notice/v1"

_OFFICE: Final = re.compile("|".join(Office))
_TIME_OR_NOTHING: Final = re.compile(f"(?:{TIME.pattern})?")
_TIME_OF_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_PROBLEM: Final = re.compile(r"[a-z][a-z-]{0,39}")
_SENTENCES: Final = re.compile(r"[^\x00-\x1f\x7f]{0,4000}")
_RULE: Final = re.compile(r"R-[0-9]{1,2}[a-z]?")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A package whose three files are all there; from here on they do not change.

    Args:
        number: packages are decided in this order, from 1.
        package_id: of the manifest.
        office: whose client handed it over, and which the manifest names.
        manifest_sha256: hex digest of the manifest.
        signature_sha256: hex digest of the signature.
        arrived: aware UTC time of the last byte, whole seconds; its slot counts from it.
        slot: when its answers are to leave, by the terms then known; None where none were.
    """

    number: int
    package_id: str
    office: Office
    manifest_sha256: str
    signature_sha256: str
    arrived: datetime
    slot: datetime | None


def arrival_bytes(arrival: Arrival) -> bytes:
    """The only byte string that denotes the arrival."""
    return canonical_bytes(
        {
            "schema": ARRIVAL_SCHEMA,
            "number": arrival.number,
            "package": arrival.package_id,
            "office": arrival.office.value,
            "manifest_sha256": arrival.manifest_sha256,
            "signature_sha256": arrival.signature_sha256,
            "arrived": format_time(arrival.arrived),
            "slot": _text(arrival.slot),
        }
    )


def parse_arrival(data: bytes, where: str) -> Arrival:
    """The arrival that these bytes denote.

    Raises:
        EnvelopeError: they denote none.
    """
    fields = read_document(data, where)
    fields.constant("schema", ARRIVAL_SCHEMA)
    arrival = Arrival(
        number=fields.count("number"),
        package_id=fields.text("package", PACKAGE_ID),
        office=Office(fields.text("office", _OFFICE)),
        manifest_sha256=fields.text("manifest_sha256", SHA256),
        signature_sha256=fields.text("signature_sha256", SHA256),
        arrived=fields.time("arrived"),
        slot=_time(fields, "slot"),
    )
    fields.close()
    return arrival


@dataclass(frozen=True, slots=True)
class Terms:
    """When answers leave under the agreement in force, as the intake may know it.

    Args:
        agreement_sha256: hex digest of the agreement.
        release: its release terms.
    """

    agreement_sha256: str
    release: Release


def terms_bytes(terms: Terms) -> bytes:
    """The only byte string that denotes the terms."""
    release = terms.release
    return canonical_bytes(
        {
            "schema": TERMS_SCHEMA,
            "agreement_sha256": terms.agreement_sha256,
            "schedule": list(release.schedule),
            "time_zone": release.time_zone,
            "processing_hours": release.processing_hours,
            "answers_expire_days": release.answers_expire_days,
        }
    )


def parse_terms(data: bytes, where: str) -> Terms:
    """The terms that these bytes denote.

    Raises:
        EnvelopeError: they denote none.
    """
    fields = read_document(data, where)
    fields.constant("schema", TERMS_SCHEMA)
    digest = fields.text("agreement_sha256", SHA256)
    release = Release(
        schedule=fields.texts("schedule", _TIME_OF_DAY),
        time_zone=fields.text("time_zone", WORD),
        processing_hours=fields.count("processing_hours"),
        answers_expire_days=fields.count("answers_expire_days"),
    )
    fields.close()
    return Terms(digest, release)


class Ending(StrEnum):
    """How the gate was done with a package."""

    DECIDED = "decided"
    REFUSED = "refused"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a package was refused whole, as the command line would say it; computed without the tax records.

    Args:
        id: of ``docs/reference/errors.md``.
        what: what happened.
        why: the reason; may be empty.
        next_step: what the requester can do.
        rules: ids of the rules that refuse it.
    """

    id: str
    what: str
    why: str
    next_step: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of a package, and from when that may be seen: a slot, never the moment at which the gate was done.

    Args:
        package_id: of the package.
        office: as in the arrival.
        manifest_sha256: hex digest of the manifest.
        ending: how the gate was done with it.
        shown_from: aware UTC time before which the intake says nothing of it.
        expires: until when answers of it can be fetched; None where there are none.
        problem: why it was refused; None where it was not.
    """

    package_id: str
    office: Office
    manifest_sha256: str
    ending: Ending
    shown_from: datetime
    expires: datetime | None = None
    problem: Problem | None = None


def notice_bytes(notice: Notice) -> bytes:
    """The only byte string that denotes the notice."""
    problem = notice.problem
    return canonical_bytes(
        {
            "schema": NOTICE_SCHEMA,
            "package": notice.package_id,
            "office": notice.office.value,
            "manifest_sha256": notice.manifest_sha256,
            "ending": notice.ending.value,
            "shown_from": format_time(notice.shown_from),
            "expires": _text(notice.expires),
            "problem": []
            if problem is None
            else [
                {
                    "id": problem.id,
                    "what": problem.what,
                    "why": problem.why,
                    "next_step": problem.next_step,
                    "rules": list(problem.rules),
                }
            ],
        }
    )


def parse_notice(data: bytes, where: str) -> Notice:
    """The notice that these bytes denote.

    Raises:
        EnvelopeError: they denote none.
    """
    fields = read_document(data, where)
    fields.constant("schema", NOTICE_SCHEMA)
    notice = Notice(
        package_id=fields.text("package", PACKAGE_ID),
        office=Office(fields.text("office", _OFFICE)),
        manifest_sha256=fields.text("manifest_sha256", SHA256),
        ending=Ending(fields.text("ending", re.compile("|".join(Ending)))),
        shown_from=fields.time("shown_from"),
        expires=_time(fields, "expires"),
        problem=next((_problem(one) for one in fields.objects("problem")), None),
    )
    fields.close()
    return notice


def _problem(fields: Fields) -> Problem:
    problem = Problem(
        id=fields.text("id", _PROBLEM),
        what=fields.text("what", _SENTENCES),
        why=fields.text("why", _SENTENCES),
        next_step=fields.text("next_step", _SENTENCES),
        rules=fields.texts("rules", _RULE),
    )
    fields.close()
    return problem


def _text(moment: datetime | None) -> str:
    return "" if moment is None else format_time(moment)


def _time(fields: Fields, key: str) -> datetime | None:
    text = fields.text(key, _TIME_OR_NOTHING)
    if not text:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise fields.refused(key, "is not a time") from error
