"""Act two begins: one answer is wrong, because the matcher was broken on purpose, and it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.broken_matcher import broken_keys
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.drill.second_file import SECOND_CASES, SecondFile
from narrowgate.entrypoints.sandbox.measure import GateMeasures, Measures
from narrowgate.entrypoints.sandbox.synthetic_cases import Truth
from narrowgate.entrypoints.sandbox.world import collect_answers
from narrowgate.gate.run import run_package

PACKAGE: Final = "package"


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """An answer that left and is wrong.

    Args:
        package: directory of the package.
        package_id: its id.
        row: of the item, from 0.
        item: its id.
        officers: who can open the answer.
        items: in the package.
        outcomes: of the items, by kind.
        released: when the answers had left.
    """

    package: Path
    package_id: str
    row: int
    item: str
    officers: tuple[str, ...]
    items: int
    outcomes: dict[Outcome, int]
    released: datetime


def release_a_wrong_answer(gate: DemoGate, file: SecondFile, report: Report) -> WrongAnswer:
    """The one wrong answer of a package that a gate with a broken matcher decided; its officers have it.

    Args:
        gate: of the drill; the broken part is put into it for this package only.
        file: the items, and which of them is misread.
        report: shows progress.

    Raises:
        OperationalError: another answer than the planted one is wrong, or none is.
    """
    file.write(gate.home / SECOND_CASES)
    package = gate.home / PACKAGE
    manifest = gate.hand_over(file.items, package)
    with opened_gate(gate.settings, gate.clock) as real:
        broken = replace(real, open_keys=broken_keys(real.open_keys, file.planted, file.on_file))
        run_package(broken, PackageDirectory(package), GateMeasures(Measures(), report, len(file.items)))
    released = gate.clock.now()
    answers = collect_answers(gate.home, gate.settings, manifest.package_id, list(file.items), released)
    wrong = [
        answer.item
        for answer in answers
        if answer.outcome is Outcome.CONFIRMED and file.truth[answer.item] is not Truth.MUST_CONFIRM
    ]
    planted = file.items[file.planted]
    if wrong != [planted.item]:
        raise OperationalError(
            f"{len(wrong)} answers are wrong, and one was planted.",
            why="The drill puts one wrong answer into a package to see it found and recalled.",
            next_step=REPORT_IT,
        )
    return WrongAnswer(
        package=package,
        package_id=manifest.package_id,
        row=file.planted,
        item=planted.item,
        officers=tuple(planted.officers.split()),
        items=len(answers),
        outcomes={outcome: sum(answer.outcome is outcome for answer in answers) for outcome in Outcome},
        released=released,
    )
