"""R-28: no more addresses are tried for one person than agreed."""

from __future__ import annotations

from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-28",
    title="No more addresses are tried for one person than agreed",
    scope=Scope.HISTORY,
    citation="26 USC 6103(b)(8)",
    text=(
        "An item is refused when the person, by any of the identifiers given, has already been asked "
        "about at as many other addresses as the agreement allows: repeated questions would find out "
        "an address."
    ),
    hint="Ask about an address once, with the best evidence there is.",
)

UNMET = "The person was asked about at as many addresses as the agreement allows."


def check(count: int, limit: int | None) -> str:
    """Empty when the agreement allows that many addresses for one person; otherwise that it does not.

    Args:
        count: with this item counted.
        limit: the agreement's figure; ``None`` when it is lifted.
    """
    return UNMET if limit is not None and count > limit else ""
