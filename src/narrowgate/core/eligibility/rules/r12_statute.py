"""R-12: the item cites a criminal statute that the agreement names."""

from __future__ import annotations

from operator import attrgetter

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.reading import normalize_citation
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-12",
    title="The item cites a criminal statute that the agreement names",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(A) and (B)(iii)",
    text=(
        "An item is refused unless its statute is one of those the agreement names, each a Federal "
        "criminal statute that is not about taxes. A civil provision is never one of them."
    ),
    hint="Write the statute as 8 USC 1253(a)(1); 8 U.S.C. § 1253(a)(1) is read as the same.",
)


@shared_by(attrgetter("item.statute"))
def check(facts: ItemFacts) -> str:
    """Empty when the statute is on the agreement's list; otherwise what is wrong."""
    statute = facts.item.statute
    allowed = facts.agreement.statutes
    if statute in allowed or normalize_citation(statute) in allowed:
        return ""
    return "The statute is missing, or not one that the agreement names."
