"""R-16: the person is under a criminal investigation that has begun."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.reading import is_reference, iso_date
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-16",
    title="The person is under a criminal investigation that has begun",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(A) and (B)(iii)",
    text=(
        "An item is refused unless it gives the number of the criminal investigation and the date on "
        "which it was opened, which is not in the future."
    ),
    hint="Give the investigation's number, with its digits, and the opening date as 2026-01-31.",
)


def check(facts: ItemFacts) -> str:
    """Empty when the investigation has a number and has begun; otherwise what is wrong."""
    item = facts.item
    if not is_reference(item.investigation_number):
        return "The number of the investigation is missing."
    opened_on = iso_date(item.investigation_opened_on)
    if opened_on is None:
        return "The opening date of the investigation is missing or not an ISO 8601 date."
    return "The opening date of the investigation is in the future." if opened_on > facts.today else ""
