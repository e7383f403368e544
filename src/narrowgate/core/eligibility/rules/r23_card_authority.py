"""R-23: an authority that the agreement trusts issued the signer's certificate."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-23",
    title="An authority that the agreement trusts issued the signer's certificate",
    scope=Scope.PACKAGE,
    citation="FIPS 201-3 section 3.3; IRS Publication 1075 (multi-factor authentication)",
    text=(
        "A package is refused unless the signer's certificate chain ends in a root that the agreement "
        "names: an authority that issues only to cards which ask for a PIN at each signature."
    ),
    hint="Sign with the PIV card that the agreement describes.",
)


def check(facts: PackageFacts) -> str:
    """Empty when the chain ends in a root of the agreement; otherwise what is wrong."""
    if facts.signer.root_sha256 in facts.agreement.trust_roots:
        return ""
    return "The signer's certificate does not come from an authority that the agreement names."
