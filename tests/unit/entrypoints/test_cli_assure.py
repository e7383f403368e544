"""``narrowgate assure`` writes a report that says how to make it again, and has its own code for a broken promise."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.entrypoints.assure.check import Tried
from narrowgate.entrypoints.assure.suite import CHECKS, Result
from narrowgate.entrypoints.cli import assure
from support.command_line import CommandLine


def test_a_planted_fault_is_found_and_the_report_says_that_it_was_planted(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    at = "2027-03-01T12:00:00Z"
    done = narrowgate(
        "assure", "--dir", report, "--check", "forks", "--plant", "forks", "--seed", 3, "--at", at
    )
    assert done.code == 18
    assert "Not held: forks." in done.err
    told = json.loads((report / "assurance.json").read_bytes())
    assert (told["held"], told["seed"]) == (False, 3)
    how = f"--quick --seed 3 --at {at} --check forks"
    assert told["command"] == f"narrowgate assure --dir again {how} --plant forks"
    (check,) = told["checks"]
    assert check["command"] == f"narrowgate assure --dir again-forks {how} --plant forks"
    assert check["command_with_the_fault"] == f"narrowgate assure --dir planted-forks {how} --plant forks"
    assert (check["verdict"], check["planted"], check["broken"] > 0) == ("broken", True, True)
    page = (report / "assurance.html").read_text(encoding="utf-8")
    assert "Faults were planted in this run" in page
    assert told["command"] in page
    assert sorted(path.name for path in report.iterdir()) == ["assurance.html", "assurance.json"]


def test_a_fault_for_a_check_that_does_not_run_is_a_mistake(narrowgate: CommandLine, tmp_path: Path) -> None:
    done = narrowgate("assure", "--dir", tmp_path / "report", "--check", "forks", "--plant", "tamper")
    assert done.code == 2
    assert not (tmp_path / "report").exists()


def test_checks_that_the_hours_leave_out_are_named_and_are_not_said_to_hold(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    done = narrowgate("assure", "--dir", report, "--check", "forks", "--check", "kills", "--hours", "1e-12")
    assert done.code == 17
    assert "Not tried: forks, kills." in done.err
    assert "0 of 2 promises held." in done.out
    told = json.loads((report / "assurance.json").read_bytes())
    assert (told["complete"], [check["verdict"] for check in told["checks"]]) == (False, ["not tried"] * 2)
    assert told["command"].endswith("--hours 1e-12 --check forks --check kills")
    page = (report / "assurance.html").read_text(encoding="utf-8")
    assert "Not tried before the run was over: forks, kills." in page


def test_a_time_that_is_none_and_a_report_in_the_way_are_mistakes(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    for at in ("yesterday", "0001-01-01T00:00:00Z", "2018-12-31T23:59:59Z", "2100-01-01T00:00:00Z"):
        assert narrowgate("assure", "--dir", tmp_path / "report", "--at", at).code == 2, at
    for seed in (-1, 2**80):
        assert narrowgate("assure", "--dir", tmp_path / "report", "--seed", seed).code == 2
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "assurance.html").write_text("of another run")
    done = narrowgate("assure", "--dir", tmp_path / "there", "--check", "forks")
    assert (done.code, "not empty" in done.err) == (2, True)
    assert (tmp_path / "there" / "assurance.html").read_text() == "of another run"


def test_a_machine_that_fails_breaks_no_promise_and_the_same_command_can_be_run_again(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "report").mkdir()
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, most))
    try:
        done = narrowgate("assure", "--dir", tmp_path / "report", "--check", "forks")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
    assert (done.code, "held" in done.out, list((tmp_path / "report").iterdir())) == (1, False, [])


def test_who_interrupts_a_run_is_told_of_one_next_step(
    narrowgate: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun_and_interrupted(*_: object) -> Iterator[Result]:
        yield Result(CHECKS[0], False, Tried(1), 1.0)
        raise KeyboardInterrupt

    monkeypatch.setattr(assure, "run_checks", begun_and_interrupted)
    done = narrowgate("assure", "--dir", tmp_path / "report")
    kept = f"What was tried before is kept in {tmp_path / 'report'}/assurance.html."
    told = f"narrowgate: Interrupted.\n  {kept}\n  Name another directory.\n  (interrupted)"
    assert (done.code, done.err.strip()) == (130, told)
    assert (tmp_path / "report" / "assurance.html").exists()
