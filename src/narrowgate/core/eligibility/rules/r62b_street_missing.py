"""R-62b: the address has a street name."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62b",
    title="The address has a street name",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 23",
    text="An address with a number but no street name is refused.",
    hint="Add the street name as it stands on the source document.",
)

DEFECT = Defect.STREET_MISSING

check = defect_rule(DEFECT, "The address has no street name.")
