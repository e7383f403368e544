"""What the report of the checks says: for programs, and as a page that prints."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from narrowgate import __version__
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.assure.check import Size
from narrowgate.entrypoints.assure.code_digest import code_at_work
from narrowgate.entrypoints.assure.suite import Result
from narrowgate.verify.charts import bars, dots
from narrowgate.verify.report_page import (
    Column,
    Html,
    bullets,
    code,
    counted,
    facts,
    figure,
    heading,
    page,
    paragraph,
    table,
)

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Run:
    """What was called for, from which every command of the report follows.

    Args:
        is_full: whether a night was given.
        size: how much each check tries.
        seed: of the world.
        now: aware UTC time of everything that happens in it, in whole seconds.
        hours: after which no further check began, where there was a bound.
        checks: named one by one; none where all were called for.
        plant: those whose fault was planted.
    """

    is_full: bool
    size: Size
    seed: int
    now: datetime
    hours: float | None = None
    checks: Sequence[str] = ()
    plant: Sequence[str] = ()

    def command(self) -> str:
        """Does the same again, into a directory that does not exist yet."""
        words = [] if self.hours is None else [f"--hours {self.hours:g}"]
        return " ".join([self._begun("again"), *words, *self._named(self.checks, self.plant)])

    def command_of(self, check: str) -> str:
        """Does one check of it again."""
        plant = [name for name in self.plant if name == check]
        return " ".join([self._begun(f"again-{check}"), *self._named([check], plant)])

    def planted_of(self, check: str) -> str:
        """Does one check of it on a gate with the fault that it must find."""
        return " ".join([self._begun(f"planted-{check}"), *self._named([check], [check])])

    def _begun(self, directory: str) -> str:
        how = "--full" if self.is_full else "--quick"
        return f"narrowgate assure --dir {directory} {how} --seed {self.seed} --at {format_time(self.now)}"

    @staticmethod
    def _named(checks: Sequence[str], plant: Sequence[str]) -> list[str]:
        return [f"--check {name}" for name in checks] + [f"--plant {name}" for name in plant]


def as_json(results: Sequence[Result], run: Run) -> dict[str, Any]:
    """Everything that the report says, for programs."""
    return {
        "schema": "narrowgate.assurance.v1",
        "version": __version__,
        "code_sha256": code_at_work(),
        "command": run.command(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}",
        "seed": run.seed,
        "time": format_time(run.now),
        "people": run.size.people,
        "items": run.size.items,
        "held": all(result.is_begun and result.tried.held for result in results),
        "complete": all(result.is_begun for result in results),
        "checks": [
            {
                "check": result.check.name,
                "promise": result.check.promise,
                "source": result.check.source,
                "verdict": result.verdict,
                "planted": result.planted,
                "fault": result.check.fault,
                "command": run.command_of(result.check.name),
                "command_with_the_fault": run.planted_of(result.check.name),
                "tried": result.tried.tried,
                "tried_are": result.check.unit,
                "broken": len(result.tried.broken),
                "examples": list(result.tried.broken[:_SHOWN]),
                "figures": result.tried.figures,
                "samples": {name: list(values) for name, values in result.tried.samples.items()},
                "seconds": round(result.seconds, 1),
                "processor_seconds": round(result.processor_seconds, 1),
            }
            for result in results
        ],
    }


def as_page(results: Sequence[Result], run: Run) -> bytes:
    """The report for people; it prints well and needs no other file."""
    return page("Assurance report", _parts(results, run))


def _parts(results: Sequence[Result], run: Run) -> Iterator[Html]:
    told = as_json(results, run)
    broken = [result for result in results if result.is_broken]
    missing = [result.check.name for result in results if not result.is_begun]
    if any(result.planted for result in results):
        yield paragraph(
            "Faults were planted in this run: it shows that checks can fail, and nothing else.", is_mark=True
        )
    yield paragraph(
        f"{len(results) - len(broken) - len(missing)} of {len(results)} promises held."
        + ("" if not broken else f" Not held: {', '.join(result.check.name for result in broken)}.")
        + ("" if not missing else f" Not tried before the run was over: {', '.join(missing)}."),
        is_mark=bool(broken or missing),
    )
    yield facts(
        (
            ("Version", told["version"]),
            ("SHA-256 of the code", told["code_sha256"]),
            ("Time", told["time"]),
            ("Machine", told["machine"]),
            ("Seed", str(told["seed"])),
            ("World", f"{told['people']:,} synthetic filers, {told['items']:,} items; nobody in it is real"),
        )
    )
    yield paragraph(
        "The same again, with the same version on any machine: the same world, attempts and answers. Seconds differ, "
        "and a kill comes so many of them after a step began, so that it meets the gate elsewhere."
    )
    yield code(told["command"])
    columns = [
        Column("Check"),
        Column("Promise"),
        Column("Verdict"),
        Column("Tried", is_count=True),
        Column("of these"),
        Column("Broken", is_count=True),
        Column("Seconds", is_count=True),
    ]
    yield table(
        "summary",
        "Every promise, what was tried against it, and how often it broke",
        columns,
        [
            (
                result.check.name,
                result.check.promise,
                result.verdict,
                counted(result.tried.tried),
                result.check.unit,
                counted(len(result.tried.broken)),
                f"{result.seconds:,.0f}",
            )
            for result in results
        ],
    )
    yield figure(
        bars("attempts", "Attempts to break each promise", [(r.check.name, r.tried.tried) for r in results]),
        "Attempts to break each promise",
    )
    for result in results:
        if result.is_begun:
            yield from _one(result, run)


def _one(result: Result, run: Run) -> Iterator[Html]:
    check = result.check
    yield heading(2, f"{check.name}: {result.verdict}")
    yield paragraph(check.promise)
    yield facts(
        (
            ("Promise of", check.source),
            *(
                (name, f"{value:,}" if isinstance(value, int) else str(value))
                for name, value in result.tried.figures.items()
            ),
            ("Seconds", f"{result.seconds:.1f}, of processors {result.processor_seconds:.1f}"),
            ("This check alone", code(run.command_of(check.name))),
            ("A fault that it finds", check.fault),
            ("With that fault, to see it found", code(run.planted_of(check.name))),
        )
    )
    for number, (where, rows) in enumerate(_pictures(result.tried.samples).items()):
        title = f"{check.name}, {where}: seconds of each measurement"
        yield figure(dots(f"dots-{check.name}-{number}", title, rows), title)
    if result.tried.broken:
        yield bullets(result.tried.broken[:_SHOWN])
        if len(result.tried.broken) > _SHOWN:
            yield paragraph(f"And {len(result.tried.broken) - _SHOWN:,} more.")


def _pictures(samples: Mapping[str, Sequence[float]]) -> dict[str, list[tuple[str, list[float]]]]:
    """The rows of each picture: one for what is named alike up to a colon; what never came is in none."""
    pictures: dict[str, list[tuple[str, list[float]]]] = {}
    for name, values in samples.items():
        where, _, row = name.rpartition(": ")
        pictures.setdefault(where, []).append((row, [value for value in values if isfinite(value)]))
    return pictures
