"""R-65i: the agreement accepts the class of address."""

from __future__ import annotations

from narrowgate.core.address.model import AddressClass
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65i",
    title="The agreement accepts the class of address",
    scope=Scope.ITEM,
    citation="The agreement, section [addresses]",
    text=(
        "A street, rural route or highway contract address is refused when the agreement does not "
        "accept its class."
    ),
    hint="Read the classes that the agreement accepts; give an address of one of them.",
)

CLASSES = (
    AddressClass.STREET,
    AddressClass.RURAL_ROUTE,
    AddressClass.HIGHWAY_CONTRACT,
)
UNMET = "The address is of a class that the agreement does not accept."


def check(facts: ItemFacts) -> str:
    """Empty when the agreement accepts the class of the address; else what is wrong."""
    point = facts.address.delivery_point
    if point is None or point.address_class not in CLASSES:
        return ""
    return "" if point.address_class in facts.agreement.addresses.classes else UNMET
