"""Kill a gate in the middle, again and again, and see that what it then does is what it would have done."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from threading import Timer

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.entrypoints.assure.check import Size, Tried
from narrowgate.entrypoints.assure.stage import Quiet, Stage, TriedGate
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.run import Progress, run_package
from narrowgate.verify.world import verify_world

STEPS = ("5 ", "6 ", "8 ", "9 ", "10 ", "11 ", "12 ", "13 ")
"""Where a run is killed, by the beginning of the step's name."""

SAID = "said.txt"
"""What a gate that is killed has written to stdout and stderr, beside the gate."""

TEMPORARY = "temporary"
"""Its temporary directory, beside the gate."""


def kills(stage: Stage, size: Size, planted: bool) -> Tried:
    """A gate killed at any moment ends with the same answers: each row decided once, nothing twice, nothing lost."""
    chance = Random(stage.seed + 1)  # noqa: S311 - when to kill, nothing secret
    items = list(stage.items[: size.items])
    calm = stage.gate("calm", stage.agreement())
    expected = calm.ask("killed", items)
    broken: list[str] = []
    for number in range(size.rounds):
        gate = stage.gate("killed", stage.agreement())
        package_id = gate.package("killed", items)
        before = gate.home / "state-before"
        shutil.copytree(gate.settings.log, before)
        for step in chance.sample(STEPS, 3):
            run_and_kill(gate, "killed", Dying(step, chance.uniform(0, 0.05)))
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
        outcomes = [found.get(ordinal, Outcome.REFUSED) for ordinal in range(len(items))]
        if outcomes != expected:
            broken.append(f"Round {number + 1}: other answers than without a kill.")
    return Tried(size.rounds, broken, {"kills": 3 * size.rounds, "items": len(items)})


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


def run_and_kill(gate: TriedGate, name: str, progress: Dying) -> None:
    """A run of a package in a process of its own, which dies at a step, unless it does not come so far."""
    package = gate.home / f"package-{name}"
    arguments = (gate.settings, package, gate.stage.now, progress)
    process = get_context("spawn").Process(target=run_alone, args=arguments)
    process.start()
    process.join()


def run_alone(settings: GateSettings, package: Path, now: datetime, progress: Progress) -> None:
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
