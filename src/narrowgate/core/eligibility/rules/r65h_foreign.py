"""R-65h: the address is in the United States."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65h",
    title="The address is in the United States",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text="An address outside the United States and its territories is refused.",
    hint="Give an address in the United States or its territories.",
)

DEFECT = Defect.FOREIGN
UNMET = "The address is outside the United States."


def check(facts: ItemFacts) -> str:
    """Empty when the address is in the United States; otherwise what is wrong."""
    return UNMET if DEFECT in facts.address.defects else ""
