"""What is in force at a gate, on one page: since which act, until when, what is to come, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.signing.certificates import load_certificates, load_root, public_key_sha256
from narrowgate.core.base.errors import NotInForceError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.in_force import FACILITIES, NEEDED, InForce, Placed
from narrowgate.core.governance.incident import incidents_of
from narrowgate.entrypoints.finding import SOON, Finding, Verdict
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.settings import GateSettings

_PUT: Final = "Two officers put it in force: 'narrowgate act propose {}-in-force'."
_REPORT: Final = (
    "Send the report now, then one officer records it: 'narrowgate act propose incident-reported {}'."
)
_CLOSE: Final = "Two officers close it: 'narrowgate act propose incident-closed {}'."
_SIGN_ANEW: Final = (
    "Place a hold if the index may be the thief's. Build it again, signed with another certificate, name that as "
    "'index_signer' in gate.toml, and have two officers put it in force: 'narrowgate act propose index-in-force'."
)
_LIFT: Final = "Two officers lift it: 'narrowgate act propose hold-lifted {}'."


def in_force_findings(governed: Governed, settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """The charter, everything in force or missing, what brakes, and which acts wait.

    Args:
        governed: over the gate's log, its acts verified.
        settings: of the gate.
        now: aware UTC time.
    """
    in_force = governed.books.in_force()
    yield from _charter(governed, in_force, now)
    for what in (*NEEDED, FACILITIES):
        yield from _slot(in_force, what, now)
    yield from _rules(governed, in_force, now)
    yield from _brakes(in_force)
    yield from _index_signer(in_force, settings)
    yield from _incidents(in_force, now)
    yield from _waiting(settings)


def _charter(governed: Governed, in_force: InForce, now: datetime) -> Iterator[Finding]:
    charter = governed.books.charter(in_force)
    root = load_root(governed.files.root)
    until = root.not_valid_after_utc
    remark = (
        f"{charter.gate}: {len(charter.officers)} custody officers, {charter.quorum} of them release; "
        f"{in_force.number} acts, each with its signatures; root until {until:%Y-%m-%d}"
    )
    ends_soon = until - now <= SOON
    step = (
        "Replace the charter before its root expires: 'narrowgate act propose charter-replaced'."
        if ends_soon
        else ""
    )
    yield Finding("charter", Verdict.WARNING if ends_soon else Verdict.OK, remark, step)


def _slot(in_force: InForce, what: str, now: datetime) -> Iterator[Finding]:
    subject = f"{what} in force"
    placed = in_force.current(what, now)
    coming = in_force.scheduled(what, now)
    then = f"; {_described(coming[0])} from {format_time(coming[0].start)}" if coming else ""
    if placed is None:
        if what in NEEDED:
            yield Finding(subject, Verdict.FAILED, f"nothing{then}", _PUT.format(what))
        return
    remark = f"{_described(placed)} since {format_time(placed.start)}"
    if placed.until is None:
        yield Finding(subject, Verdict.OK, remark + then)
        return
    ends_soon = placed.until - now <= SOON and not coming
    remark += f", until {format_time(placed.until)}{then}"
    yield Finding(
        subject, Verdict.WARNING if ends_soon else Verdict.OK, remark, _PUT.format(what) if ends_soon else ""
    )


def _described(placed: Placed) -> str:
    return f"{placed.subject} ({placed.sha256[:16]}..., act {placed.number})"


def _rules(governed: Governed, in_force: InForce, now: datetime) -> Iterator[Finding]:
    if in_force.missing(now):
        return
    try:
        governed.require_complete(now)
    except NotInForceError as error:
        yield Finding("rules of this software", Verdict.FAILED, error.what, error.next_step)


def _brakes(in_force: InForce) -> Iterator[Finding]:
    for scope, placed in sorted(in_force.holds.items()):
        verdict = Verdict.FAILED if scope == "all" else Verdict.WARNING
        remark = f"{scope} since {format_time(placed.start)}, act {placed.number} (R-52)"
        yield Finding("hold", verdict, remark, _LIFT.format(scope))
    for office, placed in sorted(in_force.offices_off.items()):
        remark = f"{office} since {format_time(placed.start)}, act {placed.number} (R-22)"
        yield Finding("office off", Verdict.WARNING, remark, f"'narrowgate act propose office-on {office}'.")
    for key, placed in sorted(in_force.keys_revoked.items()):
        yield Finding("key revoked", Verdict.OK, f"{key[:16]}..., act {placed.number}, for good")


def _index_signer(in_force: InForce, settings: GateSettings) -> Iterator[Finding]:
    """An alarm where a revoked key signed the index in force: the revocation does not withdraw it, an act does."""
    if settings.index_signer is None:
        return
    placed = in_force.keys_revoked.get(public_key_sha256(load_certificates(settings.index_signer)[0]))
    if placed is not None:
        remark = f"act {placed.number} revoked the key that signed the index in force, which the gate goes on reading"
        yield Finding("index signer", Verdict.FAILED, remark, _SIGN_ANEW)


def _incidents(in_force: InForce, now: datetime) -> Iterator[Finding]:
    """Open incidents, with the hours that are left to report each, and how long it is overdue."""
    for incident in incidents_of(in_force):
        if incident.closed is not None:
            continue
        what = f"{incident.scope}, act {incident.number}, discovered {format_time(incident.discovered)}"
        left = incident.left(now)
        if incident.reported is not None:
            late = f", {_hours(-left)} late" if left < timedelta(0) else " in time"
            step = _CLOSE.format(incident.number)
            yield Finding("incident", Verdict.WARNING, f"{what}: reported{late}, not closed", step)
        elif left < timedelta(0):
            step = _REPORT.format(incident.number)
            yield Finding(
                "incident", Verdict.FAILED, f"{what}: its report is OVERDUE by {_hours(-left)}", step
            )
        else:
            step = _REPORT.format(incident.number)
            yield Finding("incident", Verdict.FAILED, f"{what}: {_hours(left)} are left to report it", step)


def _hours(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min"


def _waiting(settings: GateSettings) -> Iterator[Finding]:
    files = GovernanceDirectory(settings.governance)
    for number in files.waiting():
        act = parse_act(files.waiting_act(number).data, f"act {number}")
        yield Finding("act", Verdict.WARNING, f"{number} {act.kind} {act.subject} waits for the gate at work")
    for number in files.proposals():
        act = parse_act(files.proposal(number).data, f"act {number}")
        step = f"'narrowgate act show {number}', then sign and apply it, or propose another."
        yield Finding(
            "act", Verdict.WARNING, f"{number} {act.kind} {act.subject} is proposed, not applied", step
        )
