"""The registry holds every rule file once, and every defect has one rule."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from narrowgate.core.address.model import AddressClass, Defect
from narrowgate.core.agreement import ceilings
from narrowgate.core.eligibility import rules
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.eligibility.ruleset import (
    ITEM_CHECKS,
    PACKAGE_CHECKS,
    RULE_SET_VERSION,
    RULES,
    address_rule,
    class_rule,
    person_rule,
    rule_of,
    rule_set_digest,
)
from narrowgate.core.person.model import PersonDefect

VERSIONS = Path(__file__).parents[3] / "vectors" / "rule_sets.toml"
FILES = sorted(Path(rules.__path__[0]).glob("r[0-9]*_*.py"))


def test_every_rule_file_is_in_the_registry_and_nothing_else_is() -> None:
    written = [importlib.import_module(f"{rules.__name__}.{path.stem}").RULE for path in FILES]
    assert sorted(written, key=lambda rule: rule.id) == list(RULES)


def test_a_rule_file_is_named_for_its_rule() -> None:
    for path in FILES:
        rule = importlib.import_module(f"{rules.__name__}.{path.stem}").RULE
        assert path.stem.startswith(rule.id.lower().replace("-", "") + "_")


def test_every_id_stands_once() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_tells_lawyers_and_analysts_what_it_is(rule: Rule) -> None:
    assert re.fullmatch(r"R-[0-9]{2}[a-z]?", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.citation
    assert rule.text.endswith((".", ".)"))
    assert "refused" in rule.text
    assert rule.hint.endswith(".")
    assert rule.since.isdigit()
    assert int(rule.since) <= int(RULE_SET_VERSION)
    assert rule_of(rule.id) is rule


def test_the_checks_stand_in_the_order_of_the_ids_by_scope() -> None:
    for checks, scope in ((ITEM_CHECKS, Scope.ITEM), (PACKAGE_CHECKS, Scope.PACKAGE)):
        assert [rule for rule, _ in checks] == [rule for rule in RULES if rule.scope is scope]


def test_every_defect_of_an_address_has_a_rule_of_its_own() -> None:
    rules = [address_rule(defect) for defect in Defect]
    assert len(set(rules)) == len(Defect)


def test_every_defect_of_a_person_has_one_rule() -> None:
    assert {person_rule(defect) for defect in PersonDefect} == {"R-11", "R-61", "R-69", "R-71"}


def test_every_class_of_address_has_one_rule_and_military_mail_no_agreement() -> None:
    assert {address_class: class_rule(address_class) for address_class in AddressClass} == {
        AddressClass.STREET: "R-65i",
        AddressClass.RURAL_ROUTE: "R-65i",
        AddressClass.HIGHWAY_CONTRACT: "R-65i",
        AddressClass.PO_BOX: "R-65d",
        AddressClass.MILITARY: "R-65g",
    }
    assert AddressClass.MILITARY not in ceilings.ADDRESS_CLASSES


def test_a_rule_set_with_other_words_or_another_order_has_another_version() -> None:
    digests = tomllib.loads(VERSIONS.read_text(encoding="utf-8"))["digests"]
    assert digests.get(RULE_SET_VERSION) == rule_set_digest(), (
        "The rules changed. If this version was ever in force, raise RULE_SET_VERSION and add a line for it to "
        f"tests/vectors/rule_sets.toml: {RULE_SET_VERSION} = {rule_set_digest()!r}"
    )
    assert list(digests) == [str(number) for number in range(1, int(RULE_SET_VERSION) + 1)]
    assert len(set(digests.values())) == len(digests)
