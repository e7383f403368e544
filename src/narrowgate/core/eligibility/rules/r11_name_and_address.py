"""R-11: name and address are present."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.model import PersonDefect

RULE = Rule(
    id="R-11",
    title="Name and address are present",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "An item without the person's name, or without the address that the requester already has, is "
        "refused. Whether the address is sufficient is for the rules R-62 to R-65."
    ),
    hint="Fill given_names, surnames and the address columns.",
)

_NAME_MISSING = PersonDefect.NAME_MISSING
DEFECTS = (_NAME_MISSING,)


def check(facts: ItemFacts) -> str:
    """Empty when name and address are present; otherwise what is missing."""
    if _NAME_MISSING in facts.person.defects:
        return "The name is missing."
    item = facts.item
    return "" if item.address_line_1 or item.address_line_2 else "The address is missing."
