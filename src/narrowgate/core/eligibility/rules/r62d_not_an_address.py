"""R-62d: the text is an address."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-62d",
    title="The text is an address",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "A text that names no place is refused: only digits, only a ZIP Code, or words without a "
        "delivery line, such as a phrase followed by five digits."
    ),
    hint=(
        "Give the delivery line and the last line of an address, or leave this person out of the case file."
    ),
)

DEFECT = Defect.NOT_AN_ADDRESS

check = defect_rule(DEFECT, "The text is not an address.")
