"""R-61: a taxpayer number can exist."""

from __future__ import annotations

from operator import attrgetter

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.model import PersonDefect

RULE = Rule(
    id="R-61",
    title="A taxpayer number can exist",
    scope=Scope.ITEM,
    citation="26 USC 6109; 26 CFR 301.6109-1",
    text=(
        "A taxpayer number that cannot have been issued as an SSN or ITIN is refused: nine digits, "
        "and not an area, group or serial that is never assigned. The number can only narrow the "
        "question; it never replaces the address."
    ),
    hint="Compare the number with the source document, or leave it empty and give the birth date.",
)

DEFECTS = (PersonDefect.TIN_MALFORMED,)
UNMET = "The taxpayer number cannot have been issued."


@shared_by(attrgetter("person.defects"))
def check(facts: ItemFacts) -> str:
    """Empty when there is no taxpayer number, or it can exist; otherwise what is wrong."""
    return UNMET if any(defect in DEFECTS for defect in facts.person.defects) else ""
