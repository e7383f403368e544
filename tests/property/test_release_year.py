"""A year of slots with leaps of the clock, holds, missed timers and cut-off runs, against a model of the promise."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.adapters.time_zones import time_zone
from narrowgate.core.base.errors import OperationalError
from narrowgate.gate.holds import carry_out
from narrowgate.gate.ports import ReleaseStage
from narrowgate.gate.release import ReleaseDesk, release_due
from support.release_world import ZONE, TurnedClock, decide, desk_over, in_place, scheduled, verified
from support.simulated_state import SimulatedState

FIRST, LAST = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
TIMES = ("01:30", "02:30", "18:00")
OFFICES = ("secretary_of_homeland_security", "acting_director_of_ice")
GRACE = timedelta(minutes=10)


def slots_of_the_year() -> list[datetime]:
    """Every slot, found by trying both offsets of New York on every day: not as the code finds it."""
    zone: ZoneInfo = time_zone(ZONE)
    found = set()
    for days in range(-2, 370):
        day = date(2027, 1, 1) + timedelta(days)
        for text in TIMES:
            local = datetime.combine(day, time.fromisoformat(text))
            tried = [(local + timedelta(hours=hours)).replace(tzinfo=UTC) for hours in (4, 5)]
            shown = [moment for moment in tried if moment.astimezone(zone).replace(tzinfo=None) == local]
            # Left out by the day: by the offset before the leap, which is that of the winter.
            found.add(min(shown) if shown else tried[1])
    return sorted(found)


SLOTS = slots_of_the_year()


@dataclass
class Waiting:
    """What the model knows of a package."""

    office: str
    slot: datetime
    ready: datetime
    expires: datetime


def later_slot(moment: datetime) -> datetime:
    return next(slot for slot in SLOTS if slot > moment)


def test_the_slots_of_the_days_on_which_clocks_leap() -> None:
    spring = [slot for slot in SLOTS if slot.date() == date(2027, 3, 14)]
    assert [f"{slot:%H:%M}" for slot in spring] == ["06:30", "07:30", "22:00"]
    autumn = [slot for slot in SLOTS if slot.date() == date(2027, 11, 7)]
    assert [f"{slot:%H:%M}" for slot in autumn] == ["05:30", "07:30", "23:00"]


def moments_of_the_year(dice: random.Random) -> list[tuple[datetime, str]]:
    """When the timer runs, most slots and now and then, and when packages and holds come."""
    moments = [
        (slot + timedelta(seconds=dice.randint(0, 500)), "run") for slot in SLOTS if dice.random() < 0.9
    ]
    moments += [
        (FIRST + timedelta(seconds=dice.randrange(366 * 86_400)), what)
        for what in ["run"] * 60 + ["receive"] * 200
    ]
    for number in range(40):
        scope, start = (
            ["all", *OFFICES][number % 3],
            FIRST + timedelta(days=9 * number, hours=dice.randrange(99)),
        )
        end = start + timedelta(hours=dice.choice([1, 20, 50, 200]))
        moments += [(start, f"hold {scope}"), (end, f"lift {scope}")]
    return sorted(moment for moment in moments if FIRST <= moment[0] < LAST)


def received(desk: ReleaseDesk, dice: random.Random, package_id: str, held: set[str]) -> dict[str, Waiting]:
    """A package that comes now, and what the model knows of it; nothing of one that a hold refuses."""
    at, took, office = (
        desk.clock.now(),
        timedelta(minutes=dice.choice([1, 30, 50, 61, 400])),
        dice.choice(OFFICES),
    )
    carry_out(desk.hold_orders, desk.state, desk.log, at)  # as a gate does before step 4
    if held & {"all", office}:
        return {}
    release = decide(desk, package_id, took, office)
    assert release.slot == later_slot(at + timedelta(hours=1, seconds=-1))
    return {package_id: Waiting(office, release.slot, release.ready, release.slot + timedelta(days=5))}


def test_a_year_of_releases_keeps_the_promise(tmp_path: Path) -> None:
    dice = random.Random(4)  # noqa: S311 - a test that can be repeated
    clock, state, agreement = TurnedClock(FIRST), SimulatedState(), scheduled(*TIMES, days=5)
    model: dict[str, Waiting] = {}
    left: dict[str, tuple[datetime, datetime]] = {}
    never: list[str] = []
    held: set[str] = set()
    with desk_over(tmp_path, agreement, clock, state) as desk:
        for at, what in moments_of_the_year(dice):
            clock.at = max(at, clock.at)
            if what == "receive":
                model |= received(desk, dice, f"p-{len(model) + len(left)}-{at:%m%d%H%M%S}", held)
                continue
            order, _, scope = what.partition(" ")
            if scope:
                desk.hold_orders.give(scope, lift=order == "lift", ordered=clock.at)
                (held.discard if order == "lift" else held.add)(scope)
                continue
            if dice.random() < 0.1:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(DirectoryOutbox, "release", _cut_off)
                    with suppress(OperationalError):
                        release_due(desk)
            release_due(desk)
            for package, waits in list(model.items()):
                if clock.at < waits.slot:
                    continue
                if clock.at >= waits.expires:
                    never.append(package)
                    del model[package]
                    continue
                stopped = held & {"all", waits.office}
                if stopped or waits.ready >= waits.slot or clock.at > waits.slot + GRACE:
                    waits.slot = later_slot(clock.at)
                else:
                    left[package] = (waits.slot, waits.expires)
                    del model[package]
            seen = {package: slot for package, (slot, expires) in left.items() if clock.at < expires}
            assert in_place(tmp_path) == seen, clock.at
        waiting = {one.package_id: one.slot for one in desk.state.releases(ReleaseStage.WAITING)}
        assert waiting == {package: waits.slot for package, waits in model.items()}
        read = verified(desk).packages
        assert {name for name, package in read.items() if package.released} == set(left)
        assert {name for name, package in read.items() if package.expired} >= set(never)
        assert (len(left) > 100, len(never) > 0) == (True, True), (len(left), len(never))
        assert sum(package.delays for package in read.values()) > 20


def _cut_off(*_arguments: object) -> None:
    raise OperationalError("Power is gone.", next_step="Start again.")
