"""The alarm of doctor and console where the charter's witnesses have not seen the log, or not for a day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.checkup import watch_gate
from narrowgate.entrypoints.finding import Verdict
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.gate_look import gate_look
from narrowgate.entrypoints.observability.look import look
from narrowgate.entrypoints.settings import read_settings
from support.command_line import CommandLine
from support.sandbox_acts import commanded
from support.witnessed_world import under_a_witness


def alarm(after: timedelta = timedelta(0)) -> Verdict | None:
    found = watch_gate(read_settings(Path("world")), SystemClock().now() + after)
    return next((each.state for each in found if each.subject == "cosignatures"), None)


def uncosigned_leaves() -> float | None:
    seen = look(gate_look(read_settings(Path("world")), works=False), SystemClock().now())
    return next((each.value for each in seen.readings if each.meter is meters.UNCOSIGNED), None)


def test_missing_and_old_cosignatures_are_an_alarm_and_fresh_ones_are_none(
    home: Path, narrowgate: CommandLine
) -> None:
    assert (alarm(), uncosigned_leaves()) == (None, None), "the charter names no witness"
    under_a_witness(home)
    leaves = uncosigned_leaves()
    assert alarm() is Verdict.FAILED
    assert leaves
    (home / "request").write_text(narrowgate("log", "request", "world/log").out)
    (home / "answer").write_text(narrowgate("witness", "cosign", "witness", "request").out)
    added = ("--request", "request", "--witness", "witness/witness.vkey")
    assert narrowgate("log", "cosign", "world/log", "answer", *added).code == 0
    assert (alarm(), alarm(timedelta(days=2)), uncosigned_leaves()) == (Verdict.OK, Verdict.OK, 0)
    assert commanded(narrowgate, Kind.HOLD, "all").code == 0
    assert (alarm(), alarm(timedelta(days=2)), uncosigned_leaves()) == (Verdict.OK, Verdict.WARNING, 1)
