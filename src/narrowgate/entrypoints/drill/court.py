"""Act two ends: the court gets what an inspector makes of the log alone, without a word of the custodian."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.drill.wrong_answer import WrongAnswer
from narrowgate.verify.conformance.report import Verdict, conformance
from narrowgate.verify.conformance.told import report_page
from narrowgate.verify.report_file import write_report
from narrowgate.verify.source import find_source
from narrowgate.verify.trace import trace_in, traced
from narrowgate.verify.trace_picture import page

CONFORMANCE: Final = "conformance.html"
TRACE: Final = "trace.html"


@dataclass(frozen=True, slots=True)
class CourtReport:
    """What the court has in hand.

    Args:
        verdicts: requirements by what the log shows of them.
        contradicted: ids of the requirements that the log contradicts.
        steps: entries on the way of the wrong answer, each with its proof.
    """

    verdicts: dict[Verdict, int]
    contradicted: tuple[str, ...]
    steps: int


def report_to_the_court(gate: DemoGate, wrong: WrongAnswer, home: Path, workers: int) -> CourtReport:
    """The conformance report and the way of the wrong answer, as pages in ``home``.

    Args:
        gate: whose log is read as an inspector reads it, with its published key.
        wrong: the answer.
        home: directory of the drill.
        workers: processes.
    """
    key = read_log_key(gate.settings.log / KEY_FILE)
    source = find_source(gate.home, str(key))
    found = conformance(source, workers)
    write_report(home / CONFORMANCE, report_page(found), [gate.home])
    way = trace_in(source, traced(f"{wrong.package_id}:{wrong.row}"), processes=workers)
    write_report(home / TRACE, page(way), [gate.home])
    counts = Counter(each.verdict for each in found.judged)
    return CourtReport(
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        contradicted=tuple(
            each.requirement.id for each in found.judged if each.verdict is Verdict.CONTRADICTED
        ),
        steps=len(way.steps),
    )
