"""Addresses for programs: standardize one, explain it, compare two."""

from __future__ import annotations

from dataclasses import dataclass

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.explain import explain
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import DeliveryPoint, RawAddress, Stage
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.eligibility.rule import Rule
from narrowgate.core.eligibility.ruleset import address_rule, class_rule, rule_of


@dataclass(frozen=True, slots=True)
class StandardizedAddress:
    """An address in canonical form with its keys, or the rules that refuse it; never both.

    Args:
        delivery_point: the parts by their Publication 28 names; ``None`` when the address is refused.
        keys: two addresses denote the same delivery point exactly when they share a key; empty when refused.
        refused_by: every rule that the address does not meet; empty when it is accepted.
    """

    delivery_point: DeliveryPoint | None
    keys: tuple[str, ...]
    refused_by: tuple[Rule, ...]


def standardize_address(
    address: str | RawAddress,
    *,
    agreement: Agreement | None = None,
    facilities: frozenset[str] = frozenset(),
) -> StandardizedAddress:
    """Returns the canonical form of an address, or every rule that refuses it.

    Args:
        address: one line of text, or up to five fields.
        agreement: refuses also the classes of address that it does not accept.
        facilities: keys of a list of facilities that are refused (``core.address.sufficiency.facilities``).

    Source: USPS Publication 28; the rules R-62 to R-65.

    >>> accepted = standardize_address("123 No. Main Str. Apt. 4, Springfield, IL 62704")
    >>> accepted.delivery_point.predirectional, accepted.delivery_point.street_name, accepted.delivery_point.suffix
    ('N', 'MAIN', 'ST')
    >>> [rule.id for rule in standardize_address("Failed to provide, 12345").refused_by]
    ['R-64']
    """
    raw = RawAddress(address) if isinstance(address, str) else address
    examined = examine_address(raw, facilities)
    refused = [address_rule(defect) for defect in examined.defects]
    point = examined.delivery_point
    if point is not None and agreement is not None and point.address_class not in agreement.addresses.classes:
        refused.append(class_rule(point.address_class))
    if refused or point is None:
        return StandardizedAddress(None, (), tuple(map(rule_of, sorted(set(refused)))))
    return StandardizedAddress(point, keys(point), ())


def explain_address(address: str | RawAddress) -> tuple[Stage, ...]:
    """Returns every stage of the canonical form that changed something, with the text before and after, and why.

    Args:
        address: one line of text, or up to five fields.

    >>> explain_address("123 No. Main Str., Springfield, IL 62704")[-1].name
    'delivery line'
    """
    return explain(RawAddress(address) if isinstance(address, str) else address)


def same_delivery_point(one: str | RawAddress, other: str | RawAddress) -> bool:
    """Returns whether two sufficient addresses denote the same delivery point; it never guesses.

    Args:
        one: one line of text, or up to five fields.
        other: likewise.

    Raises:
        RefusedError: one of them is no sufficient address, so that nothing can be said.

    >>> same_delivery_point("123 N Main St #4, 62704", "123 North Main Street, Apt 4, Springfield IL 62704")
    True
    >>> same_delivery_point("123 N Main St #4, 62704", "123 S Main St #4, 62704")
    False
    """
    found = []
    for place, address in (("first", one), ("second", other)):
        standardized = standardize_address(address)
        if standardized.refused_by:
            rule = standardized.refused_by[0]
            raise RefusedError(
                f"The {place} address is not sufficient: nothing can be said about two addresses.",
                next_step=rule.hint,
                rule=rule.id,
            )
        found.append(set(standardized.keys))
    return not found[0].isdisjoint(found[1])
