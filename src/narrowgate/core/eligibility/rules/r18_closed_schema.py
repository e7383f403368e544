"""R-18: the columns are exactly those of the agreement."""

from __future__ import annotations

from collections.abc import Iterable

from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.request.item import schema_problem

RULE = Rule(
    id="R-18",
    title="The columns are exactly those the protocol names",
    scope=Scope.FORM,
    citation="26 USC 6103(i)(2)(B); 5 USC 552a(e)(1)",
    text=(
        "A case file or package with an unknown, missing or repeated column is refused whole: what "
        "the agreement does not name is neither taken nor kept."
    ),
    hint=(
        "Remove the columns that the message names; an absent value is an empty cell, not an absent column."
    ),
)


def check(columns: Iterable[str]) -> str:
    """Empty when the columns are exactly the 25 of an item, in any order; otherwise which are not."""
    return schema_problem(columns)
