"""Refuse a gate one change of its files after the other, and see that, run again, it ends with the same answers."""

from __future__ import annotations

import errno
import os
import sys
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import NarrowgateError, OperationalError, UnavailableError
from narrowgate.entrypoints.assure.check import FULL, Size, Tried, every
from narrowgate.entrypoints.assure.stage import Quiet, Stage, TriedGate
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.output import diverted
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.run import run_package
from narrowgate.verify.world import verify_world

CHANGES: Final = frozenset(
    ("os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "os.utime")
)
"""Audit events of Python (PEP 578) that come before a change of files; ``open`` for writing is looked at by itself."""

_MOST_ITEMS = 60
_ALLOWED = frozenset(("", OperationalError.problem, UnavailableError.problem))
_FAULTS: Final = (errno.EIO, errno.ENOSPC)


def failed_calls(stage: Stage, size: Size, planted: bool) -> Tried:
    """Whatever change of files the machine refuses, the gate says so, and the same command then ends the work."""
    items = list(stage.items[: min(size.items, _MOST_ITEMS)])
    calm = stage.gate("unrefused", stage.agreement())
    package_id = calm.package("refused", items)
    calmly = _in_a_process(calm, 0, False)
    if isinstance(calmly, str):
        return Tried(1, [calmly])
    expected = calm.answers(package_id)
    places = range(1, calmly.changes + 1)
    most = len(places) if size.cases >= FULL.cases else size.rounds
    broken: list[str] = []
    met = 0
    for place in places[:: every(places, most)]:
        gate = stage.gate("refused", stage.agreement())
        package_id = gate.package("refused", items)
        came = _in_a_process(gate, place, planted)
        met += isinstance(came, Came) and bool(came.refused)
        if fault := _fault(came, gate, package_id, expected):
            broken.append(f"Change {place}: {fault}")
    tried = len(places[:: every(places, most)])
    figures = {
        "changes of files in one run, and syncs": calmly.changes,
        "of these refused": tried,
        "runs that ended with an error": met,
        "items": len(items),
    }
    return Tried(tried, broken, figures)


class Came(NamedTuple):
    """What the two runs came to.

    Args:
        changes: of files that the first run came to.
        refused: the problem that it ended with, or nothing.
        again: the problem that the second one ended with, or nothing.
    """

    changes: int
    refused: str
    again: str


def _fault(came: Came | str, gate: TriedGate, package_id: str, expected: dict[int, Outcome]) -> str:
    """What is wrong, in a sentence; nothing where nothing is."""
    if isinstance(came, str):
        return came
    if came.refused not in _ALLOWED:
        return f"It was told as the problem {came.refused}."
    if came.again:
        return f"Run again, the same command ended with the problem {came.again}."
    try:
        verify_world(gate.home)
        found = gate.answers(package_id)
    except NarrowgateError as error:
        return error.what
    return "" if found == expected else "Other answers than of a gate that was refused nothing."


def _in_a_process(gate: TriedGate, at: int, planted: bool) -> Came | str:
    """What two runs came to in a process of their own, or how it ended."""
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    arguments = (gate.settings, gate.home, gate.stage.now, at, planted, theirs)
    process = get_context("spawn").Process(target=run_refused, args=arguments)
    process.start()
    theirs.close()
    try:
        return Came(*ours.recv())
    except EOFError:
        process.join()
        return f"The process ended with {process.exitcode} and said nothing."
    finally:
        process.join()


def run_refused(
    settings: GateSettings, home: Path, now: datetime, at: int, planted: bool, told: Connection
) -> None:
    """What the process does: a run that is refused its change number ``at`` (none at 0), and the same run again."""
    if planted:
        _lose_what_is_put_in_place(settings.answers)
    refusing = Refusing(at, str(home))
    sys.addaudithook(refusing)
    synced = os.fsync

    def fsync(file: int) -> None:
        refusing.change()
        synced(file)

    os.fsync = fsync  # type: ignore[assignment]
    with diverted(lambda _: None):
        refused = _problem(settings, home, now)
        refusing.is_over = True
        again = _problem(settings, home, now) if at else ""
    told.send((refusing.count, refused, again))


class Refusing:
    """Counts the changes of files below a directory, and refuses one of them.

    Args:
        at: which, from 1 on.
        directory: below which it counts.
    """

    def __init__(self, at: int, directory: str) -> None:
        self.count = 0
        self.is_over = False
        self._at = at
        self._directory = directory

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python is about to do something."""
        if event == "open":
            if not isinstance(arguments[2], int) or not arguments[2] & (os.O_WRONLY | os.O_RDWR):
                return
        elif event not in CHANGES:
            return
        if isinstance(arguments[0], int) or os.fspath(arguments[0]).startswith(self._directory):
            self.change()

    def change(self) -> None:
        """Something is about to be changed.

        Raises:
            OSError: this is the one.
        """
        if self.is_over:
            return
        self.count += 1
        if self.count == self._at:
            kind = _FAULTS[self._at % len(_FAULTS)]
            raise OSError(kind, os.strerror(kind))


def _lose_what_is_put_in_place(answers: Path) -> None:
    """The planted disk: it says that answers were put in place, and they were not."""
    for name in ("rename", "replace"):
        real = getattr(os, name)

        def lost(source: Any, target: Any, *, real: Any = real, **options: Any) -> None:
            if not os.fspath(target).startswith(str(answers)):
                real(source, target, **options)

        setattr(os, name, lost)


def _problem(settings: GateSettings, home: Path, now: datetime) -> str:
    """The id of the problem that a run of the package ends with; empty where it is decided."""
    try:
        with opened_gate(settings, FixedClock(now)) as gate:
            run_package(gate, PackageDirectory(home / "package-refused"), Quiet())
    except NarrowgateError as error:
        return error.problem
    except OSError as error:
        return f"a system error {errno.errorcode.get(error.errno or 0, '')} without a problem id"
    return ""
