"""R-27: the package holds as many items as it declares."""

from __future__ import annotations

from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-27",
    title="The package holds as many items as it declares",
    scope=Scope.FORM,
    citation="26 USC 6103(p)(4)(A)",
    text=(
        "A package whose rows are more or fewer than its manifest declares is refused whole; reading "
        "stops at the first row too many."
    ),
    hint="Build the package again with 'narrowgate package build'.",
)


def check(declared: int, actual: int) -> str:
    """Empty when the counts are equal; otherwise what is wrong."""
    return "" if actual == declared else "The package does not hold as many items as its manifest declares."
