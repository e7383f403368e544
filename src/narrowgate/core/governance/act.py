"""An act of the custodian: canonical JSON, numbered without gaps, each naming the one before it.

The format is stated in ``docs/reference/protocol/acts.md``. The log holds one leaf of each act (``core.log.acts``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, Fields, read_document
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.base.shown import CONTROLS
from narrowgate.core.base.times import TIME, format_time, parse_time
from narrowgate.core.governance.kinds import KINDS, Digest, Kind

ACT_SCHEMA: Final = "narrowgate/act/v1"
MAX_ACT_BYTES: Final = 8_192
MAX_NUMBER: Final = 999_999

_GATE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KIND: Final = re.compile("|".join(Kind))
_REASON: Final = re.compile(f"[^{CONTROLS}]{{3,500}}")
"""What is signed is what is seen."""
_SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")
_TIME_OR_NOTHING: Final = re.compile(f"(?:{TIME.pattern})?")
_DIGEST_OR_NOTHING: Final = re.compile(f"(?:{SHA256.pattern})?")


@dataclass(frozen=True, slots=True)
class Act:
    """One act, not yet signed or applied by being one.

    Args:
        gate: name of the gate, as its charter says.
        number: from 1, without gaps.
        previous: hex SHA-256 of the act before it; of the charter for the first.
        kind: of the table.
        subject: what it is about, of its kind's form.
        sha256: hex digest of a document or commitment; empty where the kind has none.
        start: aware UTC time from which it holds; ``None`` from its leaf on.
        until: aware UTC time at which it ends by itself; ``None`` where it does not.
        reason: one line, without personal data: every inspector reads it.
        issued: aware UTC time at which it was drawn up.
    """

    gate: str
    number: int
    previous: str
    kind: Kind
    subject: str
    sha256: str
    start: datetime | None
    until: datetime | None
    reason: str
    issued: datetime

    @property
    def digest(self) -> str:
        """Lower-case hex SHA-256 of the act's bytes, by which the log and the next act name it."""
        return sha256(act_bytes(self)).hexdigest()


def act_bytes(act: Act) -> bytes:
    """The only byte string that denotes ``act``: what officers sign.

    Raises:
        EnvelopeError: a field does not have its form, or the kind's.
    """
    data = canonical_bytes(
        {
            "act": act.kind.value,
            "from": format_time(act.start) if act.start else "",
            "gate": act.gate,
            "issued": format_time(act.issued),
            "number": act.number,
            "previous": act.previous,
            "reason": act.reason,
            "schema": ACT_SCHEMA,
            "sha256": act.sha256,
            "subject": act.subject,
            "until": format_time(act.until) if act.until else "",
        }
    )
    parse_act(data, "the act")
    return data


def parse_act(data: bytes, where: str) -> Act:
    """Returns the act that the bytes denote: of a known kind, its subject and digest of that kind's form.

    Args:
        data: at most 8,192 bytes of canonical JSON.
        where: the file for the message.

    Raises:
        EnvelopeError: the bytes are no act, or one of no kind that this version knows.
    """
    if len(data) > MAX_ACT_BYTES:
        raise EnvelopeError(f"The act is longer than {MAX_ACT_BYTES} bytes.", where=where)
    fields = read_document(data, where)
    fields.constant("schema", ACT_SCHEMA)
    act = Act(
        gate=fields.text("gate", _GATE),
        number=fields.count("number"),
        previous=fields.text("previous", SHA256),
        kind=_kind(fields, where),
        subject=fields.text("subject", _SUBJECT),
        sha256=fields.text("sha256", _DIGEST_OR_NOTHING),
        start=_time_or_nothing(fields, "from"),
        until=_time_or_nothing(fields, "until"),
        reason=fields.text("reason", _REASON),
        issued=fields.time("issued"),
    )
    fields.close()
    _require_form(act, fields)
    return act


def _kind(fields: Fields, where: str) -> Kind:
    try:
        return Kind(fields.text("act", _KIND))
    except EnvelopeError as error:
        raise EnvelopeError(
            "The act is of no kind that this version knows.",
            why="An act that is not understood must not be applied.",
            next_step="'narrowgate docs acts' lists the kinds.",
            where=where,
        ) from error


def _time_or_nothing(fields: Fields, key: str) -> datetime | None:
    text = fields.text(key, _TIME_OR_NOTHING)
    if not text:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise fields.refused(key, "is not a time") from error


def _require_form(act: Act, fields: Fields) -> None:
    """What the kind says of the other fields."""
    row = KINDS[act.kind]
    if not 1 <= act.number <= MAX_NUMBER:
        raise fields.refused("number", f"is not between 1 and {MAX_NUMBER:,}")
    if not row.subject.fullmatch(act.subject):
        raise fields.refused("subject", f"is not {row.about}")
    if bool(act.sha256) is (row.digest is Digest.NOTHING):
        raise fields.refused("sha256", f"is not the digest of {row.digest.value}")
    if not row.dated and (act.start or act.until):
        raise fields.refused(
            "from", "or until is given; an act of this kind holds at once, and until another act"
        )
    if act.start and act.until and act.until <= act.start:
        raise fields.refused("until", "is not after from")
