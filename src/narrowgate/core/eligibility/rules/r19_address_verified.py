"""R-19: the address was verified lately and the person is free."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.reading import iso_date
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-19",
    title="The address has a source, was verified lately, and the person is not in custody",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i) and (iv)",
    text=(
        "An item is refused unless it says where the address comes from and on which day the "
        "requester last verified it, at most 90 days before the decision and not after it, and "
        "attests that the person is not in custody."
    ),
    hint=(
        "Name the source of the address and the day of its last verification; a person in custody is "
        "not asked about."
    ),
)

VERIFIED_WITHIN = timedelta(days=90)
"""An older verification describes a past home: people have been searched for where they no longer lived."""


@shared_by(attrgetter("item.address_source", "item.address_verified_on", "item.in_custody"))
def check(facts: ItemFacts) -> str:
    """Empty when the address is sourced and lately verified and the person free; otherwise what is wrong."""
    item = facts.item
    if not any(map(str.isalpha, item.address_source)):
        return "The source of the address is missing."
    verified_on = iso_date(item.address_verified_on)
    if verified_on is None:
        return "The day on which the address was verified is missing or not an ISO 8601 date."
    if verified_on > facts.today:
        return "The address was verified in the future."
    if facts.today - verified_on > VERIFIED_WITHIN:
        return "The address was verified more than 90 days ago."
    return "" if item.in_custody == "no" else "The person is in custody, or the column does not say no."
