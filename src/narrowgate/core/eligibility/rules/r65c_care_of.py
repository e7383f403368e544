"""R-65c: the address is not in care of somebody."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65c",
    title="The address is not in care of somebody",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "An address in care of another person, a lawyer or a preparer (C/O, ATTN, %) is refused: it "
        "is where mail goes."
    ),
    hint=(
        "Give the person's residence without the care-of line, if a source says that the person lives there."
    ),
)

DEFECT = Defect.CARE_OF

check = defect_rule(DEFECT, "The address is in care of somebody else.")
