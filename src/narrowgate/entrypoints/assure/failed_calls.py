"""Refuse a gate one change of its files after the other, or kill it there; run again, it ends with the same answers."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.token_process import TokenProcesses
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import NarrowgateError, OperationalError, UnavailableError
from narrowgate.entrypoints.assure.check import FULL, Size, Tried, every
from narrowgate.entrypoints.assure.copies import Copies, Tell
from narrowgate.entrypoints.assure.stage import Quiet, Stage, TriedGate
from narrowgate.entrypoints.bootstrap import opened_work
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
    founded = stage.gate("refusable", stage.agreement())
    package_id = founded.package(_PACKAGE, items)
    calm = founded.copied("unrefused")
    with Copies() as copies:
        calmly, *_ = _came_to(copies, [Refused(calm.settings, calm.home, 0, 0)], stage.now, False)
    if isinstance(calmly, str):
        return Tried(1, [calmly])
    expected = calm.answers(package_id)
    every_place = range(1, calmly.changes + 1)
    most = len(every_place) if size.cases >= FULL.cases else size.rounds
    places = every_place[:: every(every_place, most)]
    broken: list[str] = []
    met: Counter[str] = Counter()
    with Copies() as copies:
        for is_killed, at in product((False, True), range(0, len(places), _TOGETHER)):
            together = places[at : at + _TOGETHER]
            gates = [founded.copied(f"refused-{number}") for number in range(len(together))]
            errors = [_KILLED if is_killed else _FAULTS[(place + stage.seed) % 2] for place in together]
            wanted = [
                Refused(gate.settings, gate.home, place, error)
                for gate, place, error in zip(gates, together, errors, strict=True)
            ]
            came_to = _came_to(copies, wanted, stage.now, planted)
            for place, gate, came in zip(together, gates, came_to, strict=True):
                met[came.refused if isinstance(came, Came) else "unknown"] += 1
                if fault := _fault(came, gate, package_id, expected):
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


def _came_to(copies: Copies, wanted: Sequence[Refused], now: datetime, planted: bool) -> list[Came | str]:
    """What two runs of each came to, or how their process ended."""
    killed = {
        each.at: copies.run(run_killed, each, now)[1] for each in wanted if each.error == _KILLED and each.at
    }
    told, code = copies.run(run_refused, wanted, now, planted)
    came: list[Came | str] = []
    for each, (count, refused, again) in zip(wanted, told, strict=False):
        died = killed.get(each.at, 0)
        alive = refused if each.at not in killed else f"none: it ended with {died}"
        came.append(Came(count, _DIED if died == -signal.SIGKILL else alive, again))
    ended = f"The process ended with {code} and said nothing."
    return [*came, *[ended] * (len(wanted) - len(came))]


def run_killed(_tell: Tell, wanted: Refused, now: datetime) -> None:
    """What the process does that dies before its change."""
    _watched().begin(wanted)
    _problem(wanted, now)


def run_refused(tell: Tell, wanted: Sequence[Refused], now: datetime, planted: bool) -> None:
    """For each, a run that is refused its change, unless it was killed, and the same run again."""
    refusing = _watched()
    if planted:
        _lose_what_is_put_in_place([each.settings.answers for each in wanted])
    with diverted(lambda _: None), _kept_tokens(wanted) as tokens:
        for each in wanted:
            refused = ""
            refusing.begin(each)
            if each.error != _KILLED or not each.at:
                refused = _problem(each, now, tokens)
            count = refusing.end()
            again = _problem(each, now, tokens) if each.at else ""
            tell((count, refused, again))


@contextmanager
def _kept_tokens(wanted: Sequence[Refused]) -> Iterator[TokenProcesses]:
    """One process with the index key for all of them, as ``gate work`` keeps it from package to package."""
    tokens = TokenProcesses(wanted[0].settings.index_key, 1)
    try:
        yield tokens
    finally:
        tokens.close()


def _watched() -> Refusing:
    """What sees every change of files of this process from now on."""
    refusing = Refusing()
    sys.addaudithook(refusing)
    synced = os.fsync

    def fsync(file: int) -> None:
        refusing.change()
        synced(file)

    os.fsync = fsync  # type: ignore[assignment]
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


def _problem(gate_of: Refused, now: datetime, tokens: TokenProcesses | None = None) -> str:
    """The id of the problem that a run of the package ends with; empty where it is decided."""
    try:
        with opened_work(gate_of.settings, FixedClock(now), kept=tokens) as (gate, _):
            run_package(gate, PackageDirectory(gate_of.home / f"package-{_PACKAGE}"), Quiet())
    except NarrowgateError as error:
        return error.problem
    except OSError as error:
        return f"a system error {errno.errorcode.get(error.errno or 0, '')} without a problem id"
    return ""
