"""What the console shows, read from log, acts and queue: never a row, an outcome, or a count of outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from narrowgate.adapters.files.worker_progress import WorkerProgress, read_progress
from narrowgate.core.base.errors import InUseError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.in_force import InForce
from narrowgate.core.log.acts import LoggedAct
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk, books_of_files, books_over
from narrowgate.entrypoints.bootstrap import opened_release_desk
from narrowgate.entrypoints.checkup import check_gate, watch_gate
from narrowgate.entrypoints.finding import Finding, Verdict
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.entrypoints.web.kit.spans import Span, spans
from narrowgate.gate.ports import Clock, ReleaseStage
from narrowgate.gate.release import is_late
from narrowgate.governance.acts import Outcome, after_waiting, outcome
from narrowgate.governance.books import Books

AHEAD: Final = timedelta(days=30)
"""How far the time line goes on after today."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits.

    Args:
        worker: what ``gate work`` said last; ``None`` where it never ran.
        rows: package, slot and whether it is late; nothing where the gate is at work.
        released: packages whose answers are in place.
        is_busy: whether a gate at work holds the state, so that slots cannot be read now.
    """

    worker: WorkerProgress | None
    rows: tuple[tuple[str, str, bool], ...]
    released: int
    is_busy: bool


class View:
    """One gate as its console shows it: each look reads the files anew, and nothing is kept between two.

    Args:
        settings: of the gate.
        clock: asked at each look.
    """

    def __init__(self, settings: GateSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock

    def in_force(self) -> InForce:
        """What the signed log on disk says is in force; a gate may be at work.

        Raises:
            LogInconsistentError: a leaf is not the one that the signed tree holds.
        """
        return self._logged().in_force()

    def time_line(self) -> tuple[Span, ...]:
        """Everything that was put in force and every hold, from its act to its end, up to 30 days from now."""
        state, now = self.in_force(), self.clock.now()
        held = [
            (what, f"{placed.subject} (act {placed.number})", placed.start, placed.until)
            for what, every in state.placed.items()
            for placed in every
            if placed.sha256
        ]
        held += [
            ("hold", f"{scope} (act {placed.number})", placed.start, placed.until)
            for scope, placed in state.holds.items()
        ]
        return spans(held, now + AHEAD)

    def acts(self) -> list[dict[str, Any]]:
        """Every act of the log, the newest first."""
        return [
            {
                "number": entry.number,
                "kind": entry.kind.value,
                "subject": entry.subject,
                "time": format_time(entry.time),
            }
            for entry in reversed(list(self._logged().entries()))
            if isinstance(entry, LoggedAct)
        ]

    def proposed(self) -> list[Outcome]:
        """Acts that wait for signatures or their application, with what they would change in words."""
        books, now = books_of_files(self.settings), self.clock.now()
        before = after_waiting(books, now)
        return [
            outcome(books, before, books.files.proposal(number), now) for number in books.files.proposals()
        ]

    def handed_over(self) -> list[str]:
        """Acts that a gate at work is about to carry out."""
        books = books_of_files(self.settings)
        acts = [
            parse_act(books.files.waiting_act(number).data, "the act") for number in books.files.waiting()
        ]
        return [f"{act.number}: {act.kind} {act.subject}" for act in acts]

    def queue(self) -> Queue:
        """What waits, and for which slot; the log is held for a moment.

        Raises:
            ConfigurationError: the log's key cannot be read by this user.
        """
        worker = read_progress(self.settings.progress)
        now = self.clock.now()
        try:
            with opened_release_desk(self.settings, self.clock) as desk:
                waiting = desk.state.releases(ReleaseStage.WAITING)
                released = len(desk.state.releases(ReleaseStage.RELEASED))
        except InUseError:
            return Queue(worker, (), 0, is_busy=True)
        rows = tuple((one.package_id, format_time(one.slot), is_late(one, now)) for one in waiting)
        return Queue(worker, rows, released, is_busy=False)

    def alarms(self, queue: Queue) -> list[Finding]:
        """What is not in order or ends within 30 days: acts, lists, agreement, disks, a late run, the worker.

        No key is read for it, and no gate is kept from its work.

        Args:
            queue: as :meth:`queue` found it.
        """
        found = [
            each
            for each in watch_gate(self.settings, self.clock.now())
            if each.state in {Verdict.WARNING, Verdict.FAILED}
        ]
        found += [
            Finding(
                "release", Verdict.WARNING, f"{package} is late for the slot {slot}.", "Run 'release run'."
            )
            for package, slot, late in queue.rows
            if late
        ]
        if queue.worker and queue.worker.problem:
            found.append(Finding("worker", Verdict.FAILED, queue.worker.problem, "'gate work' says more."))
        return found

    def checkup(self) -> list[Finding]:
        """Everything that a check-up of the gate tries."""
        return list(check_gate(self.settings, self.clock.now()))

    def _logged(self) -> Books:
        return books_over(self.settings, acts_on_disk(self.settings), NothingRemembered())
