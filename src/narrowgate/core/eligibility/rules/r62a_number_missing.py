"""R-62a: the address has a primary number."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62a",
    title="The address has a primary number",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 23",
    text="A street address without its primary number names a street, not a place, and is refused.",
    hint="Add the house number as it stands on the source document; do not guess it.",
)

DEFECT = Defect.NUMBER_MISSING

check = defect_rule(DEFECT, "The address has no primary number.")
