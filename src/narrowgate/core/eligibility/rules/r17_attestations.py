"""R-17: the official attests all five texts."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.request.manifest import ATTESTATIONS

RULE = Rule(
    id="R-17",
    title="The official attests use, recipients, investigation and verification",
    scope=Scope.PACKAGE,
    citation="26 USC 6103(i)(2)(A); 26 USC 6103(p)(4)",
    text=(
        "A package is refused unless its manifest attests every one of the fixed texts: sole use, "
        "named recipients, no redisclosure, each person under criminal investigation, and "
        "verification before action."
    ),
    hint=(
        "Build the package with 'narrowgate package build', which lists every attestation for the "
        "official to read."
    ),
)


def check(facts: PackageFacts) -> str:
    """Empty when every fixed text is attested, each once; otherwise what is wrong."""
    if sorted(facts.manifest.attestations) != sorted(ATTESTATIONS):
        return "The manifest does not attest each of the fixed texts once."
    return ""
