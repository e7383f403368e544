"""What was in force when a package was received and decided, and what of it the acts did not allow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.in_force import (
    AGREEMENT,
    FACILITIES,
    INDEX,
    REGISTER,
    RULES,
    InForce,
    Placed,
)
from narrowgate.core.governance.kinds import ALL

WHAT: Final = (AGREEMENT, REGISTER, INDEX, FACILITIES, RULES)

Conditions = Mapping[str, Placed | None]


def conditions(in_force: InForce, time: str) -> Conditions:
    """Returns what was in force of agreement, register, index, facility list and rules.

    Args:
        in_force: after the acts before the leaf.
        time: of the leaf, RFC 3339.
    """
    at = parse_time(time)
    return {what: in_force.current(what, at) for what in WHAT}


def scopes_of(received: Mapping[str, Any]) -> frozenset[str]:
    """Returns the scopes of the holds that stop a package, as far as its leaves tell."""
    return frozenset({ALL, f"office:{received['office']}", f"package:{received['package']}"})


def problems_of_receipt(in_force: InForce, received: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each thing that the acts before the leaf do not allow of it."""
    current = conditions(in_force, received["time"])
    for what, name in ((AGREEMENT, "agreement_sha256"), (REGISTER, "officers_sha256")):
        placed = current[what]
        if placed is None or placed.sha256 != received[name]:
            yield f"A package was received under another {what} than the one in force."
    if received["office"] in in_force.offices_off or in_force.stopping(scopes_of(received)) is not None:
        yield "A package was received that a hold stops, or of an office that is switched off."
    if is_signer_revoked(in_force, received):
        yield "A package was received that a revoked key signed."


def is_signer_revoked(in_force: InForce, received: Mapping[str, Any]) -> bool:
    """Returns whether an act before the leaf revoked the key that signed the package.

    Args:
        in_force: after the acts before the leaf.
        received: fields of the leaf of the package's receipt.
    """
    return received["signer_key_sha256"] in in_force.keys_revoked


def problems_of_decision(
    in_force: InForce,
    at_receipt: Conditions,
    at_decision: Conditions,
    received: Mapping[str, Any],
    decided: Mapping[str, Any],
    rule_sets: Collection[str],
) -> Iterator[str]:
    """Yields a sentence for each thing that the acts before the leaf do not allow of it.

    Index and rules may be those of the receipt, too: a package that has begun is ended with what it was begun with.

    Args:
        in_force: after the acts before the decision.
        at_receipt: what was in force when the package was received.
        at_decision: what was in force at the time of the decision.
        received: fields of the leaf of its receipt.
        decided: fields of the leaf of its decision.
        rule_sets: versions that its items name.
    """
    if in_force.stopping(scopes_of(received)) is not None:
        yield "A package was decided while a hold stopped it."
    if is_signer_revoked(in_force, received):
        yield "A package was decided that a revoked key signed."
    agreement = at_decision[AGREEMENT]
    if agreement is None or agreement.sha256 != received["agreement_sha256"]:
        yield "A package was decided when its agreement was not in force any more."
    if decided["index_snapshot"] not in _subjects(INDEX, at_receipt, at_decision):
        yield "A package was decided with an index that was not in force."
    if not {f"rules-{version}" for version in rule_sets} <= _subjects(RULES, at_receipt, at_decision):
        yield "A package was decided with a rule set that was not in force."


def _subjects(what: str, *conditions: Conditions) -> set[str]:
    return {placed.subject for each in conditions if (placed := each.get(what)) is not None}
