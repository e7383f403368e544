"""R-62f: the ZIP Code lies in the state."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62f",
    title="The ZIP Code lies in the state",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 22",
    text="An address whose ZIP Code is not one of the state's is refused: one of the two is wrong.",
    hint="Compare ZIP Code and state with the source document.",
)

DEFECT = Defect.ZIP_STATE_CONFLICT

check = defect_rule(DEFECT, "The ZIP Code does not belong to the state.")
