"""R-65e: the address is not general delivery."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65e",
    title="The address is not general delivery",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 26",
    text="General delivery is refused: it names a post office, not a place.",
    hint="Give a street address.",
)

DEFECT = Defect.GENERAL_DELIVERY

check = defect_rule(DEFECT, "The address is general delivery.")
