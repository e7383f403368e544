"""R-72: an alien number can exist."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.alien_number import is_possible

RULE = Rule(
    id="R-72",
    title="An alien number can exist",
    scope=Scope.ITEM,
    citation="8 USC 1302; 8 CFR 264.1",
    text=(
        "An item is refused when its alien number is not the letter A and seven to nine digits (spaces "
        "and hyphens between them do not count, the letter may be missing), or all its digits are equal: "
        "a number that cannot have been issued would count as a person of its own in no budget."
    ),
    hint="Compare the number with the file, such as A012 345 678, or leave it empty.",
    since="2",
)

UNMET = "The alien number cannot have been issued."


def check(facts: ItemFacts) -> str:
    """Empty when there is no alien number, or it can exist; otherwise what is wrong."""
    number = facts.item.alien_number
    return UNMET if number.strip() and not is_possible(number) else ""
