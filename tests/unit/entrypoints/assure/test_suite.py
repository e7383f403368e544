"""Every check holds on the gate as it is, and fails where its fault is planted."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import escape
from pathlib import Path

import pytest

from narrowgate.entrypoints.assure import killing
from narrowgate.entrypoints.assure.canaries import Words, canary_words, search
from narrowgate.entrypoints.assure.check import SMALL, Check, Tried
from narrowgate.entrypoints.assure.killing import SAID, TEMPORARY
from narrowgate.entrypoints.assure.questions import mutation
from narrowgate.entrypoints.assure.report import Run, as_json, as_page
from narrowgate.entrypoints.assure.stage import Stage
from narrowgate.entrypoints.assure.suite import CHECKS, NAMES, Result, assure
from narrowgate.entrypoints.assure.twin_worlds import twin_worlds
from support.requests import NOW, PROJECT


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage.make(tmp_path_factory.mktemp("stage"), SMALL.people, SMALL.items, 1, NOW)


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_a_check_holds_and_fails_where_its_fault_is_planted(stage: Stage, check: Check) -> None:
    held = check.run(stage, SMALL, False)
    assert held.broken == []
    assert held.tried > 0
    assert check.run(stage, SMALL, True).broken


@pytest.mark.parametrize(
    "check", [check for check in CHECKS if check.name in {"mutation", "junk", "probing"}]
)
def test_a_check_in_which_nothing_is_answered_proves_nothing(stage: Stage, check: Check) -> None:
    elsewhere = [item._replace(address_line_1=f"7{item.address_line_1}") for item in stage.confirmed]
    nowhere = [item._replace(address_line_1="UNKNOWN") for item in stage.confirmed]
    asked = nowhere if check.name == "probing" else elsewhere
    tried = check.run(replace(stage, confirmed=asked), SMALL, False)
    assert any("positive control" in each for each in tried.broken)


def test_twin_worlds_in_which_nobody_is_confirmed_prove_nothing(stage: Stage) -> None:
    junk = [item._replace(address_line_1="UNKNOWN") for item in stage.items[:7]]
    tried = twin_worlds(replace(stage, items=junk), SMALL, False)
    assert any("positive control" in each for each in tried.broken)


def test_kills_that_meet_no_gate_at_work_prove_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(killing, "STEPS", ("a step ", "that is ", "in no run "))
    assert killing.kills(stage, SMALL, False).broken == [killing.UNMET]


def test_a_check_alone_tries_what_it_tried_among_others(tmp_path: Path) -> None:
    def run(home: str, *names: str) -> Tried:
        wanted = dict.fromkeys(names, False)
        *_, last = assure(tmp_path / home, SMALL, wanted, 5, NOW, lambda _name, _done, _of: None)
        return last.tried

    assert run("among", "august", "junk") == run("alone", "junk")


def test_every_part_of_an_address_is_changed_however_few_questions_there_are(stage: Stage) -> None:
    few = mutation(stage, replace(SMALL, cases=20), False)
    many = mutation(stage, replace(SMALL, cases=10_000), False)
    assert few.figures.keys() == many.figures.keys()
    assert {
        f"another {part}"
        for part in (
            *(
                "number",
                "direction before the street",
                "direction behind the street",
                "suffix",
                "street",
                "unit",
            ),
            *("ZIP Code", "city", "state", "state beside its ZIP Code", "route", "box", "urbanization"),
        )
    } <= many.figures.keys()
    assert many.broken == []


def test_a_canary_in_what_a_gate_says_or_in_its_temporary_files_is_found(stage: Stage) -> None:
    gate = stage.gate("canaries-elsewhere", stage.agreement())
    (gate.home / SAID).write_bytes(b"warning: " + b64encode(b"x" + stage.confirmed[0].reason.encode()))
    (gate.home / TEMPORARY).mkdir()
    number = next(item.tin for item in stage.confirmed if item.tin)
    (gate.home / TEMPORARY / "spill").write_bytes(b"\0\1" + sha256(number.replace("-", "").encode()).digest())
    found: list[str] = []
    search(gate, Words(canary_words(stage)), found, "now")
    assert sorted(set(found)) == [
        f"now: a reason in {SAID}",
        f"now: an unkeyed digest of a taxpayer number in {TEMPORARY}",
    ]


def test_the_suffix_that_a_confirmed_question_left_out_is_no_other_one(stage: Stage) -> None:
    suffixes = ("ST", "AVE", "CT", "LN", "RD")
    without = [
        item._replace(address_line_1=item.address_line_1.rpartition(" ")[0])
        for item in stage.confirmed
        if item.address_line_1.upper().endswith(tuple(f" {suffix}" for suffix in suffixes))
    ]
    assert without
    tried = mutation(replace(stage, confirmed=without[:1]), SMALL, False)
    assert "another suffix" not in tried.figures


def test_every_promise_of_the_suite_is_in_the_page_about_it() -> None:
    page = (PROJECT / "docs" / "how-to" / "assure.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"| `{name}` |" not in page] == []


def test_every_promise_of_the_design_has_a_check_and_every_check_a_promise() -> None:
    page = (PROJECT / "docs" / "how-to" / "assure.md").read_text(encoding="utf-8")
    table = page.partition("## Which promise which check tries")[2].partition("What it does not try")[0]
    rows = [row.split(" | ") for row in table.splitlines() if row.startswith("| ")][2:]
    promised = {
        row[0].removeprefix("| "): set(re.findall(r"`([a-z-]+)`", row[1])) & set(NAMES) for row in rows
    }
    kept = {
        promise: {
            check.name for check in CHECKS if promise in {part.strip() for part in check.source.split(";")}
        }
        for promise in promised
    }
    assert promised == kept
    assert all(kept.values())
    assert set().union(*kept.values()) == set(NAMES)


def test_every_measurement_of_time_is_a_dot_of_the_report_and_a_number_of_it() -> None:
    timing = next(check for check in CHECKS if check.name == "timing")
    samples = {"inside: hits": [2.5, 3.0], "inside: misses": [1.0], "outside: hits": [9.0, float("inf")]}
    results = [Result(timing, False, Tried(4, samples=samples), 1.0)]
    run = Run(is_full=False, size=SMALL, seed=1, now=NOW)
    page = as_page(results, run).decode()
    assert page.count("<circle") == 4
    assert all(f"timing, {where}: seconds" in page for where in ("inside", "outside"))
    assert as_json(results, run)["checks"][0]["samples"]["inside: hits"] == [2.5, 3.0]
    assert all(escape(command) in page for command in (run.command(), run.planted_of("timing")))
