"""R-65g: the address is not military mail."""

from __future__ import annotations

from narrowgate.core.address.model import AddressClass
from narrowgate.core.eligibility.defect_rule import address_class_rule
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

check = address_class_rule(CLASSES, "The address is military or diplomatic mail.")
