"""Step 10: findings and bits become outcomes."""

from __future__ import annotations

from narrowgate.core.answers.decision import decide
from narrowgate.gate.types import Bits, DecidedPackage, JudgedPackage


def decide_package(judged: JudgedPackage, bits: Bits) -> DecidedPackage:
    """One outcome for every item of the package, in request order.

    Args:
        judged: the package after every rule.
        bits: the index's answer by ordinal, for the admitted items.

    Raises:
        UnavailableError: an admitted item has no bit.
    """
    findings = judged.findings
    outcomes = tuple(decide(findings.get(ordinal, ()), bits.get(ordinal)) for ordinal in range(judged.items))
    return DecidedPackage(judged, outcomes)
