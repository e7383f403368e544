"""Seconds, processor time and peak memory by step, of this process and of its workers."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")

_MESSAGE = b"\x00" * 128
_HASHES = 5_000
_PACE_EVERY = 8
"""Looks at the memory, of which there are four a second, from one look at the pace to the next."""

PACE_OF_22_NOVEMBER = 0.354
"""µs for one SHA-256 of 128 bytes, both cores busy, as ``benchmarks.scale.limit`` found it for the first tables.

A shared machine takes up to twice the processor time for the same work an hour later; beside its pace a figure says
more.
"""


@dataclass(slots=True)
class Step:
    """What one step cost.

    Args:
        seconds: by the clock.
        own: processor seconds of this process.
        workers: processor seconds of its workers.
        peak_mb: highest resident memory of this process.
        peak_workers_mb: highest sum over the workers.
        peak_total_mb: highest sum over all.
    """

    seconds: float = 0.0
    own: float = 0.0
    workers: float = 0.0
    peak_mb: float = 0.0
    peak_workers_mb: float = 0.0
    peak_total_mb: float = 0.0


@dataclass(slots=True)
class Watch:
    """Measures steps one after the other; also the gate's progress (``gate.run.Progress``)."""

    steps: dict[str, Step] = field(default_factory=dict)
    paces: list[float] = field(default_factory=list)
    _step: str = ""
    _started: tuple[float, float, float] = (0.0, 0.0, 0.0)
    _stop: threading.Event = field(default_factory=threading.Event)

    def begin(self, step: str) -> None:
        """End the step before and begin this one; one that comes again adds up."""
        self.end()
        self._step = step
        self.steps.setdefault(step, Step())
        self._started = (time.perf_counter(), time.process_time(), self._worker_seconds())

    def advance(self, done: int, total: int) -> None:
        """Nobody looks."""

    def end(self) -> None:
        """End the step."""
        if not self._step:
            return
        self._sample()
        step = self.steps[self._step]
        seconds, own, workers = self._started
        step.seconds += time.perf_counter() - seconds
        step.own += time.process_time() - own
        step.workers += self._worker_seconds() - workers
        self._step = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        self.begin(name)
        try:
            yield
        finally:
            self.end()

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """Look at memory four times a second meanwhile."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.end()
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        looks = 0
        while not self._stop.wait(0.25):
            self._sample()
            looks += 1
            if looks % _PACE_EVERY == 1:
                self.paces.append(pace())

    def pace(self) -> float:
        """How fast the machine was meanwhile: µs for one SHA-256, the median."""
        return median(self.paces or [pace()])

    def _sample(self) -> None:
        own = _resident(os.getpid())
        workers = sum(_resident(pid) for pid in _children(os.getpid()))
        self._worker_seconds()
        if step := self.steps.get(self._step):
            step.peak_mb = max(step.peak_mb, own)
            step.peak_workers_mb = max(step.peak_workers_mb, workers)
            step.peak_total_mb = max(step.peak_total_mb, own + workers)

    def _worker_seconds(self) -> float:
        """Processor seconds of all workers so far, ended ones included."""
        return children_seconds()


def pace(hashes: int = _HASHES) -> float:
    """µs of processor time for one SHA-256 of 128 bytes, called as the program calls it; takes some 2 ms."""
    started = time.thread_time()
    for _ in range(hashes):
        hashlib.sha256(_MESSAGE).digest()
    return (time.thread_time() - started) / hashes * 1e6


def children_seconds() -> float:
    """Processor seconds of all processes that this one started, ended ones included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = sum(_processor_seconds(pid) for pid in _children(os.getpid()))
    return ended.ru_utime + ended.ru_stime + living


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            direct = [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += direct
        for child in direct:
            found += _children(child) if Path(f"/proc/{child}/task").exists() else []
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
    except (OSError, IndexError):
        return 0.0


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # With what its own ended children took: workers are children of the process that they are forked from.
    return sum(map(int, fields[11:15])) / _TICK


def record(results: Path, benchmark: str, **figures: Any) -> None:
    """Append one JSON line: what was measured, when, and how busy the machine was."""
    line = {
        "benchmark": benchmark,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251  a benchmark may look at the clock
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        **figures,
    }
    results.parent.mkdir(parents=True, exist_ok=True)
    with results.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def show_pace(found: float) -> None:
    """Print how fast the machine was beside the machine of the first tables."""
    print(
        f"\none SHA-256 of 128 bytes took {found:.3f} µs meanwhile, {found / PACE_OF_22_NOVEMBER:.2f} times"
        f" the {PACE_OF_22_NOVEMBER} µs of 22 November 2026"
    )


def show(title: str, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Print a Markdown table."""
    print(f"\n{title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "|".join(" --- " for _ in header) + "|")
    for row in rows:
        print(
            "| " + " | ".join(f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row) + " |"
        )
