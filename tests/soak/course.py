"""One course of a soak: moves drawn by chance on one kind of state, until the time is over, and what it came to."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final
from unittest import mock

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.log.leaf import PACKAGE_DECIDED, PACKAGE_RELEASED
from narrowgate.entrypoints import bootstrap
from narrowgate.entrypoints.assure.small_disk import SmallDisk
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.log_directory import verify_log
from soak.disasters import Disasters, processes_left
from soak.watch import Watch
from soak.worlds import OVER, PLAIN, Rotations, new_gate, new_keys, publish_list, run
from support.all_parties import OFFICES, Model, bootstrap_tokens
from support.commanded_parties import CommandedParties
from support.moves import SCOPES, Moves
from support.release_world import TurnedClock

PLANTS: Final = ("leak", "descriptors", "leftover", "lost")
"""What a test plants, so that the soak must fail."""

MINUTES: Final = (1, 9, 11, 50, 61, 200, 1_500)
_LONG_WAIT_DAYS = 8
_LIFE_DAYS: Final = 40
"""The case file says that the address was verified 20 days before the sandbox was made; after 90 it is refused (R-19).

The last gate of a sandbox may go on for some weeks.
"""

_MOVES_OF_A_LOG: Final = (60, 160)
_LEAK_BYTES: Final = 8 << 20
_KEPT: Final = 40


@dataclass
class Course:
    """Plays, and looks at itself while it does.

    Args:
        store: ``sqlite`` or ``postgresql``.
        seed: of every choice.
        home: empty, on ``disk``.
        disk: that can be made too small.
        database: an empty database for each gate; none where the state is a file.
        is_over: asked after every move, with how many there were.
        planted: of ``PLANTS``.
        start: aware UTC time at which the course begins.
    """

    store: str
    seed: int
    home: Path
    disk: SmallDisk
    database: Callable[[str], str]
    is_over: Callable[[int], bool]
    planted: frozenset[str]
    start: TurnedClock
    moves: int = 0
    met: Counter[str] = field(default_factory=Counter)
    watch: Watch = field(default_factory=Watch)
    faults: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    days: float = 0.0
    seconds: float = 0.0
    _gates: int = 0
    _leak: list[object] = field(default_factory=list)

    def play(self) -> None:
        """Until the time is over; the first thing that is not as it should be ends it."""
        self.chance = Random(self.seed)  # noqa: S311 - which move, nothing secret
        self.clock = TurnedClock(self.start.at)
        began = time.perf_counter()
        with self._surroundings():
            try:
                while not self.faults and not self.is_over(self.moves):
                    self._life()
            except (AssertionError, NarrowgateError, OSError) as error:
                self.faults.append(f"After {self.moves} moves ({self.last[-1]}): {error}")
        self.seconds = time.perf_counter() - began
        self.days = (self.clock.at - self.start.at).total_seconds() / 86_400
        self.faults += self.watch.faults()

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        """The virtual clock, the index key in this process, and temporary files where they are counted."""
        temporary = self.home / "temporary"
        temporary.mkdir()
        with (
            mock.patch.object(SystemClock, "now", self.clock.now),
            mock.patch.object(bootstrap, "token_processes", bootstrap_tokens),
            mock.patch.dict(os.environ, {"TMPDIR": str(temporary)}),
            mock.patch("tempfile.tempdir", str(temporary)),
        ):
            yield

    def _life(self) -> None:
        """The keys of a year, and the gates that have them."""
        life = self.home / "life"
        life.mkdir()
        self.last = ["a sandbox is made"]
        ends = self.clock.at + timedelta(days=_LIFE_DAYS)
        new_keys(life)
        before: Path | None = None
        while not self.faults and not self.is_over(self.moves) and self.clock.at < ends:
            self._gates += 1
            self._note("a gate is founded")
            last = before
            before = new_gate(life, self._gates, last, self.database(f"gate_{self._gates}"), self.clock.at)
            _Gate(self, life, before, last).play(self.chance.randint(*_MOVES_OF_A_LOG))
        if not self.faults:  # otherwise it is evidence
            shutil.rmtree(life)

    def _note(self, move: str) -> None:
        self.last = [*self.last[-_KEPT:], move]


class _Gate:
    """One gate from its founding until its log ends."""

    def __init__(self, course: Course, life: Path, place: Path, before: Path | None) -> None:
        self.course = course
        self.before = before
        self.chance = course.chance
        self.clock = course.clock
        self.model = Model(self.clock.at)
        self.parties = CommandedParties(place, self.clock, case_file=PLAIN)
        self.moves = Moves(self.parties, self.model)
        self.disasters = Disasters(self.chance, course.home, course.disk, self.clock, course.met)
        self.rotations = Rotations(self.parties, life, self.chance, self.clock)
        self.decided: set[str] = set()
        self.released: set[str] = set()
        self.over: set[str] = set()
        self.listed = self.clock.at

    def play(self, most: int) -> None:
        """So many moves, or until the time is over; then everything is settled and compared."""
        self._ask()  # the first question; every other address of the person is over the budget
        for _ in range(most):
            if self.course.is_over(self.course.moves):
                break
            move = self.chance.choices(list(self._table), list(self._table.values()))[0]
            self._disaster(move)
            self.course._note(move)
            getattr(self, f"_{move}")()
            self._after()
        self._settle()
        self.course.met.update(
            {f"the gate said: {said}": n for said, n in self.moves.seen.items() if said != "left"}
        )
        self.course.met.update(
            {"packages decided": len(self.decided), "packages released": len(self.released)}
        )

    _table: Final = {
        "ask": 14,
        "ask_over_budget": 4,
        "ask_again": 4,
        "spoil": 3,
        "wait": 10,
        "slot": 14,
        "hold": 3,
        "lift": 4,
        "switch": 3,
        "agreement": 2,
        "free": 6,
        "end": 2,
        "timer": 4,
        "cosign": 5,
        "inspect": 2,
        "forget": 1,
        "retention": 1,
        "rotate": 2,
    }
    """Moves and how often each is drawn."""

    def _disaster(self, move: str) -> None:
        """Now and then something befalls the next command that writes to the gate."""
        drawn = self.chance.random()
        if move not in {"inspect", "cosign", "wait", "spoil", "forget"}:
            if drawn < 0.08:
                self.parties.disturbance = self.disasters.kill
            elif drawn < 0.2:
                self.parties.disturbance = self.disasters.fill

    def _after(self) -> None:
        """What must hold after every move."""
        course = self.course
        self.parties.disturbance = None
        self.moves.nothing_is_in_place_but_what_left()
        self.released |= set(self.model.left)
        course.moves += 1
        if self.clock.at > self.listed + timedelta(days=1):
            self.listed = self.clock.at
            publish_list(self.parties.world, self.clock.at)
        if "leak" in course.planted:
            course._leak.append(bytearray(os.urandom(1024)) * (_LEAK_BYTES >> 10))
        if "descriptors" in course.planted:
            course._leak.append(os.open(os.devnull, os.O_RDONLY))
        course.watch.look(course.moves)

    def _ask(self) -> None:
        self._keep(self.moves.a_question_is_asked(self.chance.choice(OFFICES)))

    def _ask_over_budget(self) -> None:
        self.parties.case_file = OVER
        asked = self.moves.a_question_is_asked(self.chance.choice(OFFICES))
        self.parties.case_file = PLAIN
        self.over.add(asked)
        self._keep(asked)

    def _keep(self, package_id: str) -> None:
        if package_id in self.model.waiting:
            self.decided.add(package_id)

    def _one(self) -> str | None:
        known = list(self.model.asked)
        return self.chance.choice(known) if known else None

    def _ask_again(self) -> None:
        if package_id := self._one():
            self.moves.gate_takes(package_id)
            self._keep(package_id)

    def _spoil(self) -> None:
        """A package whose signature does not fit is refused whole, which the log says."""
        package_id = self.parties.ask(f"spoilt-{self.course.moves}", self.chance.choice(OFFICES))
        place = self.parties.places.pop(package_id)
        signature = place / "manifest.json.p7s"
        data = bytearray(signature.read_bytes())
        data[-self.chance.randint(1, 20)] ^= 1 << self.chance.randrange(8)
        signature.write_bytes(data)
        config = ("--config", self.parties.world)
        self.parties.run("gate", "run", place, *config, codes=(12,) if self.model.agreed else (16,))
        if self.model.agreed:
            self.model.refused.add(package_id)

    def _wait(self) -> None:
        long = self.chance.random() < 0.05
        self.moves.time_is(
            timedelta(days=_LONG_WAIT_DAYS) if long else timedelta(minutes=self.chance.choice(MINUTES))
        )

    def _slot(self) -> None:
        if self.model.waiting:
            before = set(self.model.left)
            minutes = self.chance.choice((0, 0, 5, 10, 11))
            self.moves.a_slot_comes(timedelta(minutes=minutes), self.chance.random() < 0.7)
            self._read(set(self.model.left) - before)

    def _read(self, arrived: set[str]) -> None:
        """An officer opens answers that came just now; what is over the budget was refused."""
        for package_id in sorted(arrived, key=list(self.model.asked).index)[:1]:
            expected = "REFUSED" if package_id in self.over else "CONFIRMED"
            found = self.parties.outcomes(package_id)
            assert found == [expected], (package_id, found, expected)
            self.course.met[f"answers read: {expected}"] += 1

    def _hold(self) -> None:
        self.moves.one_officer_holds(self.chance.choice(SCOPES), self.chance.choice((1, 2, 3)))

    def _lift(self) -> None:
        self.moves.a_hold_is_lifted(self.chance.choice(SCOPES), self.chance.choice(((1,), (1, 3), (2, 3))))

    def _switch(self) -> None:
        officers = self.chance.choice(((1,), (3, 2)))
        self.moves.an_office_is_switched(self.chance.choice(OFFICES), officers, self.chance.random() < 0.5)

    def _agreement(self) -> None:
        self.moves.the_agreement_is_switched(self.chance.choice(((1,), (3, 2))), self.chance.random() < 0.5)

    def _free(self) -> None:
        self.moves.two_officers_release_everything()

    def _end(self) -> None:
        if package_id := self._one():
            self.moves.a_package_is_ended(package_id, self.chance.choice(((1,), (1, 2))))

    def _timer(self) -> None:
        self.moves.the_timer_calls()

    def _cosign(self) -> None:
        self.moves.the_witness_cosigns()

    def _inspect(self) -> None:
        self.moves.the_inspector_comes()

    def _forget(self) -> None:
        self.moves.the_state_forgets_the_acts()

    def _retention(self) -> None:
        self.parties.run("gate", "retention", "--config", self.parties.world, codes=(0, 3))

    def _rotate(self) -> None:
        """A key is replaced while nothing waits."""
        self._calm()
        self.moves.time_is(timedelta(seconds=1))  # an index of the same second would not be a newer one
        what = self.chance.choice(("office_key", "index_key", "custody_officer"))
        replaced = getattr(self.rotations, what)()
        self.course.met[f"rotated: {what.replace('_', ' ')}"] += 1
        if replaced is not None:
            # What the old key signed, or names the old agreement and was not decided, is refused from here on.
            ended = {*self.model.left, *self.model.ended}
            self.model.asked = {
                name: asked
                for name, asked in self.model.asked.items()
                if asked[0] != replaced and name in ended
            }

    def _calm(self) -> None:
        """Nothing is held, and nothing waits."""
        self.moves.two_officers_release_everything()
        while self.model.waiting:
            self.moves.a_slot_comes(timedelta(0), cosigned=True)
        self.released |= set(self.model.left)

    def _settle(self) -> None:
        """Everything that waits leaves; then log, state, answers and model agree, and nothing is lost or left over."""
        course, world, log = self.course, self.parties.world, self.parties.settings.log
        course._note("the log ends")
        self.moves.two_officers_release_everything()
        before = set(self.model.left)
        self._ask()  # whatever happened, the gate answers the next one
        self._calm()
        self._read(set(self.model.left) - before)
        self._plant()
        course.faults += self._left_over()
        self.moves.nothing_is_in_place_but_what_left()
        self.moves.the_inspector_comes()
        follows = ("--predecessor", self.before / "world" / "log") if self.before else ()
        verdict = run("inspector", "verify", world, *follows)
        assert "VALID" in verdict, verdict
        assert "INVALID" not in verdict, verdict
        rebuilt = json.loads(run("state", "rebuild", "--config", world, "--json"))
        assert rebuilt["same"], rebuilt
        course.met["states rebuilt, equal"] += 1
        leaves: dict[str, list[str]] = {PACKAGE_DECIDED: [], PACKAGE_RELEASED: []}
        for entry in LogEntries(log):
            if entry.kind in leaves:
                leaves[entry.kind].append(entry.fields["package"])
        assert sorted(leaves[PACKAGE_DECIDED]) == sorted(self.decided), "packages decided"
        assert sorted(leaves[PACKAGE_RELEASED]) == sorted(self.released), "packages released"
        report = verify_log(log, (log / "log.vkey").read_text().strip())
        course.watch.log_ended(log, report.size, report.leaf_bytes)
        course.met["files set aside in the log"] += report.set_aside

    def _plant(self) -> None:
        if "lost" in self.course.planted and self.model.left:
            shutil.rmtree(self.parties.settings.answers / min(self.model.left))
        if "leftover" in self.course.planted:
            (self.course.home / "temporary" / "forgotten").touch()

    def _left_over(self) -> list[str]:
        """Files and processes that no one needs any more, a sentence each."""
        settings, found = self.parties.settings, []
        staged = [part for part in settings.staging.iterdir() if part.name != "released"]
        for what, names in (
            (
                "in the staging directory",
                {
                    path.relative_to(settings.staging).as_posix()
                    for part in staged
                    for path in part.rglob("*")
                    if path.is_file()
                },
            ),
            ("in the spill directory", {path.name for path in settings.spill.iterdir()}),
            ("for the time of a command", {path.name for path in (self.course.home / "temporary").iterdir()}),
            (
                "that were never finished",
                {path.name for path in self.parties.world.rglob(".*")}
                | {path.name for path in self.parties.world.rglob("*.tmp")},
            ),
        ):
            if names:
                found.append(f"Left over {what}: {len(names)} files, such as {min(names)}.")
        if left := processes_left():
            found.append(f"{len(left)} processes outlived their commands.")
        return found
