"""R-65b: the address is no listed facility."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65b",
    title="The address is no listed facility",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "An address on the agreement's reference list of detention facilities is refused, whether or "
        "not its words say so."
    ),
    hint="Give the person's residence; a person in custody is not asked about.",
)

DEFECT = Defect.INSTITUTION_LISTED

check = defect_rule(DEFECT, "The address is that of a listed facility.")
