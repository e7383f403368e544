"""All parties of a gate play against a model: nothing leaves early, twice, held, unwitnessed or without its leaf."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import ActRefusedError, NotInForceError, RefusedError, SuspendedError
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints import bootstrap
from narrowgate.entrypoints.acts import books_over
from narrowgate.governance.rebuild import rebuild
from support.all_parties import ALL, OFFICES, Model, Parties, bootstrap_tokens
from support.attacked_world import made_world
from support.release_world import TurnedClock
from support.sandbox_acts import put_in_force
from support.witnessed_world import under_a_witness

SCOPES = (ALL, *(f"office:{office}" for office in OFFICES))
ALWAYS = ("decided", "act applied", "act refused")
"""Whether a slot comes within a short game depends on the time of day at which it begins."""
EVERYTHING = (*ALWAYS, "left", "refused", "again", "not in force", "suspended")
LONGEST_DAYS = 250
"""The certificates and the agreement of the sandbox hold for a year."""


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A world with a slot at every hour and a witness that its charter names."""
    with made_world() as home:
        agreement = home / "world" / "agreement.toml"
        hours = str([f"{hour:02}:00" for hour in range(24)]).replace("'", '"')
        agreement.write_text(agreement.read_text().replace('schedule = "at once"', f"schedule = {hours}"))
        put_in_force(home / "world", "agreement")
        under_a_witness(home)
        yield home


class AllParties(RuleBasedStateMachine):
    """Each rule is one move of one party, and what the model says of it; it plays in a copy of ``home``."""

    home: ClassVar[Path]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.copy = Path(mkdtemp(prefix="narrowgate-parties-"))
        shutil.copytree(self.home, self.copy, dirs_exist_ok=True)
        self.clock = TurnedClock(SystemClock().now() + timedelta(minutes=1))
        self.begun = self.clock.at
        self.parties = Parties(self.copy, self.clock)
        self.model = Model(self.clock.at)
        self.before = self.parties.in_place()
        self.numbers = iter(range(1_000_000))

    def teardown(self) -> None:
        shutil.rmtree(self.copy)

    @rule(minutes=st.sampled_from([1, 9, 11, 50, 61, 200, 1_500, 12_000]))
    def time_passes(self, minutes: int) -> None:
        if self.clock.at + timedelta(minutes=minutes) < self.begun + timedelta(days=LONGEST_DAYS):
            self.clock.at += timedelta(minutes=minutes)
            self.model.at = self.clock.at

    @precondition(lambda self: self.model.waiting)
    @rule(minutes=st.sampled_from([0, 0, 5, 10, 11]), cosigned=st.booleans())
    def a_slot_comes(self, minutes: int, cosigned: bool) -> None:
        if cosigned:
            self.the_witness_cosigns()
        slot = min(one.slot for one in self.model.waiting.values())
        self.clock.at = max(self.clock.at, slot + timedelta(minutes=minutes))
        self.model.at = self.clock.at
        self.the_timer_calls()

    @rule(office=st.sampled_from(OFFICES), free=st.booleans())
    def a_question_is_asked(self, office: str, free: bool) -> None:
        if free:
            self.two_officers_release_everything()
        package_id = self.parties.ask(f"package-{next(self.numbers)}", office)
        self.model.asked[package_id] = office, self.clock.at
        self.gate_takes(package_id)

    @precondition(lambda self: self.model.asked)
    @rule(data=st.data())
    def a_package_is_brought_again(self, data: st.DataObject) -> None:
        self.gate_takes(data.draw(st.sampled_from(sorted(self.model.asked))))

    def gate_takes(self, package_id: str) -> None:
        expected = self.model.decide(package_id)
        try:
            self.parties.decide(package_id)
            said = "decided" if expected == "decided" else "again"
        except NotInForceError:
            said = "not in force"
        except SuspendedError:
            said = "suspended"
        except RefusedError:
            said = "refused"
        assert said == expected
        self.seen[said] += 1

    @rule(scope=st.sampled_from(SCOPES), officer=st.sampled_from([1, 2, 3]))
    def one_officer_holds(self, scope: str, officer: int) -> None:
        self.act(Kind.HOLD, scope, (officer,), scope not in self.model.holds)
        self.model.holds.add(scope)

    @rule(scope=st.sampled_from(SCOPES), officers=st.sampled_from([(1,), (2, 2), (1, 3), (2, 3)]))
    def a_hold_is_lifted_by_two(self, scope: str, officers: tuple[int, ...]) -> None:
        allowed = scope in self.model.holds and len(set(officers)) == 2
        self.act(Kind.HOLD_LIFTED, scope, officers, allowed)
        if allowed:
            self.model.holds.discard(scope)

    @rule(office=st.sampled_from(OFFICES), officers=st.sampled_from([(1,), (3, 2)]), on=st.booleans())
    def an_office_is_switched(self, office: str, officers: tuple[int, ...], on: bool) -> None:
        if on:
            allowed = office in self.model.off and len(officers) == 2
            self.act(Kind.OFFICE_ON, office, officers, allowed)
            if allowed:
                self.model.off.discard(office)
        else:
            self.act(Kind.OFFICE_OFF, office, officers, office not in self.model.off)
            self.model.off.add(office)

    @rule(officers=st.sampled_from([(1,), (3, 2)]), back=st.booleans())
    def the_agreement_is_withdrawn_or_put_back(self, officers: tuple[int, ...], back: bool) -> None:
        kind = Kind.AGREEMENT_IN_FORCE if back else Kind.AGREEMENT_WITHDRAWN
        subject, digest = self.parties.document(Kind.AGREEMENT_IN_FORCE)
        allowed = len(officers) == 2 if back else self.model.agreed
        self.act(kind, subject, officers, allowed, digest)
        if allowed:
            self.model.agreed = back

    @rule()
    def two_officers_release_everything(self) -> None:
        """Without it most games would end under a hold that nobody thought of lifting."""
        for scope in sorted(self.model.holds):
            self.act(Kind.HOLD_LIFTED, scope, (1, 2), True)
        for office in sorted(self.model.off):
            self.act(Kind.OFFICE_ON, office, (2, 3), True)
        if not self.model.agreed:
            self.the_agreement_is_put_back()
        self.model.holds.clear()
        self.model.off.clear()

    def the_agreement_is_put_back(self) -> None:
        subject, digest = self.parties.document(Kind.AGREEMENT_IN_FORCE)
        self.act(Kind.AGREEMENT_IN_FORCE, subject, (1, 3), True, digest)
        self.model.agreed = True

    @precondition(lambda self: self.model.asked)
    @rule(data=st.data(), officers=st.sampled_from([(1,), (1, 2)]))
    def a_package_is_ended(self, data: st.DataObject, officers: tuple[int, ...]) -> None:
        package_id = data.draw(st.sampled_from(sorted(self.model.asked)))
        allowed = package_id in self.model.waiting and len(officers) == 2
        self.act(Kind.PACKAGE_ABANDONED, package_id, officers, allowed)
        if allowed:
            del self.model.waiting[package_id]
            del self.model.asked[package_id]

    def act(
        self, kind: Kind, subject: str, officers: tuple[int, ...], allowed: bool, sha256: str = ""
    ) -> None:
        try:
            self.parties.enact(kind, subject, officers, sha256)
            done = True
        except ActRefusedError:
            done = False
        assert done is allowed
        self.seen["act applied" if done else "act refused"] += 1

    @rule()
    def the_timer_calls(self) -> None:
        expected = self.model.release()
        try:
            self.parties.release()
        except NotInForceError:
            assert not expected
        else:
            assert expected

    @rule()
    def the_witness_cosigns(self) -> None:
        self.parties.cosign()
        for one in self.model.waiting.values():
            one.seen = True

    @rule()
    def the_inspector_comes(self) -> None:
        report, holds, off = self.parties.inspect()
        assert (holds, off) == (self.model.holds, self.model.off)
        assert report.packages_refused == len(self.model.refused)
        for one in report.packages:
            assert one.decided

    @rule()
    def the_state_forgets_the_acts(self) -> None:
        settings_of_gate = self.parties.settings
        with bootstrap.opened_books(settings_of_gate) as (log, state):
            assert rebuild(books_over(settings_of_gate, log, state))[1]

    @invariant()
    def nothing_is_in_place_but_what_left(self) -> None:
        assert self.parties.in_place() - self.before == set(self.model.left)
        self.seen["left"] += len(self.model.left)


def play(home: Path, games: int, moves: int, happened: Collection[str]) -> None:
    """So many games of so many moves, in which all of this happened."""

    class Game(AllParties):
        pass

    Game.home, Game.seen = home, Counter()
    run_state_machine_as_test(
        Game,
        settings=settings(
            max_examples=games,
            stateful_step_count=moves,
            deadline=None,
            derandomize="NARROWGATE_RANDOM_GAMES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert all(Game.seen[what] for what in happened), Game.seen


@pytest.fixture(autouse=True)
def tokens_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "token_processes", bootstrap_tokens)


def test_all_parties_play_and_the_promise_is_kept(witnessed: Path) -> None:
    play(witnessed, games=4, moves=30, happened=ALWAYS)


@pytest.mark.scale
def test_all_parties_play_for_thousands_of_moves(witnessed: Path) -> None:
    play(witnessed, games=60, moves=80, happened=EVERYTHING)
