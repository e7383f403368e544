"""R-51: agreement and safeguards approval are in force."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-51",
    title="Agreement and safeguards approval are in force",
    scope=Scope.PACKAGE,
    citation="26 USC 6103(p)(4); 5 USC 552a(o)(2)(C)",
    text=(
        "A package is refused unless it names the agreement in force by its digest, today lies "
        "between the agreement's dates, and the requester's safeguards approval is in force without "
        "an open finding."
    ),
    hint=(
        "Build the package under the agreement in force; an expired approval is for the custodian's "
        "safeguards office."
    ),
)


def check(facts: PackageFacts) -> str:
    """Empty when the package's agreement and the safeguards approval are in force; otherwise what is not."""
    agreement = facts.agreement
    if facts.manifest.agreement_sha256 != agreement.digest:
        return "The package was built under another agreement."
    if not agreement.effective <= facts.today <= agreement.expires:
        return "The agreement is not in force today."
    safeguards = agreement.safeguards
    if not safeguards.approved <= facts.today <= safeguards.expires:
        return "The requester's safeguards approval is not in force today."
    return "The requester's safeguards review has an open finding." if safeguards.open_finding else ""
