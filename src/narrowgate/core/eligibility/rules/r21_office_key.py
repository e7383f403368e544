"""R-21: a key that holds the office today signed."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-21",
    title="The key that signed holds the office today",
    scope=Scope.PACKAGE,
    citation="26 USC 6103(i)(2)(A) (no delegate)",
    text=(
        "A package is refused unless the key that signed it is bound to the manifest's office in the "
        "agreement and today lies in the key's dates, and unless the decision falls between the "
        "manifest's creation and its expiry."
    ),
    hint=(
        "Have the office holder sign; a new card is an amendment of the agreement. Build an expired "
        "package again."
    ),
)


def check(facts: PackageFacts) -> str:
    """Empty when key and package are in force; otherwise what is wrong."""
    grant = facts.grant
    keys = [key for key in grant.keys if key.sha256 == facts.signer.key_sha256] if grant else []
    if not keys:
        return "The key that signed is not bound to the office that the manifest names."
    if not any(key.is_in_force(facts.today) for key in keys):
        return "The key that signed does not hold the office today."
    return outside_its_time(facts)


def outside_its_time(facts: PackageFacts) -> str:
    """Empty while the package may be decided; otherwise what is wrong, which is not the signature."""
    if facts.now < facts.manifest.created:
        return "The package is dated in the future."
    return "The package has expired." if facts.now >= facts.manifest.expires else ""
