"""Lint tells an analyst all that would be refused, in words without data."""

from __future__ import annotations

from narrowgate.core.eligibility.examine import Refused, examine_item
from narrowgate.core.eligibility.lint import Remark, Severity, lint_item
from narrowgate.core.request.item import Item
from support.requests import OFFICERS, TODAY, eligible_item, example_agreement


def remarks(item: Item) -> tuple[Remark, ...]:
    return lint_item(item, example_agreement(), TODAY, OFFICERS, frozenset())


def test_an_eligible_item_has_no_remark() -> None:
    assert remarks(eligible_item()) == ()


def test_every_finding_of_the_gate_is_told_with_its_rule_detail_and_hint() -> None:
    item = eligible_item(address_line_1="UNKNOWN", statute="", stayed="yes")
    told = remarks(item)
    refused = examine_item(item, example_agreement(), TODAY, OFFICERS, frozenset())
    assert isinstance(refused, Refused)
    assert tuple(remark.rule.id for remark in told if remark.rule) == refused.findings
    assert len(told) == len(refused.findings)
    assert all(remark.rule and remark.detail and remark.hint == remark.rule.hint for remark in told)


def test_a_city_that_its_zip_does_not_know_is_a_warning_and_refuses_nothing() -> None:
    item = eligible_item(city="Amarillo")
    assert not isinstance(examine_item(item, example_agreement(), TODAY, OFFICERS, frozenset()), Refused)
    (warning,) = remarks(item)
    assert (warning.severity, warning.rule) == (Severity.WARNING, None)
    assert warning.detail == "The postal table does not know the city for the ZIP Code."


def test_no_remark_repeats_a_cell() -> None:
    marked = Item(*[f"Zyxwv{number}" for number in range(25)])
    told = remarks(marked)
    assert len(told) > 10
    assert "zyxwv" not in repr(told).lower()
