"""A case file is linted as the gate would judge it alone: the budgets within the file are the gate's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from narrowgate.core.agreement.model import Agreement, Limits
from narrowgate.core.eligibility.lint_file import LintedFile, lint_file
from narrowgate.core.request.item import Item
from support.requests import OFFICERS, TODAY, eligible_item, example_agreement

KEY = bytes(range(32))


def linted(items: Sequence[Item], agreement: Agreement | None = None) -> LintedFile:
    cases = list(enumerate(items, 2))
    return lint_file(cases, agreement or example_agreement(), TODAY, OFFICERS, frozenset(), KEY)


def rules(found: LintedFile) -> dict[int, list[str]]:
    return {
        one.line: [remark.rule.id for remark in one.remarks if remark.rule]
        for one in found.remarked
        if one.is_refused
    }


def person(number: int, **changed: str) -> Item:
    """Another person at another address, with a reason of their own."""
    words = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett")
    return eligible_item(
        item=f"case-{number}",
        surnames=f"Garcia{words[number % 10]}",
        birth_date=f"19{70 + number % 20}-0{1 + number % 9}-1{number % 10}",
        alien_number=f"A0{10_000_000 + number}",
        removal_order_number=f"RO-{number:06}",
        address_line_1=f"{100 + number} {words[number % 10]} St",
        reason=f"The lease found in search {words[number % 10]} of May {number} names this apartment clearly.",
        **changed,
    )


def test_different_people_at_different_addresses_have_no_finding() -> None:
    assert linted([person(number) for number in range(8)]) == LintedFile(8, ())


def test_one_alien_number_copied_down_the_column_is_told_with_the_line_it_is_from() -> None:
    items = [person(number)._replace(alien_number="A012345678") for number in range(4)]
    found = linted(items)
    assert rules(found) == {3: ["R-73"], 4: ["R-73"], 5: ["R-73"]}
    for one in found.remarked:
        assert "the alien number of line 2" in one.remarks[0].detail
        assert "A012345678" not in one.remarks[0].detail


def test_a_second_address_for_one_person_is_told() -> None:
    again = person(1)._replace(item="case-1b", address_line_1="999 Elm St")
    limits = replace(example_agreement().limits, distinct_addresses_per_subject=1)
    found = linted([person(1), again], replace(example_agreement(), limits=limits))
    assert rules(found) == {3: ["R-28"]}
    assert "of line 2" in found.remarked[0].remarks[0].detail


def test_one_reason_for_many_is_told_and_lifted_limits_say_nothing() -> None:
    items = [person(number)._replace(reason=person(0).reason) for number in range(9)]
    limits = replace(example_agreement().limits, identical_reasons=2)
    found = linted(items, replace(example_agreement(), limits=limits))
    assert {rule for listed in rules(found).values() for rule in listed} == {"R-25"}
    lifted = replace(example_agreement(), limits=Limits(*[None] * 8))
    assert rules(linted(items, lifted)) == {}


def test_an_item_that_a_rule_refuses_counts_in_no_budget() -> None:
    copied = [person(number)._replace(alien_number="A012345678") for number in (1, 2)]
    refused = copied[0]._replace(address_line_1="UNKNOWN")
    assert rules(linted([refused, copied[1]])) == {2: ["R-64"]}


def test_remarks_come_in_the_order_of_the_lines() -> None:
    items = [person(1), person(2, stayed="yes"), person(3)._replace(alien_number=person(1).alien_number)]
    assert [one.line for one in linted(items).remarked] == [3, 4]
