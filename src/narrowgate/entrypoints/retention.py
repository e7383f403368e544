"""The retention desk of a gate, put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.in_force import InForce
from narrowgate.core.governance.incident import incidents_of
from narrowgate.core.governance.kinds import ALL
from narrowgate.entrypoints.bootstrap import opened_books
from narrowgate.entrypoints.finding import Finding, Verdict
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock
from narrowgate.gate.retention import Fate, RetentionDesk, look_through

_TIMER: Final = timedelta(days=1)


@contextmanager
def opened_retention_desk(settings: GateSettings, clock: Clock) -> Iterator[RetentionDesk]:
    """Log, state, vault and staging of a gate, and what is in force; none of its keys but the log's.

    Raises: as ``bootstrap.opened_books``.
    """
    with opened_books(settings) as (log, state):
        governed = Governed(settings, log, state)
        in_force = governed.verified()
        agreements: dict[str, Agreement] = {}

        def agreement(digest: str) -> Agreement:
            if digest not in agreements:
                agreements[digest] = parse_agreement(
                    governed.files.document(digest), f"agreement {digest[:16]}"
                )
            return agreements[digest]

        yield RetentionDesk(
            clock=clock,
            state=state,
            log=log,
            outbox=DirectoryOutbox(settings.answers, settings.staging, state.fence),
            vault=DirectoryVault(settings.vault, SystemEntropy(), state.fence),
            agreement=agreement,
            abandoned=in_force.abandoned.keys,
            kept_by=lambda office, package: kept_by(in_force, office, package),
        )


def kept_by(in_force: InForce, office: str, package: str) -> str:
    """The hold or open incident that keeps a package beyond its day, in words; empty where none does."""
    scopes = {ALL, f"office:{office}", f"package:{package}"}
    hold = in_force.stopping(scopes)
    if hold is not None:
        return f"the hold of {hold.subject} (act {hold.number})"
    for incident in incidents_of(in_force):
        if incident.closed is None and (
            incident.scope in scopes or incident.scope.startswith(("statute:", "index:"))
        ):
            return f"the incident of act {incident.number}, which is open"
    return ""


def retention_findings(settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """Data keys that are past their day by more than the timer's one, and copies that are gone without an entry."""
    with opened_retention_desk(settings, FixedClock(now)) as desk:
        found = list(look_through(desk))
    late = [each for each in found if each.fate is Fate.DESTROYED and now - each.due > _TIMER]
    if late:
        first = format_time(min(each.due for each in late))
        remark = f"{len(late):,} data keys are past their day, the first since {first}"
        yield Finding(
            "retention", Verdict.WARNING, remark, "Run 'narrowgate gate retention' by a timer each day."
        )
    for each in found:
        if each.fate is Fate.MISSING:
            remark = f"The copy of {each.start.package_id} is not in the vault, and was not destroyed by retention."
            yield Finding("retention", Verdict.FAILED, remark, "Find out where it went, and restore it.")
    if not late:
        kept = sum(each.fate is not Fate.MISSING for each in found)
        yield Finding(
            "retention", Verdict.OK, f"{kept:,} copies of ended packages are kept, none past its day"
        )
