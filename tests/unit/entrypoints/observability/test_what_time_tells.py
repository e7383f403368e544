"""From step 8 on the time that a package takes depends on tax records: what is told of it is told to the minute."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints import output
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.look import MinuteLook, to_the_minute
from narrowgate.entrypoints.observability.meters import WAITING, Reading
from narrowgate.entrypoints.observability.pulse import SILENT_SECONDS, BeatingAttendant, Pulse
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.worker import Worker
from support.command_line import CommandLine
from support.handed_over import OFFICE, hand_over
from support.release_world import TurnedClock
from support.requests import NOW
from support.sandbox_acts import put_in_force
from support.sandbox_files import BUILD, SIGN
from support.serial_attendant import SerialAttendant


@dataclass
class CreepingClock:
    """Goes on a little whenever it is read, as if all work took time."""

    at: datetime
    by: timedelta

    def now(self) -> datetime:
        self.at += self.by
        return self.at.replace(microsecond=0)


@pytest.mark.parametrize("with_journal", [True, False])
def test_that_a_package_is_done_is_told_at_a_full_minute_however_long_it_took(
    home: Path, with_journal: bool, narrowgate: CommandLine, capfd: pytest.CaptureFixture[str]
) -> None:
    path = home / "world" / "agreement.toml"
    path.write_text(path.read_text().replace('schedule = "at once"', 'schedule = ["06:00", "18:00"]'))
    put_in_force(home / "world", "agreement")
    for command in (BUILD, SIGN):
        assert narrowgate(*command.replace("package-2", "package-3").split()).code == 0
    begins = (SystemClock().now() + timedelta(minutes=1)).replace(second=20)  # far from where a minute ends
    clock = CreepingClock(begins, timedelta(milliseconds=7))
    package_id = hand_over(home / "world", home / "package-3", clock.now()).package_id
    capfd.readouterr()
    output.begin(())
    began = clock.at
    done_at: list[datetime] = []
    told_at: list[datetime] = []
    notice = home / "world" / "notices" / OFFICE.value / f"{package_id}.json"
    stream = io.StringIO()

    def told() -> str:
        return stream.getvalue() if with_journal else capfd.readouterr().err

    def ended(seconds: float) -> bool:
        if notice.exists():
            done_at.append(clock.at)
        if '"event":"package"' in (text := told()) or ": decided." in text:
            told_at.append(clock.at)
        clock.at += timedelta(seconds=seconds)
        assert clock.at < began + timedelta(minutes=10)
        return bool(told_at)

    journal = Journal(Service.GATE, clock, stream) if with_journal else None
    Worker(read_settings(home / "world"), clock, ended, journal).run()
    assert to_the_minute(told_at[0]) > to_the_minute(done_at[0]), "not in the minute in which it was done"
    assert told_at[0].second <= 1, "the loop comes round once a second"
    if with_journal:
        assert '"ending":"decided"' in stream.getvalue()
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
        assert [line["step"] for line in lines if line["event"] == "step"] == [1, 2, 3, 4, 5, 6, 7]


def test_a_look_is_taken_once_in_a_minute_of_the_clock() -> None:
    clock, taken = TurnedClock(NOW), []

    def see(now: datetime) -> list[Reading]:
        taken.append(now)
        return [Reading(WAITING, len(taken))]

    look = MinuteLook((("queue", see),), clock)  # type: ignore[arg-type]
    for second in (0, 1, 59, 60, 61, 119, 120):
        clock.at = NOW + timedelta(seconds=second)
        assert look().readings[0].value == 1 + second // 60
    assert to_the_minute(NOW + timedelta(seconds=59)) == NOW.timestamp()


def test_a_worker_lives_as_long_as_it_looks_around() -> None:
    seconds = [0.0]
    pulse = Pulse(lambda: seconds[0])
    attendant = BeatingAttendant(SerialAttendant(), pulse)
    seconds[0] += SILENT_SECONDS
    assert pulse.is_alive()
    seconds[0] += 1
    assert not pulse.is_alive()
    assert attendant.wait(lambda: 7, lambda: None) == 7
    assert pulse.is_alive()
    seconds[0] += SILENT_SECONDS + 1
    assert list(attendant.each([1, 2], lambda: None)) == [1, 2]
    assert pulse.is_alive()
