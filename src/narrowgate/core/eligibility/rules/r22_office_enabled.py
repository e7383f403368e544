"""R-22: the custodian has the office switched on."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-22",
    title="The office is switched on",
    scope=Scope.PACKAGE,
    citation="The agreement, section [[office]]",
    text=(
        "A package of an office that the custodian has switched off is refused. Either office can be "
        "switched off alone."
    ),
    hint="Ask the custodian's disclosure officers.",
)


def check(facts: PackageFacts) -> str:
    """Empty when the office is switched on or not listed at all (R-20); otherwise what is wrong."""
    return "The office is switched off." if facts.grant and not facts.grant.enabled else ""
