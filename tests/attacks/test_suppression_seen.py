"""Attacks on suppression (26 USC 6103(i)(6)): ask before and after, or put the older index back."""

from __future__ import annotations

import json
import os
import re

import pytest

from support.budgeted_world import (
    HOME_OF_QUILLANA,
    HOME_OF_WILLIAM,
    INDEX_BASE,
    INDEX_SIGNER,
    QUILLANA,
    WILLIAM,
    BudgetedWorld,
)

QUESTION = {**WILLIAM, **HOME_OF_WILLIAM}
OTHERS = {**QUILLANA, **HOME_OF_QUILLANA}


def test_the_same_question_before_and_after_a_suppression_has_one_answer(budgeted: BudgetedWorld) -> None:
    before = budgeted.package(QUESTION)
    assert budgeted.gate(before).code == 0
    budgeted.suppress(WILLIAM, "index-2")
    budgeted.put_in_force("index-2")
    after = budgeted.package(QUESTION)
    assert budgeted.gate(after).code == 0
    assert budgeted.outcomes(before, 1) == budgeted.outcomes(after, 1) == ["CONFIRMED"]
    assert budgeted.snapshot(before) == budgeted.snapshot(after)


@pytest.mark.parametrize(
    "change",
    [
        {"address_line_1": "507 PELLWORTH AVENUE"},
        {"given_names": "WILLIAM", "surnames": "dreskovic"},
        {"alien_number": "A012345678"},
        {"reason": "The tenant named in the file of June lives here; it shows willful failure to depart."},
    ],
)
def test_in_another_spelling_it_is_the_same_question(change: dict[str, str], budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(QUESTION) == ["CONFIRMED"]
    budgeted.suppress(WILLIAM, "index-2")
    budgeted.put_in_force("index-2")
    assert budgeted.ask({**QUESTION, **change}) == ["CONFIRMED"]


@pytest.mark.parametrize(
    "change",
    [
        {"tax_years": "2021 2022"},
        {"tax_years": "2022 2023"},
        {"tax_years": "2023"},
        {"tin": ""},
        {"given_names": "Bill"},
        {"given_names": "William Ernest"},
        {"birth_date": "1979-11-03"},
    ],
)
def test_in_other_words_it_is_no_question(change: dict[str, str], budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(QUESTION) == ["CONFIRMED"]
    budgeted.suppress(WILLIAM, "index-2")
    budgeted.put_in_force("index-2")
    expected = "REFUSED R-73" if "birth_date" in change else "REFUSED R-74"
    assert budgeted.ask({**QUESTION, **change}) == [expected]


def test_a_question_first_put_after_the_suppression_is_answered_with_no(budgeted: BudgetedWorld) -> None:
    budgeted.suppress(WILLIAM, "index-2")
    budgeted.put_in_force("index-2")
    assert budgeted.ask(QUESTION) == ["NOT_CONFIRMED"]
    assert budgeted.ask(QUESTION) == ["NOT_CONFIRMED"]


def test_the_older_index_put_back_is_refused_and_the_newer_one_goes_on(budgeted: BudgetedWorld) -> None:
    budgeted.suppress(WILLIAM, "index-2")
    budgeted.put_in_force("index-2")
    assert budgeted.ask(OTHERS) == ["CONFIRMED"]
    budgeted.put_in_force("world/index")
    name = budgeted.package(QUESTION)
    refused = budgeted.gate(name)
    assert (refused.code, "not the one in force" in refused.err) == (16, True)
    assert not (budgeted.home / "world" / "answers" / budgeted.identifier(name)).exists()
    doctor = budgeted.narrowgate("doctor", "--config", "world")
    assert (doctor.code, "not the one in force" in doctor.out) == (1, True)
    budgeted.put_in_force("index-2")
    assert budgeted.gate(name).code == 0
    assert budgeted.outcomes(name, 1) == ["NOT_CONFIRMED"]


def test_an_index_read_by_a_run_that_was_cut_off_counts_as_read(
    budgeted: BudgetedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgeted.suppress(WILLIAM, "index-2")
    budgeted.put_in_force("index-2")
    name = budgeted.package(QUESTION)
    with monkeypatch.context() as patch:
        patch.setattr("narrowgate.gate.run.seal_answers", _fails)
        assert budgeted.gate(name).code == 1
    budgeted.put_in_force("world/index")
    assert budgeted.gate(name).code == 16


def _fails(*_: object) -> None:
    raise OSError("no space left on device")


def test_merging_layers_keeps_the_snapshot_that_leaves_and_is_newer(budgeted: BudgetedWorld) -> None:
    first = budgeted.package(OTHERS)
    assert budgeted.gate(first).code == 0
    budgeted.suppress(WILLIAM, "index-2")
    merged = budgeted.narrowgate(
        "index",
        "compact",
        "index-2",
        "index-3",
        "--key",
        "file:world/keys/index.key",
        *INDEX_BASE,
        *INDEX_SIGNER,
    )
    assert merged.code == 0
    budgeted.put_in_force("index-3")
    second = budgeted.package(QUESTION)
    assert budgeted.gate(second).code == 0
    assert budgeted.outcomes(second, 1) == ["NOT_CONFIRMED"]
    assert budgeted.snapshot(first) == budgeted.snapshot(second)
    budgeted.put_in_force("index-2")
    assert budgeted.gate(budgeted.package({**QUESTION, "tin": "", "birth_date": "1979-10-30"})).code == 16


def test_an_act_alone_puts_the_index_with_the_suppression_in_force(budgeted: BudgetedWorld) -> None:
    world = budgeted.home / "world"
    (world / "indexes").mkdir()
    (world / "index").rename(world / "indexes" / "first")
    settings = (world / "gate.toml").read_text()
    (world / "gate.toml").write_text(re.sub("(?m)^index = .*$", 'indexes = "indexes"', settings))
    budgeted.suppress(WILLIAM, "world/indexes/second", "world/indexes/first")
    for name in ("a-building", "b-too-long", "c-pipe"):
        (world / "indexes" / name).mkdir()
    (world / "indexes" / "a-building" / "manifest.json").mkdir()
    with (world / "indexes" / "b-too-long" / "manifest.json").open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    os.mkfifo(world / "indexes" / "c-pipe" / "manifest.json")
    assert budgeted.ask(OTHERS) == ["CONFIRMED"], "what lies beside the index in force stops nothing"
    proposed = (
        "act propose index-in-force --document world/indexes/second --reason test --config world --json"
    )
    number = json.loads(budgeted.narrowgate(*proposed.split()).out)["number"]
    for officer in (1, 2):
        keys = f"--key world/keys/custody-{officer}.key.pem --certificate world/keys/custody-{officer}.pem"
        assert budgeted.narrowgate(*f"act sign {number} {keys} --yes --config world".split()).code == 0
    assert budgeted.narrowgate(*f"act apply {number} --config world".split()).code == 0
    assert budgeted.ask(QUESTION) == ["NOT_CONFIRMED"]
    (world / "indexes" / "second").rename(budgeted.home / "away")
    refused = budgeted.gate(budgeted.package({**QUESTION, "tax_years": "2020"}))
    assert (refused.code, "not in the directory of indexes" in refused.err) == (16, True)
    assert "3 could not be read" in refused.err
