"""How long each step took and how much memory it held; for the summary, never for an answer."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from narrowgate.entrypoints.cli.progress import Report

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass(slots=True)
class Measures:
    """Seconds and peak resident memory (MB, this process) by step; a step entered twice adds up."""

    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_mb: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        _forget_peak()
        started = time.perf_counter()
        try:
            yield
        finally:
            elapsed = time.perf_counter() - started
            self.seconds[name] = round(self.seconds.get(name, 0.0) + elapsed, 3)
            self.peak_memory_mb[name] = max(self.peak_memory_mb.get(name, 0.0), _peak_mb())


class GateMeasures:
    """The progress of the gate's steps, measured and shown (``gate.run.Progress``)."""

    def __init__(self, measures: Measures, report: Report, total: int) -> None:
        self._measures = measures
        self._report = report
        self._total = total
        self._step = ""
        self._started = 0.0

    def begin(self, step: str) -> None:
        """Close the step before and open this one."""
        self.end()
        _forget_peak()
        self._step, self._started = step, time.perf_counter()
        self._report("gate", int(step.split(maxsplit=1)[0]), 12)

    def advance(self, done: int, total: int) -> None:
        """Show how many items the step is done with."""
        self._report(f"gate {self._step.split(maxsplit=1)[0]}: items", done, total)

    def end(self) -> None:
        """Close the current step, if one is open."""
        if self._step:
            name = f"gate {self._step}"
            elapsed = time.perf_counter() - self._started
            self._measures.seconds[name] = round(self._measures.seconds.get(name, 0.0) + elapsed, 3)
            before = self._measures.peak_memory_mb.get(name, 0.0)
            self._measures.peak_memory_mb[name] = max(before, _peak_mb())
        self._step = ""


def _forget_peak() -> None:
    """Let the kernel count the peak anew; where it cannot, peaks are those since the start (proc(5))."""
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_mb() -> float:
    try:
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    except OSError:
        pass
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
