"""The checks in the order of the report, how they are run, and what the report says of them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, Final

from narrowgate import __version__
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.assure import full_disks, killing, logs, outgoing, questions, timing
from narrowgate.entrypoints.assure.check import Check, Size, Tried
from narrowgate.entrypoints.assure.code_digest import code_at_work
from narrowgate.entrypoints.assure.stage import Stage
from narrowgate.verify.charts import bars
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
_YES = "An index that says yes to everything."

CHECKS: Final[Sequence[Check]] = (
    Check(
        "twin-worlds",
        "Two tax files that agree on the answers send the same bytes, in the same files, of the same sizes.",
        "Non-interference",
        "The key that seals a package is drawn from the tax file.",
        outgoing.twin_worlds,
    ),
    Check(
        "timing",
        "When answers appear does not tell hits from misses, even where the gate itself takes longer for a hit.",
        "Non-interference; GOVERNANCE section 4",
        "An agreement without a schedule: answers leave as soon as they are ready.",
        timing.timing,
    ),
    Check(
        "mutation",
        "No other number, direction, street, suffix, unit or ZIP Code of a confirmed address is confirmed.",
        "Address is necessary",
        _YES,
        questions.mutation,
    ),
    Check(
        "look-alikes",
        "Streets whose names look most alike are not confirmed for each other.",
        "Address is necessary",
        _YES,
        questions.look_alikes,
    ),
    Check(
        "namesakes",
        "Twins, parents and children of one name, and strangers at the filer's address are not confirmed.",
        "Address is necessary; identities",
        _YES,
        questions.namesakes,
    ),
    Check(
        "august",
        "The right person beside what stood in the file of August 2025 instead of an address is never confirmed.",
        "August replay",
        _YES,
        questions.august,
    ),
    Check(
        "junk",
        "A text that is no address is refused, whatever is written around it.",
        "Registry-blind refusals",
        "A cleaner before the rules that puts a known address in the place of junk.",
        questions.junk,
    ),
    Check(
        "probing",
        "An attacker with M addresses for one person and every way of writing them learns about one of them.",
        "Budget",
        "The budget of addresses for each person is lifted.",
        questions.probing,
    ),
    Check(
        "budgets",
        "No limit on people, reasons or officers is exceeded by other spellings or over several packages.",
        "Budget",
        "The limits are lifted.",
        questions.budgets,
    ),
    Check(
        "canaries",
        "No name, number, reason or address is in any file of the gate, also after it was killed.",
        "Non-interference; Crash",
        "A step that writes down whom it works on.",
        outgoing.canaries,
    ),
    Check(
        "tamper",
        "Every changed byte, cut, loss and exchange of files in log and answers is found offline.",
        "Log",
        "A verifier that forgives whatever is wrong with a checkpoint.",
        logs.tamper,
    ),
    Check(
        "forks",
        "A custodian who holds the log's key cannot have a second history, or an older one, cosigned.",
        "Log; GOVERNANCE section 5",
        "A witness that has lost its memory.",
        logs.forks,
    ),
    Check(
        "kills",
        "A gate killed at any step ends with the same answers: each row decided once, nothing twice, nothing lost.",
        "Crash",
        "The log put back to what it was before the package.",
        killing.kills,
    ),
    Check(
        "full-disks",
        "A gate whose disk was full at any place ends, with room, with the same answers; nothing is lost or cut off.",
        "Crash",
        "A refused write that was passed over: a file of the answers is cut off.",
        full_disks.full_disks,
    ),
)
"""DESIGN section 7, promise by promise."""

NAMES: Final = tuple(check.name for check in CHECKS)


@dataclass(frozen=True, slots=True)
class Result:
    """One check, as it went.

    Args:
        check: which.
        planted: whether its fault was planted.
        tried: what it came to.
        seconds: that it took.
        is_begun: False where the time was over before it.
    """

    check: Check
    planted: bool
    tried: Tried
    seconds: float
    is_begun: bool = True

    @property
    def is_broken(self) -> bool:
        """Whether it began and did not hold; a check that tried nothing did not."""
        return self.is_begun and not self.tried.held

    @property
    def verdict(self) -> str:
        """In one word or two."""
        if not self.tried.tried and not self.tried.broken:
            return "not tried"
        return "held" if self.tried.held else "broken"


def assure(
    home: Path,
    size: Size,
    names: Mapping[str, bool],
    seed: int,
    now: datetime,
    told: Callable[[str, int, int], None],
    seconds: float = inf,
) -> Iterator[Result]:
    """The results of the checks named, each as soon as there is one; the world they were tried on is gone at the end.

    Args:
        home: an empty directory for the time of the run.
        size: how much is tried.
        names: of ``NAMES``, the checks that run, and whether with their fault planted.
        seed: another seed, another world.
        now: aware UTC time of everything that happens.
        told: which check begins, how many are done, and of how many.
        seconds: after which no further check begins; the first one makes the world.

    Raises:
        OperationalError: the machine cannot make the world.
    """
    wanted = [check for check in CHECKS if check.name in names]
    home.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    try:
        stage: Stage | None = None
        for done, check in enumerate(wanted):
            if time.perf_counter() - began >= seconds:
                yield Result(check, names[check.name], Tried(0), 0.0, is_begun=False)
                continue
            told(check.name, done, len(wanted))
            stage = stage or Stage.make(home, size.people, size.items, seed, now)
            yield _result(check, stage, size, names[check.name])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _result(check: Check, stage: Stage, size: Size, planted: bool) -> Result:
    """One check; what the gate refuses where the check expects none is a promise broken, and no end of the run."""
    began = time.perf_counter()
    try:
        tried = check.run(stage, size, planted)
    except NarrowgateError as error:
        tried = Tried(1, [f"The check was ended by an error ({error.problem}): {error.what}"])
    return Result(check, planted, tried, time.perf_counter() - began)


def as_json(results: Sequence[Result], size: Size, seed: int, now: datetime, command: str) -> dict[str, Any]:
    """Everything that the report says, for programs."""
    return {
        "schema": "narrowgate.assurance.v1",
        "version": __version__,
        "code_sha256": code_at_work(),
        "command": command,
        "seed": seed,
        "time": format_time(now),
        "people": size.people,
        "items": size.items,
        "held": not any(result.is_broken for result in results),
        "complete": all(result.is_begun for result in results),
        "checks": [
            {
                "check": result.check.name,
                "promise": result.check.promise,
                "source": result.check.source,
                "verdict": result.verdict,
                "planted": result.planted,
                "fault": result.check.fault,
                "tried": result.tried.tried,
                "broken": len(result.tried.broken),
                "examples": list(result.tried.broken[:_SHOWN]),
                "figures": result.tried.figures,
                "seconds": round(result.seconds, 1),
            }
            for result in results
        ],
    }


def as_page(results: Sequence[Result], told: dict[str, Any]) -> bytes:
    """The report for people; it prints well and needs no other file."""
    return page("Assurance report", _parts(results, told))


def _parts(results: Sequence[Result], told: dict[str, Any]) -> Iterator[Html]:
    broken = [result for result in results if result.is_broken]
    missing = [result.check.name for result in results if not result.is_begun]
    if any(result.planted for result in results):
        yield paragraph(
            "Faults were planted in this run: it shows that checks can fail, and nothing else.", is_mark=True
        )
    yield paragraph(
        f"{len(results) - len(broken) - len(missing)} of {len(results)} promises held."
        + ("" if not broken else f" Not held: {', '.join(result.check.name for result in broken)}.")
        + ("" if not missing else f" Not tried, because the time was over: {', '.join(missing)}."),
        is_mark=bool(broken or missing),
    )
    yield facts(
        (
            ("Version", told["version"]),
            ("SHA-256 of the code", told["code_sha256"]),
            ("Time", told["time"]),
            ("Seed", str(told["seed"])),
            ("World", f"{told['people']:,} synthetic filers, {told['items']:,} items; nobody in it is real"),
        )
    )
    yield paragraph("The same again, on any machine:")
    yield code(told["command"])
    columns = [
        Column("Check"),
        Column("Promise"),
        Column("Verdict"),
        Column("Tried", is_count=True),
        Column("Broken", is_count=True),
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
                counted(len(result.tried.broken)),
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
            yield from _one(result)


def _one(result: Result) -> Iterator[Html]:
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
            ("Seconds", f"{result.seconds:.1f}"),
            ("A fault that it finds", f"{check.fault} (--plant {check.name})"),
        )
    )
    if result.tried.broken:
        yield bullets(result.tried.broken[:_SHOWN])
        if len(result.tried.broken) > _SHOWN:
            yield paragraph(f"And {len(result.tried.broken) - _SHOWN:,} more.")
