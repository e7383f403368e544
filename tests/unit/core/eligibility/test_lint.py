"""Lint tells an analyst all that would be refused, line by line, in words without data."""

from __future__ import annotations

from narrowgate.core.eligibility.examine import Refused, examine_item
from narrowgate.core.eligibility.lint import Remark, Severity, lint
from narrowgate.core.request.item import Item
from support.requests import OFFICERS, TODAY, eligible_item, example_agreement


def remarks(*items: Item) -> list[Remark]:
    return list(lint(enumerate(items, 2), example_agreement(), TODAY, OFFICERS, frozenset()))


def test_an_eligible_item_has_no_remark() -> None:
    assert remarks(eligible_item()) == []


def test_every_finding_of_the_gate_is_told_with_its_line_title_detail_and_hint() -> None:
    item = eligible_item(item="case-7", address_line_1="UNKNOWN", statute="", stayed="yes")
    told = remarks(eligible_item(), item)
    refused = examine_item(item, example_agreement(), TODAY, OFFICERS, frozenset())
    assert isinstance(refused, Refused)
    assert tuple(remark.rule_id for remark in told) == refused.findings
    assert {(remark.line, remark.item, remark.severity) for remark in told} == {
        (3, "case-7", Severity.REFUSAL)
    }
    assert all(remark.title and remark.detail and remark.hint for remark in told)


def test_a_city_that_its_zip_does_not_know_is_a_warning_and_refuses_nothing() -> None:
    item = eligible_item(city="Amarillo")
    assert not isinstance(examine_item(item, example_agreement(), TODAY, OFFICERS, frozenset()), Refused)
    (warning,) = remarks(item)
    assert (warning.severity, warning.rule_id) == (Severity.WARNING, "")
    assert warning.detail == "The postal table does not know the city for the ZIP Code."
    assert warning.hint


def test_no_remark_repeats_a_cell_but_the_item_id() -> None:
    marked = eligible_item(
        given_names="Zyxwv",
        surnames="Zyxwv7",
        tin="Zyxwv",
        city="Zyxwv",
        address_line_1="Zyxwv",
        reason="Zyxwv",
    )
    told = remarks(marked)
    assert told
    assert "zyxwv" not in repr(told).lower()
