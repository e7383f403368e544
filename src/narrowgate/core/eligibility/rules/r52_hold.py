"""R-52: no hold is in force."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-52",
    title="No hold is in force",
    scope=Scope.PACKAGE,
    citation="Orders of a court; the agreement, section [hold]",
    text=(
        "While a hold is in force for the office, or for both offices, every package is refused whole "
        "and no answer leaves."
    ),
    hint=("Wait until the hold is lifted; the custodian's disclosure officers can say since when it stands."),
)

UNMET = "A hold is in force."


def check(facts: PackageFacts) -> str:
    """Empty when no hold covers the office today; otherwise that one does."""
    office = facts.manifest.office
    own = facts.agreement.hold
    for hold in (*facts.holds, own) if own else facts.holds:
        if hold.since <= facts.today and (not hold.offices or office in hold.offices):
            return UNMET
    return ""
