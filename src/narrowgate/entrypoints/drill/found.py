"""Act two goes on: the custodian decides the package again, finds the wrong answer, and puts an incident on record."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.core.governance.incident_report import DataElement
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.entrypoints.braking import brake
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.drill.wrong_answer import WrongAnswer
from narrowgate.entrypoints.incident import Discovery, OnRecord, put_on_record
from narrowgate.entrypoints.replay import replay
from narrowgate.governance.acts import Wanted

INCIDENT: Final = "incident"

_REASON: Final = "drill: a package decided again has another outcome than the one given"
_REPORTED: Final = "drill: the report was sent to the safeguards office and the inspector general"


def decide_again(gate: DemoGate, wrong: WrongAnswer) -> int:
    """The row, from 0, whose outcome is another one when the package is decided again, as ``gate replay`` decides it.

    Args:
        gate: of the drill; the broken part is in it no more.
        wrong: an answer that left.

    Raises:
        OperationalError: another row differs, or none does.
    """
    replayed = replay(gate.settings, wrong.package_id).replayed
    if replayed.outcomes != (wrong.row,) or replayed.findings:
        raise OperationalError(
            f"{len(replayed.outcomes)} outcomes are others when the package is decided again, and one was planted.",
            why="The drill sees to it that a replay finds the answer that it planted.",
            next_step=REPORT_IT,
        )
    return wrong.row


def put_incident_on_record(gate: DemoGate, began: datetime) -> OnRecord:
    """A hold of everything and an incident whose 24 hours run, with its report: one officer signs both.

    Args:
        gate: of the drill.
        began: aware UTC time at which the broken part came in.
    """
    now = gate.clock.now()
    discovery = Discovery(
        scope=ALL,
        discovered=now,
        occurred=(began, now),
        data_elements=(DataElement.OUTCOME,),
        lines={
            "contact": "Disclosure officer of the drill",
            "how_found": "a package was decided again from what is kept of it",
            "place": "the gate of the drill",
            "equipment": "this machine",
        },
        reason=_REASON,
    )
    return put_on_record(
        gate.settings, discovery, _one_officer(gate), gate.home / INCIDENT, now, gate.entropy
    )


def report_incident(gate: DemoGate, incident: OnRecord) -> None:
    """The log says that the report was sent: the commitment to it is there, and no word of it.

    Args:
        gate: of the drill.
        incident: on record.
    """
    wanted = Wanted(
        Kind.INCIDENT_REPORTED, str(incident.incident.number), _REPORTED, sha256=incident.report.digest
    )
    brake(gate.settings, wanted, _one_officer(gate), gate.clock.now(), _REPORTED)


def _one_officer(gate: DemoGate) -> KeyInMemory:
    officer = gate.credentials.custody[0]
    return KeyInMemory(officer.key, [officer.certificate])
