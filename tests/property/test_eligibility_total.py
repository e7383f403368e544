"""Every item of any text is either admitted or refused with findings, and always the same way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.core.eligibility.examine import Admitted, Refused, examine_item
from narrowgate.core.eligibility.ruleset import RULE_IDS
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from support.requests import OFFICERS, TODAY, eligible_item, example_agreement

ELIGIBLE = eligible_item()
COLUMNS = st.sampled_from(ITEM_COLUMNS[1:])
TEXTS = st.text(max_size=60) | st.sampled_from(
    ["", "yes", "no", "8 USC 1182", "2022 2023", "2026-11-22", "UNKNOWN"]
)
CHANGES = st.dictionaries(COLUMNS, TEXTS, max_size=5)


def examined(item: Item) -> Admitted | Refused:
    return examine_item(item, example_agreement(), TODAY, OFFICERS, frozenset())


@given(
    st.builds(Item, *[st.text(max_size=60) for _ in ITEM_COLUMNS])
    | CHANGES.map(lambda new: ELIGIBLE._replace(**new))
)
@settings(max_examples=300)
def test_an_item_of_any_text_is_admitted_or_refused_with_known_findings_in_order(item: Item) -> None:
    result = examined(item)
    assert examined(item) == result
    if isinstance(result, Refused):
        assert result.findings == tuple(rule for rule in RULE_IDS if rule in result.findings)
        assert result.findings
    else:
        assert result.tax_years
        assert result.person.tin or result.person.birth_date


@given(CHANGES, CHANGES)
def test_a_change_of_other_columns_never_heals_a_finding(
    first: dict[str, str], second: dict[str, str]
) -> None:
    """Each rule looks at columns of its own; of the columns that share a rule one alone is changed at a time."""
    shared = [GROUP.get(column, column) for column in first]
    others = {column: text for column, text in second.items() if GROUP.get(column, column) not in shared}
    result = examined(ELIGIBLE._replace(**first))
    if isinstance(result, Refused):
        both = examined(ELIGIBLE._replace(**first, **others))
        assert isinstance(both, Refused)
        assert set(result.findings) <= set(both.findings)


GROUP = {
    column: group
    for group, columns in {
        "person": ("given_names", "surnames", "birth_date", "tin"),
        "address": ("address_line_1", "address_line_2", "city", "state", "zip"),
        "verification": ("address_source", "address_verified_on", "in_custody"),
        "investigation": ("investigation_number", "investigation_opened_on"),
        "order": ("removal_order_number", "removal_order_date", "removal_ground", "stayed"),
        "reason": ("reason_code", "reason"),
    }.items()
    for column in columns
}
"""Columns that one rule reads together: a later fault may hide behind an earlier one."""
