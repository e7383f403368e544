"""``gate work``: takes packages in one after the other, as long as it may, and tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from narrowgate.adapters.attendant import ThreadAttendant
from narrowgate.adapters.files.arrivals import DirectoryArrivals
from narrowgate.adapters.files.worker_progress import (
    ToldProgress,
    WorkerProgress,
    WorkerState,
    write_progress,
)
from narrowgate.adapters.state.work_lock import WorkLock, work_lock
from narrowgate.adapters.token_process import TokenProcesses
from narrowgate.core.base.errors import (
    ConfigurationError,
    InUseError,
    LogInconsistentError,
    NarrowgateError,
    OperationalError,
    SuspendedError,
)
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.core.base.times import format_time
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.entrypoints.bootstrap import opened_work, state_url
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import Event, Key, named
from narrowgate.entrypoints.observability.pulse import BeatingAttendant, Pulse
from narrowgate.entrypoints.observability.steps import JournalledSteps
from narrowgate.entrypoints.output import note, warn
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock
from narrowgate.gate.run import Progress
from narrowgate.gate.work import Worked, work_once

LOOK_SECONDS: Final = 1.0
"""Between two looks for a package while nothing waits."""

RETRY_SECONDS: Final = 10.0
"""Before what could not be decided is tried again."""

QUIET_SECONDS: Final = 30.0
"""After an entry in the log, before an idle worker looks whether another agreement is in force: acts come in series."""

BEGIN_EVERY: Final = 60
"""Seconds: under a schedule a package is taken up at a full minute, and not at the moment the one before it was done.

The time at which a package was taken up stands in its receipt, and tells how long the gate worked on the others.
"""

KEPT_SECONDS: Final = 600.0
"""After the last package, before the processes with the index key end: the next package of a busy hour finds them.

They can open nothing, and hold no record; but a key that is not needed is best in no memory.
"""

Ended = Callable[[float], bool]
"""Waits so many seconds, or less; whether the worker is to end."""


@dataclass(slots=True)
class Worker:
    """One worker of one gate.

    Args:
        settings: from ``gate.toml``.
        clock: asked at each turn.
        ended: waits, and says whether the worker is to end.
        journal: gets its lines; None where a person reads what it says.
        pulse: beats as long as the worker comes round.
    """

    settings: GateSettings
    clock: Clock
    ended: Ended
    journal: Journal | None = None
    pulse: Pulse = field(default_factory=lambda: Pulse(time.monotonic))
    _told: str = ""
    _queue: int = 0
    _was_open: bool = False
    _holds: bool = False
    _log_seen: float = 0.0
    _idle_told: float = float("-inf")
    _untold: list[tuple[int, Worked]] = field(default_factory=list)
    _kept: TokenProcesses | None = None
    _kept_at: float = 0.0

    def run(self) -> None:
        """Takes packages in until it is to end; where another worker is at it, waits to take its place.

        Raises:
            LogInconsistentError: stop and call.
            ConfigurationError: the settings cannot be used.
        """
        try:
            self._come_round()
        finally:
            self._forget_key()

    def _come_round(self) -> None:
        arrivals = DirectoryArrivals(self.settings.intake, self.settings.notices)
        while not self.ended(0):
            self.pulse.beat()
            try:
                with _refusals(), work_lock(state_url(self.settings)) as lock:
                    self._serve_alone(arrivals, lock)
            except InUseError as error:
                self._holds = False
                self._warn_once(error)  # the other one tells how far it is
                self.ended(RETRY_SECONDS)
            except NarrowgateError as error:
                if isinstance(error, LogInconsistentError) or self._is_misconfigured(error):
                    raise
                with suppress(OperationalError):  # a full disk holds no word of it either
                    self._tell(WorkerState.UNABLE, problem=error.problem)
                self._warn_once(error)
                self.ended(RETRY_SECONDS)
        self._tell_endings(arrivals, at_once=True)
        if self._holds:
            self._tell(WorkerState.ENDED)

    def run_once(self) -> list[Worked]:
        """What waits now is decided or refused; what was done, in order.

        Raises:
            InUseError: another worker is at it.
            SuspendedError: a hold stops the package that was begun.
            NarrowgateError: whatever else keeps the gate from deciding.
        """
        arrivals = DirectoryArrivals(self.settings.intake, self.settings.notices)
        done = []
        with work_lock(state_url(self.settings)) as lock:
            try:
                with _refusals():
                    while (worked := self._turn(arrivals, lock)) is not None:
                        done.append(worked)
            except NarrowgateError as error:
                lock.require_held()
                self._tell(WorkerState.UNABLE, problem=error.problem)
                raise
            finally:
                self._forget_key()
            lock.require_held()
            self._tell(WorkerState.ENDED)
        if self.journal is not None:
            self._tell_endings(arrivals, at_once=True)
        return done

    def _serve_alone(self, arrivals: DirectoryArrivals, lock: WorkLock) -> None:
        """Whatever failed because another worker has taken over meanwhile, failed because of that."""
        try:
            with _refusals():
                self._serve(arrivals, lock)
            lock.require_held()
            self._tell(WorkerState.ENDED)
            self._holds = False
        except NarrowgateError:
            lock.require_held()
            raise

    def _serve(self, arrivals: DirectoryArrivals, lock: WorkLock) -> None:
        """Turns until the worker is to end."""
        self._holds = True
        # The first turn opens the gate in any case: a package may have begun, and the terms are told.
        looked = False
        while not self.ended(0):
            lock.require_held()
            self.pulse.beat()
            self._tell_endings(arrivals)
            waits = bool(arrivals.waiting())
            if looked and not waits and not self._may_be_amended():
                self._told_idle()
                if time.monotonic() - self._kept_at >= KEPT_SECONDS:
                    self._forget_key()
                self.ended(LOOK_SECONDS)
                continue
            if looked and waits and not self._is_minute(arrivals):
                continue
            looked = self._try(arrivals, lock) or looked

    def _may_be_amended(self) -> bool:
        """Whether the log has grown since the last turn, and been quiet: another agreement may be in force."""
        newest = self._log_time()
        settled = self.clock.now().timestamp() - newest >= QUIET_SECONDS
        return settled and newest != self._log_seen

    def _log_time(self) -> float:
        return (self.settings.log / CHECKPOINT).stat().st_mtime

    def _try(self, arrivals: DirectoryArrivals, lock: WorkLock) -> bool:
        """Whether the gate could be opened and did what it was to."""
        try:
            self._turn(arrivals, lock)
        except InUseError:
            self.ended(LOOK_SECONDS)  # a release is being made, or an act applied
            return False
        except SuspendedError as error:
            self._tell(WorkerState.SUSPENDED, problem=error.problem)
            self._warn_once(error)
            self.ended(RETRY_SECONDS)
            return False
        self._told = ""
        return True

    def _turn(self, arrivals: DirectoryArrivals, lock: WorkLock) -> Worked | None:
        lock.require_held()
        self._queue = len(arrivals.waiting())
        attendant = BeatingAttendant(ThreadAttendant(), self.pulse)
        with (
            self._keys() as kept,
            opened_work(self.settings, self.clock, attendant, kept) as (gate, fence),
        ):
            self._was_open = True
            worked = work_once(gate, arrivals.behind(fence), partial(self._watch, lock))
        self._log_seen = self._log_time()
        if worked is not None:
            self._untold.append((self._minute(), worked))
        return worked

    @contextmanager
    def _keys(self) -> Iterator[TokenProcesses]:
        """The processes with the index key; whatever goes wrong, the next turn reads it anew: it may be another one."""
        if self._kept is None:
            self._kept = TokenProcesses(self.settings.index_key, self.settings.workers)
        try:
            yield self._kept
        except BaseException:
            self._forget_key()
            raise
        self._kept_at = time.monotonic()

    def _forget_key(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _tell_endings(self, arrivals: DirectoryArrivals, *, at_once: bool = False) -> None:
        """What was done is told, under a schedule with the next full minute.

        The moment itself would tell how long the look into the tax records took.
        """
        at_once = at_once or not self._is_scheduled(arrivals)
        told = [each for each in self._untold if at_once or each[0] != self._minute()]
        for each in told:
            self._untold.remove(each)
            _, worked = each
            if self.journal is None:
                note(f"{worked.package_id}: {worked.ending}.")
            else:
                known = {Key.PACKAGE: named(worked.package_id), Key.ENDING: worked.ending}
                self.journal.write(Event.PACKAGE, known)

    def _minute(self) -> int:
        return int(self.clock.now().timestamp()) // BEGIN_EVERY

    def _watch(self, lock: WorkLock, package_id: str, office: str) -> Progress:
        def tell(step: str, done: int, total: int) -> None:
            lock.require_held()  # one that was overtaken does not speak for the one that works
            self._tell(
                WorkerState.WORKING,
                package_id=package_id,
                office=office,
                step=step,
                done=done,
                total=total,
            )

        told = ToldProgress(tell, time.monotonic)
        if self.journal is None:
            return told
        return JournalledSteps(told, self.journal, package_id, office, time.monotonic)

    def _is_scheduled(self, arrivals: DirectoryArrivals) -> bool:
        terms = arrivals.terms()
        return terms is not None and bool(terms.release.schedule)

    def _is_minute(self, arrivals: DirectoryArrivals) -> bool:
        """Whether a package may be taken up; waits where it may not."""
        if not self._is_scheduled(arrivals):
            return True
        left = -int(self.clock.now().timestamp()) % BEGIN_EVERY
        if left:
            self.ended(min(left, LOOK_SECONDS))
        return not left

    def _is_misconfigured(self, error: NarrowgateError) -> bool:
        """Whether nothing can come of trying again: the gate was never open."""
        return isinstance(error, ConfigurationError) and not self._was_open

    def _warn_once(self, error: NarrowgateError) -> None:
        if error.what != self._told:
            warn(str(error), error.problem)
        self._told = error.what

    def _told_idle(self) -> None:
        self._queue = 0
        if time.monotonic() - self._idle_told >= RETRY_SECONDS:
            self._tell(WorkerState.IDLE)
            self._idle_told = time.monotonic()

    def _tell(self, state: WorkerState, **told: object) -> None:
        self._idle_told = float("-inf")
        progress = WorkerProgress(state, format_time(self.clock.now()), self._queue)
        write_progress(self.settings.progress, replace(progress, **told))  # type: ignore[arg-type]


@contextmanager
def _refusals() -> Iterator[None]:
    """What the system refuses is a failure of ours, after which the worker tries again; a reader that has gone is not.

    Raises:
        OperationalError: the system refused.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise refused_by_system(error, "The system refused what the gate needs.") from error


@contextmanager
def until_signalled() -> Iterator[Ended]:
    """A wait that a request to end cuts short; a package under way is finished first, or goes on at the next start."""
    import signal  # noqa: PLC0415 - only a process of its own changes its signals
    import threading  # noqa: PLC0415

    event = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: event.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield event.wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
