"""R-65g: the address is not military mail."""

from __future__ import annotations

from narrowgate.core.address.model import AddressClass
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65g",
    title="The address is not military mail",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 23",
    text=(
        "Military and diplomatic mail (APO, FPO, DPO) is refused: it names a unit, not a place, and "
        "no agreement can accept it."
    ),
    hint="Give a street address.",
)

CLASSES = (AddressClass.MILITARY,)
UNMET = "The address is military or diplomatic mail."


def check(facts: ItemFacts) -> str:
    """Empty when the address is not military mail; else what is wrong."""
    point = facts.address.delivery_point
    if point is None or point.address_class not in CLASSES:
        return ""
    return "" if point.address_class in facts.agreement.addresses.classes else UNMET
