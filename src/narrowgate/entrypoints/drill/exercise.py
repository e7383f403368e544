"""The same file item by item, with the quotas lifted: what the rules make of each item, beside what is true of it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.august_file import AugustFile, Known
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.sandbox.measure import GateMeasures, Measures
from narrowgate.entrypoints.sandbox.synthetic_cases import Truth
from narrowgate.entrypoints.sandbox.world import Answer, collect_answers
from narrowgate.gate.run import Gate, run_package
from narrowgate.verify.world import verify_world

PACKAGE_ITEMS: Final = 40_000
"""Items handed over at a time, so that a longer file takes more time and no more memory."""


@dataclass(slots=True)
class Tally:
    """Every outcome beside the truth; all of it is counted, none estimated.

    Args:
        items: read from the case file.
        packages: they were handed over in.
        outcomes: of each kind.
        findings: refusals by rule; an item may count under several.
        by_truth: outcomes by what is true of the item.
        wrong: ids of items that were confirmed and must not be.
        passed_in_2025: outcomes of those items for which the test of 2025 would have let an answer out.
        untrue_in_2025: items among these that must not be confirmed.
        log_size: leaves of the verified log.
    """

    items: int = 0
    packages: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    by_truth: dict[Truth, Counter[Outcome]] = field(
        default_factory=lambda: {truth: Counter() for truth in Truth}
    )
    wrong: list[str] = field(default_factory=list)
    passed_in_2025: Counter[Outcome] = field(default_factory=Counter)
    untrue_in_2025: int = 0
    log_size: int = 0

    @property
    def refused(self) -> int:
        """Items that were refused."""
        return self.outcomes[Outcome.REFUSED]

    @property
    def answered(self) -> int:
        """Items that got an answer."""
        return self.outcomes.total() - self.refused

    @property
    def missed(self) -> int:
        """Items whose address is the person's and that were not confirmed."""
        due = self.by_truth[Truth.MUST_CONFIRM]
        return due.total() - due[Outcome.CONFIRMED]

    def add(self, answers: Iterable[Answer], known: Iterator[Known]) -> None:
        """Count the answers of one package.

        Args:
            answers: in the order of the case file.
            known: what is true of these items and of those after them.
        """
        for answer in answers:
            truth = next(known)
            if truth.item != answer.item:
                raise OperationalError(
                    "An answer stands at another item than the truth.", next_step=REPORT_IT
                )
            self.items += 1
            self.outcomes[answer.outcome] += 1
            self.findings.update(answer.findings)
            self.by_truth[truth.truth][answer.outcome] += 1
            if answer.outcome is Outcome.CONFIRMED and truth.truth is not Truth.MUST_CONFIRM:
                self.wrong.append(answer.item)
            if truth.passes_test_of_2025:
                self.passed_in_2025[answer.outcome] += 1
                self.untrue_in_2025 += truth.truth is not Truth.MUST_CONFIRM


def decide_item_by_item(file: AugustFile, gate: DemoGate, measures: Measures, report: Report) -> Tally:
    """Every item of the file through the thirteen steps, opened by its officer and compared with the truth.

    Args:
        file: handed over in packages of ``PACKAGE_ITEMS``.
        gate: whose limits are lifted.
        measures: gets the time and memory of each step.
        report: shows progress.

    Raises:
        OperationalError: an item has no answer, or two.
        LogInconsistentError, ProofError: log and answers do not belong together.
    """
    tally = Tally()
    known = file.known()
    items = (item for _, item in read_case_file(file.cases))
    with opened_gate(gate.settings, gate.clock) as opened:
        while batch := list(islice(items, PACKAGE_ITEMS)):
            tally.add(_decided(batch, gate, opened, measures, report), known)
            tally.packages += 1
            report("items decided", tally.items, file.items)
    if tally.items != file.items or tally.outcomes.total() != tally.items:
        raise OperationalError("Items went in that did not come out.", next_step=REPORT_IT)
    with measures.step("verify log and answers"):
        tally.log_size = verify_world(gate.home).log.size
    return tally


def _decided(
    items: list[Item], gate: DemoGate, opened: Gate, measures: Measures, report: Report
) -> list[Answer]:
    """The opened answers to one package; the requester's copy of it goes when they are compared."""
    package: Path = gate.home / "package"
    with measures.step("build and sign packages"):
        manifest = gate.hand_over(items, package)
    progress = GateMeasures(measures, report, len(items))
    run_package(opened, PackageDirectory(package), progress)
    progress.end()
    with measures.step("open answers"):
        answers = collect_answers(gate.home, gate.settings, manifest.package_id, items, gate.clock.now())
    shutil.rmtree(package)
    return answers
