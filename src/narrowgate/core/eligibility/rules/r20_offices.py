"""R-20: only the two named offices ask."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-20",
    title="Only the two named offices ask",
    scope=Scope.PACKAGE,
    citation="26 USC 6103(i)(2)(A); the agreement, section [[office]]",
    text=(
        "A package is refused unless its manifest names the Secretary of Homeland Security or the "
        "Acting Director of ICE and the agreement lists that office. No agreement can add a third."
    ),
    hint="Have the package signed by an office that the agreement lists.",
)


def check(facts: PackageFacts) -> str:
    """Empty when the agreement lists the manifest's office; otherwise what is wrong."""
    return "" if facts.grant else "The agreement does not list the office that the manifest names."
