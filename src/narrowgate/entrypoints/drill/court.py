"""Act two ends: the court gets what an inspector makes of a bundle alone, without a word of the custodian."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.entrypoints.bundling import write_bundle
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.drill.wrong_answer import WrongAnswer
from narrowgate.verify.conformance.report import Verdict, conformance
from narrowgate.verify.conformance.told import report_page
from narrowgate.verify.inspection import inspect
from narrowgate.verify.report_file import write_report
from narrowgate.verify.source import find_source
from narrowgate.verify.trace import trace_in, traced
from narrowgate.verify.trace_picture import page

BUNDLE: Final = "bundle"
CONFORMANCE: Final = "conformance.html"
TRACE: Final = "trace.html"


@dataclass(frozen=True, slots=True)
class CourtReport:
    """What the court has in hand.

    Args:
        verdict: of everything in the bundle together.
        verdicts: requirements by what the log shows of them.
        contradicted: ids of the requirements that the log contradicts.
        steps: entries on the way of the wrong answer, each with its proof.
    """

    verdict: str
    verdicts: dict[Verdict, int]
    contradicted: tuple[str, ...]
    steps: int


def report_to_the_court(gate: DemoGate, wrong: WrongAnswer, home: Path, workers: int) -> CourtReport:
    """The bundle, and from it alone the conformance report and the way of the wrong answer, as pages in ``home``.

    Args:
        gate: whose bundle is read with its log's published key.
        wrong: the answer.
        home: directory of the drill.
        workers: processes.

    Raises:
        LogInconsistentError, IndeterminateError: the bundle is not VALID.
    """
    key = read_log_key(gate.settings.log / KEY_FILE)
    write_bundle(find_source(gate.home), home / BUNDLE)
    source = find_source(home / BUNDLE, str(key))
    inspected = inspect(source, processes=workers)
    inspected.require_valid()
    found = conformance(source, workers)
    write_report(home / CONFORMANCE, report_page(found), [source.path])
    way = trace_in(source, traced(f"{wrong.package_id}:{wrong.row}"), processes=workers)
    write_report(home / TRACE, page(way), [source.path])
    counts = Counter(each.verdict for each in found.judged)
    return CourtReport(
        verdict=inspected.verdict.value,
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        contradicted=tuple(
            each.requirement.id for each in found.judged if each.verdict is Verdict.CONTRADICTED
        ),
        steps=len(way.steps),
    )
