"""Attacks on the budgets: a second address for one person, persons hidden behind one number, budgets begun anew."""

from __future__ import annotations

import pytest

from support.budgeted_world import (
    EARLIER_HOME_OF_QUILLANA,
    HOME_OF_QUILLANA,
    HOME_OF_WILLIAM,
    QUILLANA,
    WILLIAM,
    BudgetedWorld,
)

FIRST = {**QUILLANA, **HOME_OF_QUILLANA, "tax_years": "2021 2022"}
SECOND = {**QUILLANA, **EARLIER_HOME_OF_QUILLANA, "tax_years": "2021"}


def test_with_the_number_first_and_without_it_then_is_one_person(budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    without_number = {**SECOND, "tin": "", "given_names": "Quillana Mireya", "surnames": "Vantorez Obraski"}
    assert budgeted.ask(without_number) == ["REFUSED R-28"]


def test_without_the_number_first_and_with_it_then_is_one_person(budgeted: BudgetedWorld) -> None:
    without_number = {**FIRST, "tin": "", "given_names": "Quillana Mireya", "surnames": "Vantorez Obraski"}
    assert budgeted.ask(without_number) == ["CONFIRMED"]
    assert budgeted.ask(SECOND) == ["REFUSED R-28"]


def test_a_number_without_a_birth_date_is_no_question(budgeted: BudgetedWorld) -> None:
    assert budgeted.ask({**FIRST, "birth_date": ""}) == ["REFUSED R-69"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Each section", "# A comment. Each section"),
        ("version = 1\n", "version = 2\n"),
        ('title = "', 'title = "New '),
        ("packages_per_day = 24", "packages_per_day = 23"),
    ],
)
def test_an_edit_of_the_agreement_begins_no_budget_anew(old: str, new: str, budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    budgeted.change("agreement.toml", old, new)
    assert budgeted.ask(SECOND) == ["REFUSED R-28"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "example-2026"', 'id = "example-2027"', "overlaps"),
        ('custodian = "Internal', 'custodian = "The Internal', "other parties"),
        ('requester = "U.S.', 'requester = "US', "other parties"),
    ],
)
def test_an_edit_that_would_begin_them_anew_closes_the_gate(
    old: str, new: str, said: str, budgeted: BudgetedWorld
) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    budgeted.change("agreement.toml", old, new)
    refused = budgeted.gate(budgeted.package(SECOND))
    assert (refused.code, said in refused.err) == (4, True)
    budgeted.change("agreement.toml", new, old)
    assert budgeted.ask(SECOND) == ["REFUSED R-28"]


def test_with_another_history_key_the_gate_refuses_to_begin(budgeted: BudgetedWorld) -> None:
    assert budgeted.ask(FIRST) == ["CONFIRMED"]
    key = budgeted.home / "world" / "keys" / "history.key"
    kept = key.read_text(encoding="utf-8")
    digit = next(character for character in kept if character in "0123456789abcdef")
    key.write_text(kept.replace(digit, "f" if digit != "f" else "0", 1), encoding="utf-8")
    name = budgeted.package(SECOND)
    refused = budgeted.gate(name)
    assert (refused.code, "not the one that the budgets are kept with" in refused.err) == (4, True)
    doctor = budgeted.narrowgate("doctor", "--config", "world")
    assert (doctor.code, "not the one that the budgets are kept with" in doctor.out) == (1, True)
    key.write_text(kept, encoding="utf-8")
    assert budgeted.gate(name).code == 0
    assert budgeted.outcomes(name, 1) == ["REFUSED R-28"]


def test_one_alien_number_joins_no_two_persons(budgeted: BudgetedWorld) -> None:
    wrong = {**WILLIAM, **HOME_OF_WILLIAM, "alien_number": "A087654309"}
    right = {**FIRST, "alien_number": "A087654309"}
    assert budgeted.ask(wrong) == ["CONFIRMED"]
    assert budgeted.ask(right) == ["REFUSED R-73"]
    assert budgeted.ask({**FIRST, "alien_number": "A 087 654 310"}) == ["CONFIRMED"]
    assert budgeted.ask({**WILLIAM, **HOME_OF_QUILLANA}) == ["REFUSED R-28"]


def test_one_alien_number_does_not_hide_thirty_persons_at_one_address(budgeted: BudgetedWorld) -> None:
    persons = [
        {
            "given_names": f"Sharlotte{letter}",
            "surnames": f"Ombrado{letter}",
            "birth_date": f"{1960 + number}-04-04",
            "tin": f"{219094800 + number}",
            **HOME_OF_WILLIAM,
        }
        for number, letter in enumerate("abcdefghijklmnopqrstuvwxy")
    ]
    hidden = budgeted.ask(*({**person, "alien_number": "A087654309"} for person in persons))
    assert hidden == ["NOT_CONFIRMED", *["REFUSED R-73"] * 24]
    counted = budgeted.ask(*persons[1:])
    assert counted == [*["NOT_CONFIRMED"] * 9, *["REFUSED R-29"] * 15]


@pytest.mark.parametrize("number", ["UNKNOWN", "A1", "A000000000", "A0876543091"])
def test_an_alien_number_that_cannot_exist_is_refused(number: str, budgeted: BudgetedWorld) -> None:
    assert budgeted.ask({**FIRST, "alien_number": number}) == ["REFUSED R-72"]


def test_a_reason_in_disguise_is_the_same_reason(budgeted: BudgetedWorld) -> None:
    reason = (
        "The lease found in the search of May 12 names this apartment and shows willful failure to depart."
    )
    disguised = [
        reason,
        reason.replace("e", "\u0435"),
        reason.replace(" ", "\u00a0"),
        reason.replace("lease", "le\u200base"),
        reason.replace("l", "1"),
        reason.replace("a", "\u0430").replace("o", "\u043e"),
        reason.replace("May 12", "May 13").upper(),
    ]
    persons = [
        {**WILLIAM, **HOME_OF_WILLIAM, "tin": "", "birth_date": f"1979-11-{day + 10}", "reason": text}
        for day, text in enumerate(disguised)
    ]
    assert budgeted.ask(*persons) == [*["NOT_CONFIRMED"] * 5, *["REFUSED R-25"] * 2]
