"""R-69: a taxpayer number or a birth date identifies the person."""

from __future__ import annotations

from narrowgate.core.agreement.model import IdentityKey
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.model import PersonDefect

RULE = Rule(
    id="R-69",
    title="A taxpayer number or a birth date identifies the person",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); 26 USC 6109",
    text=(
        "An item without a taxpayer number and without a birth date is refused, and so is one that "
        "identifies the person by a key that the agreement does not accept: a name and an address "
        "alone identify nobody."
    ),
    hint="Give the taxpayer number or the birth date, whichever the agreement accepts.",
)

DEFECTS = (PersonDefect.IDENTIFIER_MISSING,)


def check(facts: ItemFacts) -> str:
    """Empty when the person is identified by a key that the agreement accepts; otherwise what is wrong."""
    if PersonDefect.IDENTIFIER_MISSING in facts.person.defects:
        return "The item has neither a taxpayer number nor a birth date."
    person = facts.person.person
    if person is not None:
        # Where there is a number, nothing else is tried: so the number is the key that must be accepted.
        key = IdentityKey.TIN if person.tin else IdentityKey.BIRTH_DATE
        if key not in facts.agreement.match.identity_keys:
            return "The agreement does not accept the key that identifies the person."
    return ""
