"""``narrowgate release``: a gate with a schedule keeps its answers until the slot, and a hold is in force meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.attendant import ThreadAttendant
from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import SuspendedError
from narrowgate.entrypoints.observability.gate_look import gate_look
from narrowgate.entrypoints.observability.keys import named
from narrowgate.entrypoints.observability.look import look
from narrowgate.entrypoints.observability.meters import RELEASE_RUN, SLOTS_AHEAD, SLOTS_LATE, Meter
from narrowgate.entrypoints.settings import read_settings
from support.attacked_world import AttackedWorld, made_world
from support.command_line import CommandLine
from support.recalled_world import recalled
from support.sandbox_acts import put_in_force

RUN = ("release", "run", "--config", "world")
STATUS = ("release", "status", "--config", "world", "--json")


@pytest.fixture
def world(narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[AttackedWorld]:
    """A world whose agreement has a slot at every full hour of New York."""
    with made_world() as home:
        monkeypatch.chdir(home)
        agreement = home / "world" / "agreement.toml"
        hours = json.dumps([f"{hour:02}:00" for hour in range(24)])
        text = agreement.read_text().replace('schedule = "at once"', f"schedule = {hours}")
        agreement.write_text(text.replace('time_zone = "UTC"', 'time_zone = "America/New_York"'))
        put_in_force(home / "world", "agreement")
        yield AttackedWorld(home, narrowgate)


def measured(meter: Meter) -> float:
    """What the metrics of the gate say now."""
    seen = look(gate_look(read_settings(Path("world")), works=True), SystemClock().now())
    return next(each.value for each in seen.readings if each.meter is meter)


def test_a_package_waits_for_its_slot_and_leaves_with_it(
    world: AttackedWorld, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.package("asked")
    answers = world.home / "world" / "answers"
    known = set(answers.iterdir())
    before = answers.stat()
    asked = narrowgate("gate", "run", "asked", "--config", "world")
    slot = datetime.fromisoformat(json.loads(asked.out)["slot"])
    asked_id = json.loads(asked.out)["package_id"]
    after = answers.stat()
    assert (asked.code, set(answers.iterdir())) == (0, known)
    assert (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
    assert narrowgate(*RUN).code == 3
    assert [one["late"] for one in json.loads(narrowgate(*STATUS).out)["waiting"]] == [False]
    assert "waiting for the slot" in world.verify()
    monkeypatch.setattr(SystemClock, "now", lambda _: slot + timedelta(minutes=30))
    assert "is late" in narrowgate("doctor", "--config", "world").out
    assert measured(SLOTS_LATE) == 1
    late = narrowgate(*RUN, "--journal")
    assert (late.code, late.out) == (0, "")
    told, ended = map(json.loads, late.err.splitlines())
    assert (told["event"], told["release"], told["package"]) == ("release", "delayed", named(asked_id))
    assert (ended["event"], ended["exit_code"]) == ("ended", 0)
    assert (measured(SLOTS_LATE), measured(SLOTS_AHEAD)) == (0, 1)
    assert measured(RELEASE_RUN) == (slot + timedelta(minutes=30)).timestamp()
    assert set(answers.iterdir()) == known
    slot += timedelta(hours=1)
    monkeypatch.setattr(SystemClock, "now", lambda _: slot + timedelta(seconds=2))
    assert narrowgate(*RUN).code == 0
    (released,) = set(answers.iterdir()) - known
    assert {path.stat().st_mtime for path in (released, *released.iterdir())} == {slot.timestamp()}
    assert [line.split(",")[2] for line in world.answers("asked")][:1] == ["CONFIRMED"]
    assert f"released for the slot {slot:%Y-%m-%dT%H:%M:%SZ}" in world.verify()


def test_slow_work_is_watched_and_a_look_that_raises_ends_it() -> None:
    looks = []

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 5:
            raise SuspendedError("Held.", next_step="Lift the hold.")

    attendant = ThreadAttendant(0)
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            made.append(number)
            yield number

    with pytest.raises(SuspendedError):
        list(attendant.each(items(), look))
    assert len(made) < 10, "no further one is made"
    assert attendant.wait(lambda: 7, lambda: None) == 7
    assert list(attendant.each(iter("abc"), lambda: None)) == ["a", "b", "c"]


def test_short_works_one_after_the_other_share_a_look() -> None:
    looks: list[int] = []
    attendant = ThreadAttendant(60)
    assert list(attendant.each(range(100), lambda: looks.append(0))) == list(range(100))
    assert attendant.wait(lambda: 7, lambda: looks.append(0)) == 7
    assert looks == [0], "the next one is due in a minute"


def test_recalled_answers_that_wait_never_leave(
    world: AttackedWorld, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.package("asked")
    answers = world.home / "world" / "answers"
    known = set(answers.iterdir())
    asked = json.loads(narrowgate("gate", "run", "asked", "--config", "world").out)
    number = recalled(narrowgate, "--item", f"{asked['package_id']}/1")
    assert number > 5
    slot = datetime.fromisoformat(asked["slot"])
    for hour in range(2):
        monkeypatch.setattr(SystemClock, "now", lambda _, hour=hour: slot + timedelta(hours=hour, seconds=2))
        stopped = narrowgate(*RUN)
        assert (stopped.code, "R-43" in stopped.err, set(answers.iterdir())) == (15, True, known)
    assert "waiting for the slot" in world.verify()
