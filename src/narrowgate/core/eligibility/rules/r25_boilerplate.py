"""R-25: the reason is not repeated from item to item."""

from __future__ import annotations

from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-25",
    title="The reason is not repeated from item to item",
    scope=Scope.HISTORY,
    citation="26 USC 6103(i)(2)(B)(iv)",
    text=(
        "An item is refused when its reason stands in more items than the agreement allows. Numbers, "
        "spacing, case, punctuation, accents, invisible characters and characters that look like other "
        "letters (Unicode Technical Standard 39) make no other reason."
    ),
    hint="Say what the address shows in this person's case.",
)

UNMET = "The reason stands in more items than the agreement allows."


def check(count: int, limit: int | None) -> str:
    """Empty when the agreement allows that many items with one reason; otherwise that it does not.

    Args:
        count: with this item counted.
        limit: the agreement's figure; ``None`` when it is lifted.
    """
    return UNMET if limit is not None and count > limit else ""
