"""Kill a gate in the middle, again and again, and see that what it then does is what it would have done."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Timer

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.entrypoints.assure.check import Size, Tried
from narrowgate.entrypoints.assure.copies import Copies, Tell
from narrowgate.entrypoints.assure.stage import Quiet, Stage, TriedGate
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.run import Progress, run_package
from narrowgate.verify.world import verify_world

_MOST_ITEMS = 1_000

STEPS = ("5 ", "6 ", "8 ", "9 ", "10 ", "11 ", "12 ", "13 ")
"""Where a run is killed, by the beginning of the step's name."""

SAID = "said.txt"
"""What a gate that is killed has written to stdout and stderr, beside the gate."""

UNMET = "The positive control failed: every gate had ended before its kill, so that nothing was tried."

TEMPORARY = "temporary"
"""Its temporary directory, beside the gate."""


def kills(stage: Stage, size: Size, planted: bool) -> Tried:
    """A gate killed at any moment ends with the same answers: each row decided once, nothing twice, nothing lost."""
    chance = Random(stage.seed + 1)  # noqa: S311 - when to kill, nothing secret
    items = list(stage.items[: min(size.items, _MOST_ITEMS)])
    founded = stage.gate("killable", stage.agreement())
    package_id = founded.package("killed", items)
    calm = founded.copied("calm")
    calm.run("killed")
    expected = calm.answers(package_id)
    broken: list[str] = []
    died = 0
    with Copies() as copies:
        for number in range(size.rounds):
            gate = founded.copied("killed")
            before = gate.home / "state-before"
            shutil.copytree(gate.settings.log, before)
            for step in chance.sample(STEPS, 3):
                died += run_and_kill(copies, gate, "killed", Dying(step, chance.uniform(0, 0.05)))
            if planted and gate.settings.log.exists():
                # What a careless restore does: the log as it was, and everything else as it is.
                shutil.rmtree(gate.settings.log)
                shutil.copytree(before, gate.settings.log)
            try:
                gate.run("killed")
                found = gate.answers(package_id)
                verify_world(gate.home)
            except NarrowgateError as error:
                broken.append(f"Round {number + 1}: {error.what}")
                continue
            if found != expected:
                broken.append(f"Round {number + 1}: other answers than without a kill.")
    if not died:
        broken.append(UNMET)
    figures = {"kills": 3 * size.rounds, "of which met a gate at work": died, "items": len(items)}
    return Tried(size.rounds, broken, figures)


class Dying(Quiet):
    """A progress that kills its process soon after a step has begun.

    Args:
        step: how the name of the step begins.
        after: seconds from its beginning.
        path: where it writes down whom it works on, and what; nowhere in a gate that is as it should be.
        text: what it writes.
    """

    def __init__(self, step: str, after: float, path: Path | None = None, text: str = "") -> None:
        self._step = step
        self._after = after
        self._path = path
        self._text = text

    def begin(self, step: str) -> None:
        """A step begins, perhaps the last one."""
        if self._path is not None:
            self._path.write_text(f"{step}: {self._text}\n", encoding="utf-8")
        if step.startswith(self._step):
            Timer(self._after, os.kill, (os.getpid(), signal.SIGKILL)).start()


def run_and_kill(copies: Copies, gate: TriedGate, name: str, progress: Dying) -> bool:
    """Whether a run of a package in a process of its own died at a step; it does not where it came not so far."""
    package = gate.home / f"package-{name}"
    _, code = copies.run(run_alone, gate.settings, package, gate.stage.now, progress)
    return code == -signal.SIGKILL


def run_alone(_tell: Tell, settings: GateSettings, package: Path, now: datetime, progress: Progress) -> None:
    """What the process does that is killed; what the gate refuses, the caller sees at the next run.

    What it says and what it puts into a temporary directory lies beside the gate.
    """
    said = os.open(package.parent / SAID, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(said, stream.fileno())
    temporary = package.parent / TEMPORARY
    temporary.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    with suppress(NarrowgateError), opened_gate(settings, FixedClock(now)) as gate:
        run_package(gate, PackageDirectory(package), progress)
