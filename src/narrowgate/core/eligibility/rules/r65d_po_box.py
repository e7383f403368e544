"""R-65d: a post office box is asked about only where the agreement says so."""

from __future__ import annotations

from narrowgate.core.address.model import AddressClass
from narrowgate.core.eligibility.defect_rule import address_class_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65d",
    title="A post office box is asked about only where the agreement says so",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 28",
    text=(
        "A post office box is refused unless the agreement accepts the class po_box: a box is no "
        "place where a person lives."
    ),
    hint="Give a street address.",
)

CLASSES = (AddressClass.PO_BOX,)

check = address_class_rule(
    CLASSES, "The address is a post office box, a class that the agreement does not accept."
)
