"""R-13: the item names a few tax years inside the window."""

from __future__ import annotations

from operator import attrgetter

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.reading import tax_years
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-13",
    title="The item names a few tax years inside the window",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(ii)",
    text=(
        "An item is refused unless it names its taxable periods: years of four digits, ascending and "
        "different, no more than the agreement lets one item name, and none outside the agreement's "
        "window."
    ),
    hint=(
        "List the years separated by spaces, earliest first, such as 2022 2023; name only those the "
        "case needs."
    ),
)


@shared_by(attrgetter("item.tax_years"))
def check(facts: ItemFacts) -> str:
    """Empty when the tax years are present, few and inside the window; otherwise what is wrong."""
    years = tax_years(facts.item.tax_years)
    window = facts.agreement.tax_years
    if years is None:
        return "The tax years are missing, or not years of four digits in ascending order."
    if len(years) > window.per_item:
        return "The item names more tax years than the agreement allows."
    if years[0] < window.first or years[-1] > window.last:
        return "A tax year lies outside the agreement's window."
    return ""
