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
from narrowgate.entrypoints import bootstrap
from support.all_parties import OFFICES, Model, Parties, bootstrap_tokens
from support.attacked_world import made_world
from support.moves import SCOPES, Moves
from support.release_world import TurnedClock
from support.sandbox_acts import put_in_force
from support.witnessed_world import under_a_witness

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
    """Each rule is one move of one party; it plays in a copy of ``home``."""

    home: ClassVar[Path]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.copy = Path(mkdtemp(prefix="narrowgate-parties-"))
        shutil.copytree(self.home, self.copy, dirs_exist_ok=True)
        clock = TurnedClock(SystemClock().now() + timedelta(minutes=1))
        self.last = clock.at + timedelta(days=LONGEST_DAYS)
        self.model = Model(clock.at)
        self.moves = Moves(Parties(self.copy, clock), self.model)
        self.moves.seen = self.seen

    def teardown(self) -> None:
        shutil.rmtree(self.copy)

    @rule(minutes=st.sampled_from([1, 9, 11, 50, 61, 200, 1_500, 12_000]))
    def time_passes(self, minutes: int) -> None:
        if self.model.at + timedelta(minutes=minutes) < self.last:
            self.moves.time_is(timedelta(minutes=minutes))

    @precondition(lambda self: self.model.waiting)
    @rule(minutes=st.sampled_from([0, 0, 5, 10, 11]), cosigned=st.booleans())
    def a_slot_comes(self, minutes: int, cosigned: bool) -> None:
        self.moves.a_slot_comes(timedelta(minutes=minutes), cosigned)

    @rule(office=st.sampled_from(OFFICES), free=st.booleans())
    def a_question_is_asked(self, office: str, free: bool) -> None:
        if free:
            self.moves.two_officers_release_everything()
        self.moves.a_question_is_asked(office)

    @precondition(lambda self: self.model.asked)
    @rule(data=st.data())
    def a_package_is_brought_again(self, data: st.DataObject) -> None:
        self.moves.gate_takes(data.draw(st.sampled_from(sorted(self.model.asked))))

    @rule(scope=st.sampled_from(SCOPES), officer=st.sampled_from([1, 2, 3]))
    def one_officer_holds(self, scope: str, officer: int) -> None:
        self.moves.one_officer_holds(scope, officer)

    @rule(scope=st.sampled_from(SCOPES), officers=st.sampled_from([(1,), (2, 2), (1, 3), (2, 3)]))
    def a_hold_is_lifted_by_two(self, scope: str, officers: tuple[int, ...]) -> None:
        self.moves.a_hold_is_lifted(scope, officers)

    @rule(office=st.sampled_from(OFFICES), officers=st.sampled_from([(1,), (3, 2)]), on=st.booleans())
    def an_office_is_switched(self, office: str, officers: tuple[int, ...], on: bool) -> None:
        self.moves.an_office_is_switched(office, officers, on)

    @rule(officers=st.sampled_from([(1,), (3, 2)]), back=st.booleans())
    def the_agreement_is_withdrawn_or_put_back(self, officers: tuple[int, ...], back: bool) -> None:
        self.moves.the_agreement_is_switched(officers, back)

    @rule()
    def two_officers_release_everything(self) -> None:
        self.moves.two_officers_release_everything()

    @precondition(lambda self: self.model.asked)
    @rule(data=st.data(), officers=st.sampled_from([(1,), (1, 2)]))
    def a_package_is_ended(self, data: st.DataObject, officers: tuple[int, ...]) -> None:
        self.moves.a_package_is_ended(data.draw(st.sampled_from(sorted(self.model.asked))), officers)

    @rule()
    def the_timer_calls(self) -> None:
        self.moves.the_timer_calls()

    @rule()
    def the_witness_cosigns(self) -> None:
        self.moves.the_witness_cosigns()

    @rule()
    def the_inspector_comes(self) -> None:
        self.moves.the_inspector_comes()

    @rule()
    def the_state_forgets_the_acts(self) -> None:
        self.moves.the_state_forgets_the_acts()

    @invariant()
    def nothing_is_in_place_but_what_left(self) -> None:
        self.moves.nothing_is_in_place_but_what_left()


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
