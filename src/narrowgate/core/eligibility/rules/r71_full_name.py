"""R-71: name and birth date are complete."""

from __future__ import annotations

from operator import attrgetter

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import shared_by
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.person.model import PersonDefect

RULE = Rule(
    id="R-71",
    title="Name and birth date are complete",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "An item is refused when the name is not a full given name and a full surname in letters (an "
        "initial or a single name is not), or the birth date is not a date: names are compared whole, "
        "never by sound, beginning or similarity."
    ),
    hint=(
        "Write given names and surnames in full as on the source document, and the birth date as 1980-01-31."
    ),
)

DETAILS = {
    PersonDefect.NAME_INCOMPLETE: "The name is not a full given name and surname.",
    PersonDefect.NAME_NOT_UNDERSTOOD: "A part of the name is no name.",
    PersonDefect.BIRTH_DATE_MALFORMED: "The birth date is not a possible date in ISO 8601 form.",
}
DEFECTS = tuple(DETAILS)


@shared_by(attrgetter("person.defects"))
def check(facts: ItemFacts) -> str:
    """Empty when name and birth date are complete; otherwise what is wrong."""
    return " ".join(DETAILS[defect] for defect in facts.person.defects if defect in DETAILS)
