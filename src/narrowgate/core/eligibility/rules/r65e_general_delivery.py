"""R-65e: the address is not general delivery."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65e",
    title="The address is not general delivery",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 26",
    text="General delivery is refused: it names a post office, not a place.",
    hint="Give a street address.",
)

DEFECT = Defect.GENERAL_DELIVERY
UNMET = "The address is general delivery."


def check(facts: ItemFacts) -> str:
    """Empty when the address is not general delivery; otherwise what is wrong."""
    return UNMET if DEFECT in facts.address.defects else ""
