"""Answers leave at their slot: not before, not beside it, not while held, not twice, and never without their leaf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.core.base.errors import (
    ActRefusedError,
    LogInconsistentError,
    OperationalError,
    UnavailableError,
)
from narrowgate.core.log.releases import AnswersExpired, PackageReleased, ReleaseDelayed
from narrowgate.gate.abandon import end_abandoned, require_abandonable
from narrowgate.gate.ports import ReleaseStage
from narrowgate.gate.release import Event, is_late, release_due
from narrowgate.gate.step_04_agreement import signer_of
from support.release_world import TurnedClock, decide, desk_over, in_place, scheduled, verified
from support.simulated_state import SimulatedState

MORNING = datetime(2027, 1, 4, 15, tzinfo=UTC)
NOON = datetime(2027, 1, 4, 17, tzinfo=UTC)
EVENING = datetime(2027, 1, 4, 23, tzinfo=UTC)
AGREEMENT = scheduled("12:00", "18:00")


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(MORNING)


@pytest.fixture
def state() -> SimulatedState:
    return SimulatedState()


def test_nothing_is_seen_before_the_slot_and_the_leaf_comes_first(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        before = (tmp_path / "answers").stat()
        decide(desk, "p-1", timedelta(minutes=50))
        decide(desk, "p-2", timedelta(minutes=55), "acting_director_of_ice")
        clock.at = NOON - timedelta(seconds=1)
        assert release_due(desk) == []
        after = (tmp_path / "answers").stat()
        assert (after.st_mtime_ns, after.st_ctime_ns, after.st_size) == (
            before.st_mtime_ns,
            before.st_ctime_ns,
            before.st_size,
        )
        clock.at = NOON + timedelta(seconds=3)
        assert [event.event for event in release_due(desk)] == [Event.RELEASED] * 2
        assert in_place(tmp_path) == {"p-1": NOON, "p-2": NOON}
        assert all(package.released for package in verified(desk).packages.values())
        assert release_due(desk) == []


@pytest.mark.parametrize("late_by", [timedelta(minutes=11), timedelta(hours=3)])
def test_a_run_that_comes_after_the_grace_takes_the_next_slot(
    late_by: timedelta, tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        planned = decide(desk, "p-1")
        clock.at = NOON + late_by
        assert is_late(planned, clock.at)
        (event,) = release_due(desk)
        assert (event.event, event.release.slot, in_place(tmp_path)) == (Event.DELAYED, EVENING, {})
        clock.at = EVENING
        release_due(desk)
        assert in_place(tmp_path) == {"p-1": EVENING}
        assert verified(desk).packages["p-1"].delays == 1


@pytest.mark.parametrize("took", [timedelta(hours=2), timedelta(hours=2, minutes=1)])
def test_a_package_ready_at_its_slot_or_after_it_does_not_leave_beside_it(
    took: timedelta, tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1", took)
        clock.at = MORNING + took
        assert [event.event for event in release_due(desk)] == [Event.DELAYED]
        clock.at = EVENING + timedelta(minutes=9)
        assert [event.event for event in release_due(desk)] == [Event.RELEASED]
        assert in_place(tmp_path) == {"p-1": EVENING}


def test_a_hold_at_the_slot_stops_the_release_until_the_slot_after_it_is_lifted(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        decide(desk, "p-2", office="acting_director_of_ice")
        desk.hold_orders.give("secretary_of_homeland_security", lift=False, ordered=clock.at)
        clock.at = NOON
        first, second = release_due(desk)
        assert (first.event, first.reason is not None, second.event) == (
            Event.SUSPENDED,
            True,
            Event.RELEASED,
        )
        desk.hold_orders.give("secretary_of_homeland_security", lift=True, ordered=clock.at)
        clock.at = NOON + timedelta(minutes=2)
        assert release_due(desk) == [], "its slot is over"
        clock.at = EVENING
        release_due(desk)
        assert in_place(tmp_path) == {"p-1": EVENING, "p-2": NOON}
        verified(desk)


def test_what_a_key_signed_that_was_revoked_since_does_not_leave_though_the_office_has_another_key(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    """A thief signs with the old card while the new one is in force, too; its loss is found before the slot."""
    start = AGREEMENT.offices[0]
    old, new = (replace(start.keys[0], sha256=digit * 64) for digit in "ab")
    both = replace(AGREEMENT, offices=(replace(start, keys=(old, new)), *AGREEMENT.offices[1:]))
    left = replace(AGREEMENT, offices=(replace(start, keys=(new,)), *AGREEMENT.offices[1:]))
    with desk_over(tmp_path, both, clock, state) as desk:
        for package, key in (("p-1", old), ("p-2", new)):
            decide(desk, package, office=start.role, signer=key.sha256)
    with desk_over(tmp_path, left, clock, state) as desk:
        clock.at = NOON
        assert [event.event for event in release_due(desk)] == [Event.SUSPENDED, Event.RELEASED]
        assert in_place(tmp_path) == {"p-2": NOON}


def test_whose_signature_a_package_has_is_never_guessed(state: SimulatedState) -> None:
    with pytest.raises(UnavailableError, match="does not know who signed"):
        signer_of("p-unknown", state)


def test_a_hold_given_while_the_copies_are_made_stops_the_rename(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        prepare = DirectoryOutbox.prepare

        def prepare_and_hold(
            box: DirectoryOutbox, package_id: str, at: datetime, proof: bytes | None = None
        ) -> None:
            prepare(box, package_id, at)
            desk.hold_orders.give("all", lift=False, ordered=clock.at)

        monkeypatch.setattr(DirectoryOutbox, "prepare", prepare_and_hold)
        clock.at = NOON
        assert [event.event for event in release_due(desk)] == [Event.SUSPENDED]
        assert in_place(tmp_path) == {}
        assert not verified(desk).packages["p-1"].released


def cutting(kind: type, method: str, *, after: bool) -> Callable[..., object]:
    done = getattr(kind, method)

    def cut(*arguments: object, **named: object) -> None:
        if after:
            done(*arguments, **named)
        raise OperationalError("Power is gone.", next_step="Start again.")

    return cut


POINTS = [
    (kind, method, after)
    for kind, method in (
        (DirectoryOutbox, "release"),
        (TileLog, "append"),
        (TileLog, "integrate"),
        (SimulatedState, "keep_release"),
    )
    for after in (False, True)
]


@pytest.mark.parametrize(("kind", "method", "after"), POINTS)
@pytest.mark.parametrize("then", ["at once", "held", "late"])
def test_a_release_cut_off_anywhere_leaves_once_with_one_leaf(
    kind: type,
    method: str,
    after: bool,
    then: str,
    tmp_path: Path,
    clock: TurnedClock,
    state: SimulatedState,
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        decide(desk, "p-2", office="acting_director_of_ice")
        clock.at = NOON
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kind, method, cutting(kind, method, after=after))
            with pytest.raises(OperationalError):
                release_due(desk)
    left = set(in_place(tmp_path))
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        if then == "held":
            desk.hold_orders.give("all", lift=False, ordered=clock.at)
        clock.at = NOON + timedelta(minutes=30 if then == "late" else 1)
        release_due(desk)
        if then != "at once":
            assert set(in_place(tmp_path)) == left, "what had not left did not"
        desk.hold_orders.give("all", lift=True, ordered=clock.at)
        clock.at = EVENING
        release_due(desk)
        release_due(desk)
        assert set(in_place(tmp_path)) == {"p-1", "p-2"}
        for package, slot in in_place(tmp_path).items():
            assert verified(desk).packages[package].slot == f"{slot.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            assert verified(desk).packages[package].released
        assert state.releases(ReleaseStage.WAITING) == ()


def test_expired_answers_are_taken_away_and_one_that_never_left_never_leaves(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        decide(desk, "p-2", office="acting_director_of_ice")
        desk.hold_orders.give("acting_director_of_ice", lift=False, ordered=clock.at)
        clock.at = NOON
        release_due(desk)
        clock.at = NOON + timedelta(days=30)
        assert [event.event for event in release_due(desk)] == [Event.EXPIRED] * 2
        assert in_place(tmp_path) == {}
        assert not list((tmp_path / "staging").rglob("*/p-*"))
        assert release_due(desk) == []
        assert all(package.expired for package in verified(desk).packages.values())


def test_a_package_that_waits_is_abandoned_for_good(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        require_abandonable("p-1", state, desk.outbox)
        for _ in range(2):
            end_abandoned({"p-1", "p-unknown"}, state, desk.log, desk.outbox)
        with pytest.raises(ActRefusedError, match="does not wait"):
            require_abandonable("p-1", state, desk.outbox)
        clock.at = NOON
        assert release_due(desk) == []
        assert in_place(tmp_path) == {}


def test_lost_answers_of_one_package_do_not_stop_the_others(
    tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        desk.outbox.discard("p-1")
        decide(desk, "p-2")
        clock.at = NOON
        assert [event.event for event in release_due(desk)] == [Event.FAILED, Event.RELEASED]
        assert in_place(tmp_path) == {"p-2": NOON}


@pytest.mark.parametrize(
    ("leaves", "what"),
    [
        ([PackageReleased("p-1", NOON, NOON)] * 2, "released twice"),
        ([PackageReleased("p-1", NOON, NOON - timedelta(minutes=1))], "before its slot"),
        ([PackageReleased("p-1", EVENING, EVENING)], "another slot"),
        ([ReleaseDelayed("p-1", NOON, NOON, NOON)], "earlier slot"),
        ([AnswersExpired("p-1", NOON), PackageReleased("p-1", NOON, NOON)], "no package that waits"),
        ([PackageReleased("p-3", NOON, NOON)], "no package that waits"),
    ],
)
def test_a_log_that_contradicts_the_schedule_does_not_verify(
    leaves: list[PackageReleased], what: str, tmp_path: Path, clock: TurnedClock, state: SimulatedState
) -> None:
    with desk_over(tmp_path, AGREEMENT, clock, state) as desk:
        decide(desk, "p-1")
        desk.log.append([leaf.leaf() for leaf in leaves])
        desk.log.integrate()
        with pytest.raises(LogInconsistentError, match=what):
            verified(desk)
