"""An incident at the custodian: braked, counted, reported on paper, and on record, in that order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import write_private
from narrowgate.adapters.private_keys.port import SigningKey
from narrowgate.core.base.errors import NothingToProcessError, UsageError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.incident import incident_subject
from narrowgate.core.governance.incident_report import (
    NOT_KNOWN,
    DataElement,
    IncidentReport,
    report_bytes,
    report_text,
    require_no_tax_data,
)
from narrowgate.core.governance.kinds import ALL, SCOPE, Kind
from narrowgate.core.governance.recall_list import Criteria
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.braking import brake
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Entropy
from narrowgate.governance.acts import Wanted, after_waiting
from narrowgate.verify.recall_find import find_answers
from narrowgate.verify.source import Source, SourceKind

_EVER: Final = "0001-01-01T00:00:00Z"
LINES: Final = ("contact", "how_found", "place", "equipment")


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is known when an incident is put on record.

    Args:
        scope: what is held, as a hold's.
        discovered: aware UTC time.
        occurred: from and until, or from alone; empty where it is not known.
        data_elements: kinds of data concerned.
        lines: contact, how_found, place and equipment, as far as they are known.
        reason: one line for the acts, which every inspector reads.
    """

    scope: str
    discovered: datetime
    occurred: tuple[datetime, ...]
    data_elements: tuple[DataElement, ...]
    lines: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class OnRecord:
    """An incident that is on record.

    Args:
        hold: the act that holds; ``None`` where a hold covered it already.
        incident: the act that started the clock.
        report: what is to be sent.
        data: file of the report as data.
        text: file of the report for people.
    """

    hold: Act | None
    incident: Act
    report: IncidentReport
    data: Path
    text: Path


def put_on_record(
    settings: GateSettings, found: Discovery, key: SigningKey, out: Path, now: datetime, entropy: Entropy
) -> OnRecord:
    """The incident is on record, its 24 hours run, its report is written, and nothing that it concerns goes on.

    The hold comes first: counting and writing may take a while, or fail. One officer signs both acts.

    Args:
        settings: of the gate.
        found: what is known.
        key: of a custody officer.
        out: directory of the report; made where it does not exist.
        now: aware UTC time.
        entropy: of the report's salt.

    Raises:
        UsageError: the scope is none, a line holds nine digits like a taxpayer's number, a time lies ahead, or
            the end comes before the beginning.
        ActRefusedError, OperationalError: as ``braking.brake``.
    """
    if not SCOPE.fullmatch(found.scope):
        raise UsageError(
            "That is nothing that can be held.",
            next_step="Name 'all', 'office:ID', 'statute:ID', 'index:ID' or 'package:ID'.",
        )
    lines = {name: require_no_tax_data(name, found.lines.get(name) or NOT_KNOWN) for name in LINES}
    if any(each > now for each in (found.discovered, *found.occurred)):
        raise UsageError(
            "A time of the incident lies ahead.", next_step="Name times in UTC, such as 2027-01-31T08:00:00Z."
        )
    if list(found.occurred) != sorted(found.occurred):
        raise UsageError(
            "The incident ends before it begins.",
            why="No answer lies between, and the report would say that none is concerned.",
            next_step="Correct the two times; leave both out where they are not known.",
        )
    before = after_waiting(books_of_files(settings), now)
    hold = None
    if not {ALL, found.scope} & before.holds.keys():
        shown = f"Hold {found.scope}: {found.reason}"
        hold = brake(settings, Wanted(Kind.HOLD, found.scope, found.reason), key, now, shown)
    packages, records = _concerned(settings, found)
    report = IncidentReport(
        gate=before.gate,
        scope=found.scope,
        occurred=found.occurred,
        discovered=found.discovered,
        data_elements=found.data_elements,
        packages=packages,
        records=records,
        salt=entropy.draw(16).hex(),
        **lines,
    )
    text = report_text(report)
    out.mkdir(parents=True, exist_ok=True)
    name = f"incident-{format_time(found.discovered).replace(':', '')}"
    data_file, text_file = out / f"{name}.json", out / f"{name}.txt"
    write_private(data_file, report_bytes(report))
    write_private(text_file, f"{text}\n".encode())
    subject = incident_subject(found.scope, found.discovered)
    wanted = Wanted(Kind.INCIDENT, subject, found.reason, sha256=report.digest)
    return OnRecord(hold, brake(settings, wanted, key, now, text), report, data_file, text_file)


def _concerned(settings: GateSettings, found: Discovery) -> tuple[int | None, int | None]:
    """Packages and answers that the scope covers, decided in the time when it occurred; nothing of a statute."""
    kind, _, name = found.scope.partition(":")
    times = [format_time(each) for each in found.occurred]
    start, end = (times + [""] * 2)[:2]
    criteria = Criteria(
        office=name if kind == "office" else "",
        index=name if kind == "index" else "",
        items=(name,) if kind == "package" else (),
        start=start or _EVER,
        end=end,
    )
    if kind == "statute":
        return None, None
    source = Source(SourceKind.LOG, settings.log, settings.log)
    try:
        listed = find_answers(source, criteria, processes=len(os.sched_getaffinity(0)))
    except (NothingToProcessError, UsageError):  # no answer of it was decided
        return 0, 0
    return len(listed.packages), listed.answers
