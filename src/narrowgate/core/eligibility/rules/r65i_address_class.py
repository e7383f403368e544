"""R-65i: the agreement accepts the class of address."""

from __future__ import annotations

from narrowgate.core.address.model import AddressClass
from narrowgate.core.eligibility.defect_rule import address_class_rule
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

check = address_class_rule(CLASSES, "The address is of a class that the agreement does not accept.")
