"""Act one: the file of August 2025 is handed to a gate, which refuses it whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.agreement.ceilings import LIMITS
from narrowgate.core.agreement.model import Limits
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.core.request.manifest import Rows
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.august_file import ITEMS_2025, AugustFile
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.sandbox.measure import GateMeasures, Measures
from narrowgate.gate.package_ports import PackageSource
from narrowgate.gate.ports import ConfirmationIndex
from narrowgate.gate.run import run_package
from narrowgate.gate.step_04_agreement import PackageRefusedError

_LEAST_QUOTA: Final = 40
"""Room for the package of act two."""


def ceilings_for(items: int) -> Limits:
    """The ceilings of the code; for a smaller file than that of 2025 quotas that are smaller than the file.

    Args:
        items: in the file, at least 2.
    """
    ceiling = LIMITS["items_per_package"]
    quota = min(ceiling, max(items * ceiling // ITEMS_2025, min(_LEAST_QUOTA, items - 1)))
    return Limits(**{**LIMITS, "items_per_package": quota, "items_per_day_per_office": quota})


@dataclass(frozen=True, slots=True)
class RefusedWhole:
    """What the gate made of the whole file.

    Args:
        items: declared in the signed manifest.
        quota: items that the agreement allows in one package.
        rules: ids of the rules that refused it.
        what: the gate's own words.
        rows_read: rows that the gate read.
        index_opened: how often the gate opened its index.
        seconds: from the package at the gate's door to its refusal in the log.
        peak_memory_mb: of the process meanwhile.
    """

    items: int
    quota: int
    rules: tuple[str, ...]
    what: str
    rows_read: int
    index_opened: int
    seconds: float
    peak_memory_mb: float


def hand_over_whole(file: AugustFile, gate: DemoGate, measures: Measures, report: Report) -> RefusedWhole:
    """The refusal of the whole file; it is in the gate's log.

    Args:
        file: to hand over; the package beside it is built in one pass and has the same rows.
        gate: whose agreement allows fewer items.
        measures: gets the time and memory of each step.
        report: shows progress.

    Raises:
        OperationalError: the gate took the file.
    """
    package = gate.home / "august"
    with measures.step("build and sign the package of everything"):
        items = (item for _, item in read_case_file(file.cases))
        manifest = gate.hand_over(items, package)
    source = _Watched(PackageDirectory(package))
    opened = _Counted()
    with measures.step("refuse whole"):
        refusal = _refusal(gate, source, opened, measures, report)
    return RefusedWhole(
        items=manifest.rows.count,
        quota=gate.agreement.limits.items_per_package or 0,
        rules=refusal.rules,
        what=refusal.what,
        rows_read=source.rows_read,
        index_opened=opened.times,
        seconds=measures.seconds["refuse whole"],
        peak_memory_mb=measures.peak_memory_mb["refuse whole"],
    )


def _refusal(
    gate: DemoGate, source: PackageSource, opened: _Counted, measures: Measures, report: Report
) -> PackageRefusedError:
    with opened_gate(gate.settings, gate.clock) as real:
        watched = replace(real, open_index=opened.opening(real.open_index))
        try:
            run_package(watched, source, GateMeasures(Measures(), report, 1))
        except PackageRefusedError as refusal:
            return refusal
    raise OperationalError(
        "The gate took a package of more items than its agreement allows.",
        why="The drill hands over the whole file to see it refused.",
        next_step=REPORT_IT,
    )


class _Watched:
    """A package whose rows are counted as the gate reads them (``gate.package_ports.PackageSource``)."""

    def __init__(self, package: PackageDirectory) -> None:
        self._package = package
        self.rows_read = 0

    def manifest(self) -> bytes:
        """As the package has it."""
        return self._package.manifest()

    def signature(self) -> bytes:
        """As the package has it."""
        return self._package.signature()

    def signed_rows(self, declared: Rows) -> Iterator[bytes]:
        """As the package has them, counted."""
        for lines in self._package.signed_rows(declared):
            self.rows_read += lines.count(b"\n")
            yield lines


class _Counted:
    """How often something was opened."""

    def __init__(self) -> None:
        self.times = 0

    def opening(self, open_index: Callable[[str], ConfirmationIndex]) -> Callable[[str], ConfirmationIndex]:
        """The same, counted."""

        def counted(key_id: str) -> ConfirmationIndex:
            self.times += 1
            return open_index(key_id)

        return counted
