"""Give a gate a disk on which the package does not fit, then room, and see that nothing is lost or done twice."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import NarrowgateError, OperationalError, UnavailableError
from narrowgate.entrypoints.assure.check import Size, Tried
from narrowgate.entrypoints.assure.copies import Copies, Tell
from narrowgate.entrypoints.assure.small_disk import SmallDisk, used
from narrowgate.entrypoints.assure.stage import Quiet, Stage, TriedGate
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.run import run_package
from narrowgate.verify.world import verify_world

_MOST_ITEMS = 1_000
_MOST_SHARE = 0.8
"""Of the room that a package needs; with more, it may fit."""


class Needed(NamedTuple):
    """Bytes that a package needs, all together and in its longest file."""

    disk: int
    file: int


class Came(NamedTuple):
    """What a run on a small disk came to; ``full`` and ``again`` are the ids of problems, or empty."""

    is_mounted: bool
    full: str
    again: str


def full_disks(stage: Stage, size: Size, planted: bool) -> Tried:
    """A gate whose disk was full says so, and with room the same command ends with the same answers."""
    chance = Random(stage.seed + 3)  # noqa: S311 - how much room, nothing secret
    items = list(stage.items[: min(size.items, _MOST_ITEMS)])
    founded = stage.gate("fillable", stage.agreement())
    package_id = founded.package("full", items)
    calm = founded.copied("roomy")
    before = used(calm.home)
    calm.run("full")
    longest = max(path.stat().st_size for path in calm.settings.answers.rglob("*"))
    needed = Needed(used(calm.home) - before, longest)
    expected = calm.answers(package_id)
    broken: list[str] = []
    met: Counter[str] = Counter()
    with Copies() as copies:
        for number in range(-(-size.rounds // 2)):
            gate = founded.copied("full")
            share = chance.uniform(0, _MOST_SHARE)
            came, outcomes = _round(copies, gate, package_id, needed, share, planted)
            if isinstance(came, Came):
                met["full"] += bool(came.full)
                met["mounted" if came.is_mounted else "limited"] += 1
            fault = came if isinstance(came, str) else _fault(came, outcomes, expected)
            broken += [f"Round {number + 1}: {fault}"] if fault else []
    figures = {
        "disks that were full": met["full"],
        "disks mounted": met["mounted"],
        "limits on files, where none could be mounted": met["limited"],
        "items": len(items),
    }
    return Tried(met["full"] + len(broken), broken, figures)


def _fault(came: Came, outcomes: dict[int, Outcome] | str, expected: dict[int, Outcome]) -> str:
    """What is wrong with a round, in a sentence."""
    if came.full not in {"", OperationalError.problem, UnavailableError.problem}:
        return f"A full disk was told as the problem {came.full}."
    if came.again:
        return f"With room again, the same command ended with the problem {came.again}."
    if isinstance(outcomes, str):
        return outcomes
    return "" if outcomes == expected else "Other answers than on a disk with room."


def _round(
    copies: Copies, gate: TriedGate, package_id: str, needed: Needed, share: float, planted: bool
) -> tuple[Came | str, dict[int, Outcome] | str]:
    """What a run came to, or how its process ended, and what the officers read, or why they cannot."""
    arguments = (gate.settings, gate.home, gate.stage.now, needed, share)
    told, code = copies.run(run_on_a_small_disk, *arguments)
    if not told:
        return f"The process ended with {code} and said nothing.", {}
    came, outside = told[0]
    shutil.rmtree(gate.home)
    outside.rename(gate.home)
    if planted:
        _cut(gate.settings.answers / package_id)
    try:
        verify_world(gate.home)
        return came, gate.answers(package_id)
    except NarrowgateError as error:
        return came, error.what


def _cut(answers: Path) -> None:
    """What a refused write leaves that was passed over: half of the longest file."""
    longest = max(answers.iterdir(), key=lambda path: path.stat().st_size)
    longest.write_bytes(longest.read_bytes()[: longest.stat().st_size // 2])


def run_on_a_small_disk(
    tell: Tell, settings: GateSettings, home: Path, now: datetime, needed: Needed, share: float
) -> None:
    """What the process does: the gate is given the package on the full disk, and again with room."""
    disk = SmallDisk(home, 4 * needed.disk)
    disk.leave_room(int(share * needed.disk), int(share * needed.file))
    full = _problem(settings, home, now)
    disk.make_room()
    again = _problem(settings, home, now)
    tell((Came(disk.is_mounted, full, again), disk.leave()))


def _problem(settings: GateSettings, home: Path, now: datetime) -> str:
    """The id of the problem that a run of the package ends with; empty where it is decided."""
    try:
        with opened_gate(settings, FixedClock(now)) as gate:
            run_package(gate, PackageDirectory(home / "package-full"), Quiet())
    except NarrowgateError as error:
        return error.problem
    return ""
