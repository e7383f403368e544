"""A possible incident: one officer brakes and starts the clock, the report holds no tax data, two officers close it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.kinds import Kind
from support.command_line import CommandLine, Result
from support.recalled_world import CUSTODY, OFFICE
from support.sandbox_acts import commanded
from support.sandbox_files import GATE

SAID = (
    "--reason",
    "wrong index",
    "--how-found",
    "spot check",
    "--contact",
    "Disclosure office, 202-555-0143",
)
FIELDS = (
    "Contact",
    "Occurred",
    "Discovered",
    "How it was found",
    "Data elements",
    "Records",
    "Place",
    "Equipment",
)


def put(
    narrowgate: CommandLine, scope: str, *options: str, officer: int = 3, out: str = "incident"
) -> Result:
    """What ``custodian incident`` says, signed by one officer."""
    keys = CUSTODY.format(officer).split()
    return narrowgate(
        *("custodian", "incident", scope, *SAID, *options, *keys),
        *("--config", "world", "--out", out, "--yes", "--json"),
    )


def doctor(narrowgate: CommandLine) -> str:
    found = json.loads(narrowgate("doctor", "--config", "world", "--json").out)
    return "\n".join(f"{each['state']} {each['remark']}" for each in found if each["subject"] == "incident")


def test_one_officer_holds_at_once_and_the_clock_runs_until_two_close_it(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = put(narrowgate, "all", "--data", "confirmation", "--occurred-from", "2026-01-01T00:00:00Z")
    assert made.code == 0, made.err
    told = json.loads(made.out)
    assert (told["hold"], told["incident"], told["packages"], told["records"]) == (5, 6, 1, 3)
    assert "R-52" in narrowgate(*GATE.split()).err
    text = Path(told["wrote"][1]).read_text()
    assert all(field in text for field in FIELDS)
    assert "3 answers in 1 packages" in text
    assert "are left to report it" in doctor(narrowgate)
    now = SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda _: now + timedelta(hours=26))
    assert "OVERDUE by 2 h" in doctor(narrowgate) or "OVERDUE by 1 h" in doctor(narrowgate)
    assert commanded(narrowgate, Kind.INCIDENT_CLOSED, "6 --commitment " + "0" * 64).code == 11
    report = f"6 --commitment {told['report_sha256']}"
    assert commanded(narrowgate, Kind.INCIDENT_REPORTED, report).code == 0
    assert "late, not closed" in doctor(narrowgate)
    (seen,) = json.loads(narrowgate("inspector", "incidents", "world", "--json").out)["incidents"]
    assert (seen["in_time"], seen["closed"]) == (False, None)
    closing = f"6 --commitment {'0' * 64}"
    assert commanded(narrowgate, Kind.INCIDENT_CLOSED, closing, (1,)).code == 11
    assert commanded(narrowgate, Kind.INCIDENT_CLOSED, closing, (1, 2)).code == 0
    assert doctor(narrowgate) == ""
    assert "R-52" in narrowgate(*GATE.split()).err  # the hold stays until it is lifted
    assert narrowgate("log", "verify", "world").code == 0


def test_a_hold_in_force_is_not_placed_twice(home: Path, narrowgate: CommandLine) -> None:
    assert commanded(narrowgate, Kind.HOLD, f"office:{OFFICE}").code == 0
    told = json.loads(put(narrowgate, f"office:{OFFICE}").out)
    assert (told["hold"], told["incident"], told["records"]) == (None, 6, 3)


def test_an_id_that_the_log_does_not_know_is_held_and_said_so(home: Path, narrowgate: CommandLine) -> None:
    keys = CUSTODY.format(3).split()
    made = narrowgate(
        *("custodian", "incident", "package:mistyped-1", *SAID, *keys),
        *("--config", "world", "--out", "o", "--yes"),
    )
    assert made.code == 0
    assert "knows no answers of package:mistyped-1: it is held all the same" in made.err


@pytest.mark.parametrize(
    "options",
    [
        ("--reason", "wrong answer for 123456789"),
        ("--place", "desk of 123-45-6789"),
        ("--equipment", "disk 123456789"),
        ("--how-found", "about 900 70 1234, by mail"),
        ("--place", "two\nlines"),
        ("--discovered", "2999-01-01T00:00:00Z"),
        ("--occurred-until", "2026-01-01T00:00:00Z"),
        ("--occurred-from", "2026-01-02T00:00:00Z", "--occurred-until", "2026-01-01T00:00:00Z"),
    ],
)
def test_a_report_with_tax_data_or_impossible_times_is_refused_and_not_repeated(
    options: tuple[str, ...], home: Path, narrowgate: CommandLine
) -> None:
    before = narrowgate("log", "list", "world").out
    refused = put(narrowgate, "all", *options)
    assert refused.code == 2
    assert options[1] not in refused.err
    assert not Path("incident").exists()
    assert narrowgate("log", "list", "world").out == before


def test_packages_and_digests_can_be_named_in_a_report(home: Path, narrowgate: CommandLine) -> None:
    named = f"package p-20270201-0c54aa11bb22, index {'1' * 31}f, digest {'12345678a' * 7}f"
    assert put(narrowgate, "all", "--place", named, "--reason", named).code == 0


def test_no_act_holds_a_taxpayers_number_as_its_reason(home: Path, narrowgate: CommandLine) -> None:
    hold = ("act", "propose", "hold", "all", "--config", "world", "--reason", "about 123-45-6789")
    refused = narrowgate(*hold)
    assert (refused.code, "123-45-6789" in refused.err) == (2, False)


def test_no_scope_and_no_officer_put_nothing_on_record(home: Path, narrowgate: CommandLine) -> None:
    before = narrowgate("log", "list", "world").out
    assert put(narrowgate, "everything").code == 2
    keys = f"--key world/keys/{OFFICE}.key.pem --certificate world/keys/{OFFICE}.pem".split()
    stranger = ("custodian", "incident", "all", *SAID, *keys, "--config", "world", "--out", "o", "--yes")
    assert narrowgate(*stranger).code == 2
    assert narrowgate("log", "list", "world").out == before


def test_a_gate_at_work_carries_both_acts_out(home: Path, narrowgate: CommandLine) -> None:
    from narrowgate.entrypoints.bootstrap import opened_books
    from narrowgate.entrypoints.settings import read_settings

    with opened_books(read_settings(Path("world"))):
        assert put(narrowgate, "all").code == 0
    waiting = [
        each["state"] for each in json.loads(narrowgate("act", "list", "--config", "world", "--json").out)
    ]
    assert waiting.count("waits") == 2
    narrowgate("release", "run", "--config", "world")
    told = [each["act"] for each in json.loads(narrowgate("act", "list", "--config", "world", "--json").out)]
    assert told[-2:] == ["hold", "incident"]


def test_an_inspector_sees_whether_it_was_reported_in_time(home: Path, narrowgate: CommandLine) -> None:
    discovered = format_time(SystemClock().now() - timedelta(hours=2))
    told = json.loads(put(narrowgate, f"office:{OFFICE}", "--discovered", discovered).out)
    assert parse_time(told["report_until"]) == parse_time(discovered) + timedelta(hours=24)
    number = told["incident"]
    assert commanded(narrowgate, Kind.INCIDENT_REPORTED, f"{number} --commitment {'1' * 64}").code == 0
    (seen,) = json.loads(narrowgate("inspector", "incidents", "world/log", "--json").out)["incidents"]
    assert (seen["in_time"], seen["discovered"]) == (True, discovered)
    assert "reported" in narrowgate("inspector", "incidents", "world").out
    again = commanded(narrowgate, Kind.INCIDENT_REPORTED, f"{number} --commitment {'1' * 64}")
    assert (again.code, "already" in again.err) == (11, True)
