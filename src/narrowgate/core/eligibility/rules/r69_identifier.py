"""R-69: a birth date identifies the person; a taxpayer number beside it is optional."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.identity import IdentityKey, identifying_keys
from narrowgate.core.person.model import PersonDefect

RULE = Rule(
    id="R-69",
    title="A birth date, and a taxpayer number where there is one, identify the person",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); 26 USC 6109; 26 USC 6103(b)(8)",
    text=(
        "An item without a birth date is refused, and so is one that identifies the person by a key that "
        "the agreement does not accept: a name and an address alone identify nobody. The birth date is "
        "required beside a taxpayer number too, so that two questions about one person are counted as "
        "questions about one person, whichever of them names the number."
    ),
    hint="Give the birth date; a taxpayer number beside it is optional.",
)

DEFECTS = (PersonDefect.IDENTIFIER_MISSING,)
WITHOUT_BIRTH_DATE = "The item has no birth date."


def _identified_by(facts: ItemFacts) -> frozenset[IdentityKey] | None:
    """The keys that identify the person, where there is one; ``None`` without a birth date."""
    if not facts.item.birth_date.strip():
        return None
    person = facts.person.person
    return frozenset() if person is None else identifying_keys(person)


@shared_by(_identified_by)
def check(facts: ItemFacts) -> str:
    """Empty when the person has a birth date and is identified by a key that the agreement accepts."""
    identified_by = _identified_by(facts)
    if identified_by is None:
        return WITHOUT_BIRTH_DATE
    # Where there is a number, nothing without it is tried: so a key that holds it must be accepted.
    if identified_by and identified_by.isdisjoint(facts.agreement.match.identity_keys):
        return "The agreement does not accept a key that identifies the person."
    return ""
