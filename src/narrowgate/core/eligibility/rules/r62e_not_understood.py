"""R-62e: every word of the address is understood."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62e",
    title="Every word of the address is understood",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 2",
    text=(
        "An address with a word whose part in the address is unclear is refused: an address is "
        "compared whole or not at all."
    ),
    hint=(
        "Remove remarks and directions from the address columns; write one address in the order of an "
        "envelope."
    ),
)

DEFECT = Defect.NOT_UNDERSTOOD

check = defect_rule(DEFECT, "A word of the address could not be assigned to a part of it.")
