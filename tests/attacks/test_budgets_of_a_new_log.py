"""A custodian founds a new log to begin the budgets anew: they go on, or nothing is decided and the log shows it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from narrowgate.core.log.leaf_forms import HISTORY_CARRIED
from support.budgeted_world import (
    EARLIER_HOME_OF_QUILLANA,
    HOME_OF_QUILLANA,
    HOME_OF_WILLIAM,
    QUILLANA,
    WILLIAM,
    BudgetedWorld,
)
from support.new_log import CARRY, begin_a_new_log

FIRST = {**QUILLANA, **HOME_OF_QUILLANA, "tax_years": "2021 2022"}
SECOND = {**QUILLANA, **EARLIER_HOME_OF_QUILLANA, "tax_years": "2021"}
INSPECT = "inspector verify world"


def test_a_budget_spent_in_the_old_log_is_spent_in_the_new_one(budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    first = budgeted.identifier("package-1")
    begin_a_new_log(budgeted)
    waiting = budgeted.package(SECOND)
    refused = budgeted.gate(waiting)
    assert (refused.code, "were not carried over" in refused.err) == (16, True)
    assert "were not carried over" in budgeted.narrowgate("doctor", "--config", "world").out

    carried = budgeted.narrowgate(*CARRY.split(), "--state", "old/state.sqlite", "--json")
    assert carried.code == 0, carried.err
    told = json.loads(carried.out)
    assert (told["packages"], sum(told["items_by_office"].values()), told["uncharged"]) == (2, 2, 0)
    again = json.loads(budgeted.narrowgate(*CARRY.split(), "--state", "old/state.sqlite", "--json").out)
    assert (again["new"], again["history_sha256"]) == (False, told["history_sha256"])

    assert budgeted.gate(waiting).code == 0
    assert budgeted.outcomes(waiting, 1) == ["REFUSED R-28"]
    assert budgeted.ask({**WILLIAM, **HOME_OF_WILLIAM}) == ["CONFIRMED"]
    repeated = budgeted.narrowgate("gate", "run", "package-1", "--config", "world")
    assert (repeated.code, json.loads(repeated.out)["package_id"]) == (0, first)
    found = budgeted.narrowgate(*INSPECT.split(), "--predecessor", "old/log")
    assert (found.code, "as many as that log holds" in found.out) == (0, True), found.out
    for command in (
        "log verify world",
        "log list world/log",
        "log count world/log",
        "inspector conformance world",
    ):
        assert budgeted.narrowgate(*command.split()).code == 0, command


def test_no_other_state_and_no_other_key_takes_the_place_of_what_was_charged(budgeted: BudgetedWorld) -> None:
    shutil.copy("world/state.sqlite", "earlier.sqlite")
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    begin_a_new_log(budgeted, history_key=False)
    with_state = (*CARRY.split(), "--state", "old/state.sqlite")
    other = budgeted.narrowgate(*with_state)
    assert (other.code, "not the one that the charges are kept with" in other.err) == (4, True)
    shutil.copy("old/keys/history.key", "world/keys/history.key")
    for state in (("--state", "earlier.sqlite"), ()):
        lost = budgeted.narrowgate(*CARRY.split(), *state)
        assert (lost.code, "are not in the state before" in lost.err) == (2, True), lost.err
    assert budgeted.narrowgate(*CARRY.split(), "--state", "none.sqlite").code == 2
    assert not Path("none.sqlite").exists()

    shutil.copytree("world", "kept", symlinks=True)
    assert budgeted.narrowgate(*with_state).code == 0
    other = budgeted.narrowgate(*CARRY.split(), "--state", "earlier.sqlite", "--accept-lost")
    assert (other.code, "Another history was carried over" in other.err) == (14, True)
    for file in Path("kept").glob("state.sqlite*"):
        shutil.copy(file, Path("world") / file.name)
    for file in {each.name for each in Path("world").glob("state.sqlite*")}:
        if not (Path("kept") / file).exists():
            (Path("world") / file).unlink()
    refused = budgeted.gate(budgeted.package(SECOND))
    assert (refused.code, "were not carried over" in refused.err) == (16, True)
    assert budgeted.narrowgate(*with_state).code == 0
    assert budgeted.ask(SECOND) == ["REFUSED R-28"]


def test_an_inspector_finds_a_new_log_whose_gate_began_the_budgets_anew(
    budgeted: BudgetedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    begin_a_new_log(budgeted)
    with monkeypatch.context() as patch:
        patch.setattr("narrowgate.entrypoints.governed.Governed.require_history", lambda *_: None)
        assert budgeted.ask(SECOND) == ["CONFIRMED"]
    found = budgeted.narrowgate(*INSPECT.split())
    assert (found.code, "were not carried into this one" in found.out) == (14, True)
    assert budgeted.narrowgate(*CARRY.split(), "--state", "old/state.sqlite").code == 2


def test_an_inspector_with_the_old_log_finds_counts_that_are_less(
    budgeted: BudgetedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    begin_a_new_log(budgeted)
    with monkeypatch.context() as patch:
        patch.setattr("narrowgate.verify.predecessor.EndedLog.package_count", lambda _: 0)
        assert budgeted.narrowgate(*CARRY.split(), "--state", "old/state.sqlite").code == 0
    assert budgeted.narrowgate(*INSPECT.split()).code == 0
    found = budgeted.narrowgate(*INSPECT.split(), "--predecessor", "old/log")
    assert (found.code, "not those that the log before holds" in found.out) == (14, True)
    assert HISTORY_CARRIED in budgeted.narrowgate("log", "list", "world/log").out
