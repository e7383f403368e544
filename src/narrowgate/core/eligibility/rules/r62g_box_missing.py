"""R-62g: a rural or highway route has its box."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62g",
    title="A rural or highway route has its box",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 24 and 25",
    text=("A rural route or highway contract route without a box number names a whole route and is refused."),
    hint="Add the box number: RR 2 BOX 18.",
)

DEFECT = Defect.BOX_MISSING

check = defect_rule(DEFECT, "The route has no box number.")
