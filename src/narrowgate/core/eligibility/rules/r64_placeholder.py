"""R-64: the address is no placeholder."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-64",
    title="The address is no placeholder",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "A blank address, or words that stand in place of one, such as UNKNOWN, FAILED TO PROVIDE, NA "
        "NA or DESCONOCIDO, in any spelling and with any ZIP Code, is refused."
    ),
    hint="Leave this person out of the case file until an address is known.",
)

DEFECT = Defect.PLACEHOLDER

check = defect_rule(DEFECT, "The address is blank or a placeholder.")
