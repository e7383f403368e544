"""Rules evaluated over a column of items find what they find in each item."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Hashable

import pytest

from narrowgate.core.eligibility.examine import examine_item, examine_items, facts_of
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import SharedCheck
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.eligibility.ruleset import ITEM_CHECKS, findings, findings_by_column, rule_of
from narrowgate.core.request.item import Item
from support.requests import CASES, OFFICERS, TODAY, eligible_item, example_agreement

SHARED = [(rule, check) for rule, check in ITEM_CHECKS if isinstance(check, SharedCheck)]


def items() -> list[Item]:
    """The items of every case of every item rule, those that meet it and those that do not."""
    found = [eligible_item()]
    for path in sorted(CASES.glob("R-*.toml")):
        if rule_of(path.stem).scope is Scope.ITEM:
            cases = tomllib.loads(path.read_text(encoding="utf-8"))
            for kind in ("pass", "fail"):
                found += [eligible_item(**case["item"]) for case in cases[kind].values() if "item" in case]
    return found


@pytest.fixture(scope="module")
def every() -> list[ItemFacts]:
    agreement = example_agreement()
    return [facts_of(item, agreement, TODAY, OFFICERS, frozenset()) for item in items()]


def test_a_column_of_items_has_the_findings_of_each(every: list[ItemFacts]) -> None:
    expected = [findings(facts) for facts in every]
    assert findings_by_column(every) == expected
    assert findings_by_column(every[::-1]) == expected[::-1]
    assert {rule.id for rule, _ in ITEM_CHECKS} - {"R-65b", "R-65i"} <= {
        rule for found in expected for rule in found
    }


def test_items_examined_together_come_to_what_each_comes_to() -> None:
    agreement = example_agreement()
    terms = agreement, TODAY, OFFICERS, frozenset[str]()
    assert examine_items(items(), *terms) == [examine_item(item, *terms) for item in items()]
    assert examine_items([], *terms) == []


@pytest.mark.parametrize(("rule", "check"), SHARED, ids=[rule.id for rule, _ in SHARED])
def test_a_shared_check_looks_at_nothing_but_what_it_says(
    rule: Rule, check: SharedCheck, every: list[ItemFacts]
) -> None:
    found: dict[Hashable, set[str]] = defaultdict(set)
    for facts in every:
        found[check.reads(facts)].add(check(facts))
    assert len(found) > 1
    assert all(len(details) == 1 for details in found.values()), rule.id
