"""R-65h: the address is in the United States."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65h",
    title="The address is in the United States",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text="An address outside the United States and its territories is refused.",
    hint="Give an address in the United States or its territories.",
)

DEFECT = Defect.FOREIGN

check = defect_rule(DEFECT, "The address is outside the United States.")
