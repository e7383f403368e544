"""What a new log does not take over, and what it does not leave behind: recalled answers, charges of two logs ago."""

from __future__ import annotations

import json
import shutil
import sqlite3

from support.budgeted_world import EARLIER_HOME_OF_QUILLANA, HOME_OF_QUILLANA, QUILLANA, BudgetedWorld
from support.new_log import CARRY, begin_a_new_log
from support.recalled_world import recalled

ASKED = {**QUILLANA, **HOME_OF_QUILLANA, "tax_years": "2021 2022"}
ASKED_NEXT = {**QUILLANA, **EARLIER_HOME_OF_QUILLANA, "tax_years": "2021"}
EARLIER_DAYS = "UPDATE packages SET received_on = '2020-01-01'"
ANOTHER_LOG = """
INSERT INTO packages SELECT 'p-of-another-log', manifest_sha256, office, item_count, received_on, resume
FROM packages LIMIT 1;
INSERT INTO receipts VALUES ('p-of-another-log', x'00')"""
FROM_OLD = (*CARRY.split(), "--state", "old/state.sqlite")


def test_an_answer_that_the_old_log_recalled_is_not_given_again_and_no_changed_state_is_carried(
    budgeted: BudgetedWorld,
) -> None:
    assert budgeted.ask(ASKED) == ["CONFIRMED"]
    recalled(budgeted.narrowgate, "--item", f"{budgeted.identifier('package-1')}/1")
    begin_a_new_log(budgeted)
    for change in (EARLIER_DAYS, ANOTHER_LOG):
        shutil.copy("old/state.sqlite", "changed.sqlite")
        with sqlite3.connect("changed.sqlite") as changed:
            changed.executescript(change)
        refused = budgeted.narrowgate(*CARRY.split(), "--state", "changed.sqlite")
        assert (refused.code, "does not belong to the log before" in refused.err) == (14, True), refused.err
    carried = budgeted.narrowgate(*FROM_OLD, "--json")
    assert (carried.code, json.loads(carried.out)["recalled_before"]) == (0, 1), carried.err
    assert budgeted.ask(ASKED) == ["REFUSED R-74"]


def test_charges_do_not_vanish_on_their_way_through_two_logs(budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(ASKED) == ["CONFIRMED"]
    begin_a_new_log(budgeted)
    shutil.copy("world/state.sqlite", "never-charged.sqlite")
    assert budgeted.narrowgate(*FROM_OLD).code == 0
    (budgeted.home / "old").rename("oldest")
    begin_a_new_log(budgeted, number=3)
    for without in ((), ("--state", "never-charged.sqlite")):
        refused = budgeted.narrowgate(*CARRY.split(), *without)
        assert (refused.code, "The charges of 2 packages" in refused.err) == (2, True), refused.err
    assert budgeted.narrowgate(*FROM_OLD).code == 0
    assert budgeted.ask(ASKED_NEXT) == ["REFUSED R-28"]
    assert budgeted.ask(ASKED) == ["CONFIRMED"], "the first answer, of two logs ago"
    forgotten = budgeted.narrowgate("recall", "forget", "--config", "world", "--all", "--json")
    assert json.loads(forgotten.out) == {"questions": 0, "destroyed": [], "all": True}
    assert budgeted.ask(ASKED) == ["REFUSED R-74"]
