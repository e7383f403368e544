"""R-74: a person and an address are not asked about again in other words."""

from __future__ import annotations

from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-74",
    title="A person and an address are not asked about again in other words",
    scope=Scope.HISTORY,
    citation="26 USC 6103(i)(6); 26 USC 6103(b)(8)",
    text=(
        "An item is refused when an earlier package asked about the same person at the same address with "
        "other tax years, another name or other numbers. The very same question again gets the answer of "
        "the first time. Otherwise a difference between two answers would show what happened to the file "
        "in between, a bar under 26 USC 6103(i)(6) among it. The rule is in force while R-28 is."
    ),
    hint="Name every tax year and the whole name in the one item about this person and address.",
    since="2",
)

UNMET = "The person was asked about at this address before, in other words."


def check(*, asked_in_other_words: bool) -> str:
    """Empty for a first question, and for the very same one again; otherwise that it is neither."""
    return UNMET if asked_in_other_words else ""
