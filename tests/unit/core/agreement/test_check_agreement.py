"""Clauses and rules answer each other, and a reader is told what is in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from narrowgate.core.agreement.check import check_agreement
from narrowgate.core.agreement.clauses import standard_clauses
from narrowgate.core.agreement.model import Agreement, FacilityList, Hold
from narrowgate.core.eligibility.construction import HELD_BY_CONSTRUCTION
from narrowgate.core.eligibility.ruleset import RULES
from support.requests import TODAY, example_agreement, lifted_agreement

COMPLETE = replace(
    example_agreement(),
    addresses=replace(example_agreement().addresses, facility_list=FacilityList("facilities.csv", "0a" * 32)),
)


def test_a_complete_agreement_leaves_no_doubt() -> None:
    assert check_agreement(COMPLETE, TODAY) == ()


def test_every_rule_has_a_clause_and_every_clause_has_a_rule_or_binds_people() -> None:
    named = {rule for clause in example_agreement().clauses for rule in clause.rules}
    assert named == {rule.id for rule in RULES} | set(HELD_BY_CONSTRUCTION)


def test_the_example_has_the_standard_clauses() -> None:
    example = example_agreement()
    assert example.clauses == standard_clauses(example.effective, example.expires)


SAFEGUARDS = COMPLETE.safeguards
OFF = tuple(replace(grant, enabled=False) for grant in COMPLETE.offices)
LATER = tuple(
    replace(grant, keys=tuple(replace(key, valid_from=date(2027, 1, 1)) for key in grant.keys))
    for grant in COMPLETE.offices
)
FIRST = COMPLETE.clauses[0]


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (replace(COMPLETE, effective=date(2026, 11, 23)), "agreement is not in force"),
        (replace(COMPLETE, safeguards=replace(SAFEGUARDS, open_finding=True)), "safeguards approval"),
        (
            replace(COMPLETE, safeguards=replace(SAFEGUARDS, expires=date(2026, 11, 21))),
            "safeguards approval",
        ),
        (replace(COMPLETE, hold=Hold(TODAY, "order", ())), "A hold is in the agreement"),
        (replace(COMPLETE, offices=OFF), "switched off"),
        (replace(COMPLETE, offices=LATER), "No key holds the office"),
        (replace(COMPLETE, clauses=COMPLETE.clauses[1:]), ""),
        (replace(COMPLETE, clauses=COMPLETE.clauses[:4] + COMPLETE.clauses[5:]), "No clause names R-17"),
        (replace(COMPLETE, clauses=(*COMPLETE.clauses, replace(FIRST, rules=("R-99",)))), "names R-99"),
        (
            replace(COMPLETE, clauses=(replace(FIRST, valid_to=date(2026, 11, 1)), *COMPLETE.clauses[1:])),
            "Clause 1.1",
        ),
        (replace(COMPLETE, addresses=example_agreement().addresses), "No list of facilities"),
        (lifted_agreement(), "sandbox agreement"),
    ],
)
def test_a_doubt_is_told_in_a_sentence(agreement: Agreement, words: str) -> None:
    doubts = check_agreement(agreement, TODAY)
    assert any(words in doubt for doubt in doubts) if words else doubts == ()
