"""Every check holds on the gate as it is, and fails where its fault is planted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narrowgate.entrypoints.assure.check import SMALL, Check
from narrowgate.entrypoints.assure.questions import mutation
from narrowgate.entrypoints.assure.stage import Stage
from narrowgate.entrypoints.assure.suite import CHECKS, NAMES
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
