"""R-69: a birth date identifies the person; a taxpayer number beside it is optional."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.identity import identifying_keys
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


def check(facts: ItemFacts) -> str:
    """Empty when the person has a birth date and is identified by a key that the agreement accepts."""
    if not facts.item.birth_date.strip():
        return WITHOUT_BIRTH_DATE
    person = facts.person.person
    # Where there is a number, nothing without it is tried: so a key that holds it must be accepted.
    if person is not None and identifying_keys(person).isdisjoint(facts.agreement.match.identity_keys):
        return "The agreement does not accept a key that identifies the person."
    return ""
