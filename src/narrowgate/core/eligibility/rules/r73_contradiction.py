"""R-73: the identifiers of a person do not contradict those given before."""

from __future__ import annotations

from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-73",
    title="The identifiers of a person do not contradict those given before",
    scope=Scope.HISTORY,
    citation="26 USC 6103(i)(2)(B)(i); 26 USC 6103(b)(8)",
    text=(
        "An item is refused when an earlier admitted item has its taxpayer number, alien number or removal "
        "order number together with another birth date or another taxpayer number, and when it has no "
        "taxpayer number and fits two earlier persons who have different ones. One of the items is "
        "mistaken: the two are neither taken for one person nor counted as two."
    ),
    hint=(
        "Compare all numbers and the birth date with the source documents. Where a number of this person "
        "was given for another one by mistake, ask without that number, and with the taxpayer number."
    ),
    since="2",
)

UNMET = "An identifier was given before with another birth date or taxpayer number."


def check(*, contradicts: bool) -> str:
    """Empty when the identifiers agree with those of earlier items; otherwise that they do not."""
    return UNMET if contradicts else ""
