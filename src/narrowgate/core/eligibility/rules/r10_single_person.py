"""R-10: an item is one canonical row about one person."""

from __future__ import annotations

import re

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-10",
    title="An item is one canonical row about one person",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B) (written request; the taxpayer)",
    text=(
        "A row that is not its own canonical form is refused, because such a row can mean two things; "
        "so is a row that repeats the item id of an earlier one, a row that the rules cannot be applied "
        "to, and an item whose name columns name several persons."
    ),
    hint="Write one row for each person; build the package with 'narrowgate package build'.",
)

_SEVERAL = re.compile(r"[&;]|\b(?:AND|ET AL)\b", re.IGNORECASE)


def check(facts: ItemFacts) -> str:
    """Empty when the name columns name one person; otherwise what is wrong."""
    item = facts.item
    if _SEVERAL.search(f"{item.given_names}\n{item.surnames}"):
        return "The name columns name more than one person."
    return ""
