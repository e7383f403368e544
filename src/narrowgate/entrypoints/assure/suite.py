"""The checks in the order of the report, and how they are run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import NarrowgateError, OperationalError
from narrowgate.entrypoints.assure import (
    bypasses,
    canaries,
    failed_calls,
    families,
    full_disks,
    growth,
    killing,
    logs,
    questions,
    timing,
    twin_worlds,
)
from narrowgate.entrypoints.assure.check import Check, Size, Tried, processor_seconds
from narrowgate.entrypoints.assure.stage import Stage

_YES = "An index that says yes to everything."

CHECKS: Final[Sequence[Check]] = (
    Check(
        "twin-worlds",
        "Two tax files that agree on the answers send the same bytes, in the same files, of the same sizes.",
        "Non-interference",
        "The key that seals a package is drawn from the tax file.",
        "items asked in both worlds",
        twin_worlds.twin_worlds,
    ),
    Check(
        "timing",
        "When answers appear does not tell hits from misses, even where the gate itself takes longer for a hit.",
        "Non-interference; GOVERNANCE section 4",
        "An agreement without a schedule: answers leave as soon as they are ready.",
        "packages",
        timing.timing,
    ),
    Check(
        "mutation",
        "No other number, direction, street, suffix, unit, route, box, urbanization, city, state or ZIP Code of a "
        "confirmed address is confirmed.",
        "Address is necessary",
        _YES,
        "questions",
        questions.mutation,
    ),
    Check(
        "look-alikes",
        "Streets whose names look most alike are not confirmed for each other.",
        "Address is necessary",
        _YES,
        "questions",
        questions.look_alikes,
    ),
    Check(
        "namesakes",
        "Twins, parents of one name, others of one name and birth date, and strangers are not confirmed for a filer.",
        "Address is necessary; identities",
        _YES,
        "questions",
        families.namesakes,
    ),
    Check(
        "august",
        "The right person beside what stood in the file of August 2025 instead of an address is never confirmed.",
        "August replay",
        _YES,
        "questions",
        questions.august,
    ),
    Check(
        "junk",
        "A text that is no address is refused, whatever is written around it, and the index is not read for it.",
        "Registry-blind refusals",
        "A cleaner before the rules that puts a known address in the place of junk.",
        "texts",
        questions.junk,
    ),
    Check(
        "probing",
        "An attacker with M addresses for a person and every way of writing them learns about one: a hit in 1 of M.",
        "Budget",
        "The budget of addresses for each person is lifted.",
        "questions",
        bypasses.probing,
    ),
    Check(
        "budgets",
        "No limit on people, reasons or officers is exceeded by other spellings or over several packages.",
        "Budget",
        "The limits are lifted.",
        "questions",
        bypasses.budgets,
    ),
    Check(
        "canaries",
        "No name, number, reason or address is in any file of the gate, log, words and temporary files included, "
        "also after it was killed.",
        "Non-interference; Crash",
        "A step that writes down whom it works on.",
        "files searched",
        canaries.canaries,
    ),
    Check(
        "tamper",
        "Every changed byte, cut, loss, exchange of files and rewritten history in log and answers is found offline.",
        "Log",
        "A verifier that forgives whatever is wrong with a checkpoint.",
        "damages",
        logs.tamper,
    ),
    Check(
        "forks",
        "A custodian who holds the log's key cannot have a second history, or an older one, cosigned.",
        "Log; GOVERNANCE section 5",
        "A witness that has lost its memory.",
        "histories shown",
        logs.forks,
    ),
    Check(
        "kills",
        "A gate killed at any step ends with the same answers: each row decided once, nothing twice, nothing lost.",
        "Crash",
        "The log put back to what it was before the package.",
        "packages, each killed three times",
        killing.kills,
    ),
    Check(
        "failed-calls",
        "A gate that is refused any one change of its files, or killed before it, ends with the same answers.",
        "Crash",
        "A disk that says a file was put in place, and did not.",
        "changes refused, and kills before them",
        failed_calls.failed_calls,
    ),
    Check(
        "full-disks",
        "A gate whose disk was full at any place ends, with room, with the same answers; nothing is lost or cut off.",
        "Crash",
        "A refused write that was passed over: a file of the answers is cut off.",
        "disks that were full",
        full_disks.full_disks,
    ),
    Check(
        "growth",
        "Four times the items, or four times the tax file, cost no more than four times as much.",
        "Scale",
        "An index that costs by the square of the items.",
        "runs and builds measured",
        growth.growth,
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
        processor_seconds: of this process and of all that it started.
        is_begun: False where the time was over before it.
    """

    check: Check
    planted: bool
    tried: Tried
    seconds: float
    processor_seconds: float = 0.0
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
        told: which check, 0 where it begins and 1 where it ends, and 1.
        seconds: after which no further check begins; the first one makes the world.

    Raises:
        OperationalError: the machine cannot make the world, or failed in a check.
    """
    wanted = [check for check in CHECKS if check.name in names]
    home.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    try:
        stage: Stage | None = None
        for check in wanted:
            if time.perf_counter() - began >= seconds:
                yield Result(check, names[check.name], Tried(0), 0.0, is_begun=False)
                continue
            told(check.name, 0, 1)
            stage = stage or Stage.make(home, size.people, size.items, seed, now)
            result = _result(check, stage, size, names[check.name])
            told(check.name, 1, 1)
            yield result
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _result(check: Check, stage: Stage, size: Size, planted: bool) -> Result:
    """One check; what the gate refuses where the check expects none is a promise broken, and no end of the run.

    Raises:
        OperationalError: the machine failed, which tells nothing of the promise.
    """
    began, worked = time.perf_counter(), processor_seconds()
    try:
        tried = check.run(stage, size, planted)
    except OperationalError:
        raise
    except NarrowgateError as error:
        tried = Tried(1, [f"The check was ended by an error ({error.problem}): {error.what}"])
    return Result(check, planted, tried, time.perf_counter() - began, processor_seconds() - worked)
