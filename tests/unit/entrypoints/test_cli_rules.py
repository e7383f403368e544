"""``narrowgate rules``: every rule can be looked up on a machine that holds nothing but the program."""

from __future__ import annotations

import json

import pytest

from narrowgate.core.eligibility.construction import HELD_BY_CONSTRUCTION
from narrowgate.core.eligibility.rule import Rule
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION, RULES, rule_set_digest
from support.command_line import CommandLine


def test_every_rule_is_listed_in_the_order_of_findings(narrowgate: CommandLine) -> None:
    lines = narrowgate("rules", "list").out.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [[rule.id, rule.title] for rule in RULES]


def test_a_list_can_be_of_one_scope(narrowgate: CommandLine) -> None:
    listed = narrowgate("rules", "list", "--scope", "history").out
    assert {line.split()[0] for line in listed.splitlines()} == {
        rule.id for rule in RULES if rule.scope.value == "history"
    }


def test_the_list_for_programs_names_version_and_digest(narrowgate: CommandLine) -> None:
    listed = json.loads(narrowgate("rules", "list", "--json").out)
    assert (listed["rule_set"], listed["sha256"]) == (RULE_SET_VERSION, rule_set_digest())
    assert [rule["id"] for rule in listed["rules"]] == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_shown_with_its_law_and_what_to_do(rule: Rule, narrowgate: CommandLine) -> None:
    result = narrowgate("rules", "show", rule.id)
    assert result.code == 0
    for part in (rule.title, rule.citation, rule.text, rule.hint):
        assert part in result.out


def test_ids_are_found_however_their_letters_are_written(narrowgate: CommandLine) -> None:
    shown = json.loads(narrowgate("rules", "show", "r-62A", "14", "--json").out)
    assert [rule["id"] for rule in shown["rules"]] == ["R-62a", "R-14"]


@pytest.mark.parametrize("requirement", HELD_BY_CONSTRUCTION)
def test_a_requirement_without_a_rule_says_how_it_is_held(requirement: str, narrowgate: CommandLine) -> None:
    assert HELD_BY_CONSTRUCTION[requirement] in narrowgate("rules", "show", requirement).out


def test_an_unknown_id_is_a_usage_error_that_says_where_to_look(narrowgate: CommandLine) -> None:
    result = narrowgate("rules", "show", "R-99")
    assert result.code == 2
    assert "rules list" in result.err
