"""R-62c: the address has a ZIP Code, or a city and state."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62c",
    title="The address has a ZIP Code, or a city and state",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 22",
    text="An address is refused unless it has a five-digit ZIP Code, or a city together with a state.",
    hint="Add the ZIP Code, or the city and the two-letter state.",
)

DEFECT = Defect.LOCALITY_MISSING

check = defect_rule(DEFECT, "The address has neither a ZIP Code nor a city and state.")
