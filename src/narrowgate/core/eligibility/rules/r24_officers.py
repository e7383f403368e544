"""R-24: the officers engaged in the case are named, registered and not in too many cases."""

from __future__ import annotations

from operator import attrgetter

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-24",
    title="The officers engaged in the case are named, registered and not in too many cases",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(A)",
    text=(
        "An item is refused unless it names, each once, the one to eight officers personally and "
        "directly engaged in the case, all of them are registered with the custodian (only they can "
        "open its answer), and none is named in more items than the agreement allows: nobody is "
        "personally engaged in all of those."
    ),
    hint=(
        "Give the ids of the officers who work on this case, separated by spaces; have an "
        "unregistered officer registered first."
    ),
)

MOST_OFFICERS = 8
"""A team on one person's case; a distribution list is longer."""


@shared_by(attrgetter("item.officers"))
def check(facts: ItemFacts) -> str:
    """Empty when one to eight registered officers are named; otherwise what is wrong."""
    officers = facts.item.officers.split()
    if not officers:
        return "No officer is named."
    if len(officers) > MOST_OFFICERS or len(set(officers)) < len(officers):
        return "More than eight officers are named, or one of them twice."
    registered = facts.officers
    return "" if all(officer in registered for officer in officers) else "An officer named is not registered."


def check_caseload(count: int, limit: int | None) -> str:
    """Empty when the agreement lets one officer be named in ``count`` items; otherwise that it does not.

    Args:
        count: with this item counted.
        limit: the agreement's figure; ``None`` when it is lifted.
    """
    over = limit is not None and count > limit
    return "An officer named has reached the agreement's caseload." if over else ""
