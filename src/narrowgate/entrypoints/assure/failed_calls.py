"""Refuse a gate one change of its files after the other, or kill it there; run again, it ends with the same answers."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
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
_PACKAGE = "refused"
_TOGETHER = 10
"""Gates in one process, which costs more than a run does."""
_DIED: Final = "killed"
_ALLOWED = frozenset(("", OperationalError.problem, UnavailableError.problem))
_FAULTS: Final = (errno.EIO, errno.ENOSPC)
_KILLED: Final = 0
"""In the place of an error number: the process dies before the change."""


def failed_calls(stage: Stage, size: Size, planted: bool) -> Tried:
    """Whatever change of files the machine refuses, the gate says so, and the same command then ends the work.

    A gate that is killed before a change says nothing, and the same command ends the work too.
    """
    items = list(stage.items[: min(size.items, _MOST_ITEMS)])
    calm = stage.gate("unrefused", stage.agreement())
    package_id = calm.package(_PACKAGE, items)
    calmly, *_ = _in_a_process(run_refused, [Refused(calm.settings, calm.home, 0, 0)], stage.now, False)
    if isinstance(calmly, str):
        return Tried(1, [calmly])
    expected = calm.answers(package_id)
    every_place = range(1, calmly.changes + 1)
    most = len(every_place) if size.cases >= FULL.cases else size.rounds
    places = every_place[:: every(every_place, most)]
    broken: list[str] = []
    met: Counter[str] = Counter()
    for is_killed in (False, True):
        for at in range(0, len(places), _TOGETHER):
            together = places[at : at + _TOGETHER]
            gates = [stage.gate(f"refused-{number}", stage.agreement()) for number in range(len(together))]
            ids = [gate.package(_PACKAGE, items) for gate in gates]
            errors = [_KILLED if is_killed else _FAULTS[(place + stage.seed) % 2] for place in together]
            wanted = [
                Refused(gate.settings, gate.home, place, error)
                for gate, place, error in zip(gates, together, errors, strict=True)
            ]
            came_to = _in_a_process(run_killed if is_killed else run_refused, wanted, stage.now, planted)
            for place, gate, named, came in zip(together, gates, ids, came_to, strict=True):
                met[came.refused if isinstance(came, Came) else "unknown"] += 1
                if fault := _fault(came, gate, named, expected):
                    broken.append(f"Change {place}{', killed before it' if is_killed else ''}: {fault}")
    figures = {
        "changes of files in one run, and syncs": calmly.changes,
        "of these refused": len(places),
        "runs that ended with an error": sum(met[problem] for problem in _ALLOWED if problem),
        "changes before which the gate was killed": met[_DIED],
        "items": len(items),
    }
    return Tried(2 * len(places), broken, figures)


class Refused(NamedTuple):
    """A gate that is refused something.

    Args:
        settings: of the gate.
        home: of the gate, with the package beside it.
        at: which change is refused, from 1 on; none at 0.
        error: with which number (``errno``), or ``_KILLED``.
    """

    settings: GateSettings
    home: Path
    at: int
    error: int


class Came(NamedTuple):
    """What the two runs came to.

    Args:
        changes: of files that the first run came to.
        refused: the problem that it ended with, ``_DIED`` where it was killed, or nothing.
        again: the problem that the second one ended with, or nothing.
    """

    changes: int
    refused: str
    again: str


def _fault(came: Came | str, gate: TriedGate, package_id: str, expected: dict[int, Outcome]) -> str:
    """What is wrong, in a sentence; nothing where nothing is."""
    if isinstance(came, str):
        return came
    if came.refused not in {*_ALLOWED, _DIED}:
        return f"It was told as the problem {came.refused}."
    if came.again:
        return f"Run again, the same command ended with the problem {came.again}."
    try:
        verify_world(gate.home)
        found = gate.answers(package_id)
    except NarrowgateError as error:
        return error.what
    return "" if found == expected else "Other answers than of a gate that was refused nothing."


def _in_a_process(
    run: Callable[[Sequence[Refused], datetime, bool, Connection], None],
    wanted: Sequence[Refused],
    now: datetime,
    planted: bool,
) -> list[Came | str]:
    """What two runs of each came to, all in one process of their own, or how it ended."""
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=run, args=(wanted, now, planted, theirs))
    process.start()
    theirs.close()
    came: list[Came | str] = []
    try:
        for _ in wanted:
            came.append(Came(*ours.recv()))  # noqa: PERF401 - what came before the process died is kept
    except EOFError:
        process.join()
    process.join()
    ended = f"The process ended with {process.exitcode} and said nothing."
    return [*came, *[ended] * (len(wanted) - len(came))]


def run_refused(wanted: Sequence[Refused], now: datetime, planted: bool, told: Connection) -> None:
    """What the process does: for each, a run that is refused its change, and the same run again."""
    refusing = _watched(wanted, planted)
    with diverted(lambda _: None):
        for each in wanted:
            refusing.begin(each)
            refused = _problem(each, now)
            count = refusing.end()
            again = _problem(each, now) if each.at else ""
            told.send((count, refused, again))


def run_killed(wanted: Sequence[Refused], now: datetime, planted: bool, told: Connection) -> None:
    """What the process does: for each, a run in a copy of itself that dies before its change, and the same run again.

    It runs no gate itself: a copy of a process with an engine's threads would hold the engine's locks.
    """
    refusing = _watched(wanted, planted)
    with diverted(lambda _: None):
        for each in wanted:
            refusing.begin(each)
            ended = _in_a_copy(partial(_problem, each, now))
            refusing.end()
            if ended != -signal.SIGKILL:
                told.send((each.at, "", f"none: it was not killed and ended with {ended}"))
            elif ended := _in_a_copy(partial(_run_and_tell, each, now, told)):
                told.send((each.at, _DIED, f"none: the process ended with {ended}"))


def _run_and_tell(killed: Refused, now: datetime, told: Connection) -> None:
    """What a gate that was killed comes to, run again."""
    told.send((killed.at, _DIED, _problem(killed, now)))


def _in_a_copy(do: Callable[[], object]) -> int:
    """How a copy of this process ended that did this: 0, or less by the signal that killed it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        do()
        code = 0
    finally:
        os._exit(code)  # what the process it is a copy of does at its end is not done twice


def _watched(wanted: Sequence[Refused], planted: bool) -> Refusing:
    """What sees every change of files of this process from now on."""
    refusing = Refusing()
    sys.addaudithook(refusing)
    synced = os.fsync

    def fsync(file: int) -> None:
        refusing.change()
        synced(file)

    os.fsync = fsync  # type: ignore[assignment]
    if planted:
        _lose_what_is_put_in_place([each.settings.answers for each in wanted])
    return refusing


class Refusing:
    """Counts the changes of files below a directory, and refuses one of them."""

    def __init__(self) -> None:
        self._count = 0
        self._wanted: Refused | None = None

    def begin(self, wanted: Refused) -> None:
        """The changes of this gate are counted from 1."""
        self._count, self._wanted = 0, wanted

    def end(self) -> int:
        """Nothing is counted or refused any more; returns the count."""
        self._wanted = None
        return self._count

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python is about to do something."""
        if self._wanted is None:
            return
        if event == "open":
            if not isinstance(arguments[2], int) or not arguments[2] & (os.O_WRONLY | os.O_RDWR):
                return
        elif event not in CHANGES:
            return
        if isinstance(arguments[0], int) or os.fspath(arguments[0]).startswith(str(self._wanted.home)):
            self.change()

    def change(self) -> None:
        """Something is about to be changed.

        Raises:
            OSError: this is the one.
        """
        if self._wanted is None:
            return
        self._count += 1
        if self._count == self._wanted.at:
            if self._wanted.error == _KILLED:
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(self._wanted.error, os.strerror(self._wanted.error))


def _lose_what_is_put_in_place(answers: Sequence[Path]) -> None:
    """The planted disk: it says that answers were put in place, and they were not."""
    kept = tuple(map(str, answers))
    for name in ("rename", "replace"):
        real = getattr(os, name)

        def lost(source: Any, target: Any, *, real: Any = real, **options: Any) -> None:
            if not os.fspath(target).startswith(kept):
                real(source, target, **options)

        setattr(os, name, lost)


def _problem(gate_of: Refused, now: datetime) -> str:
    """The id of the problem that a run of the package ends with; empty where it is decided."""
    try:
        with opened_gate(gate_of.settings, FixedClock(now)) as gate:
            run_package(gate, PackageDirectory(gate_of.home / f"package-{_PACKAGE}"), Quiet())
    except NarrowgateError as error:
        return error.problem
    except OSError as error:
        return f"a system error {errno.errorcode.get(error.errno or 0, '')} without a problem id"
    return ""
