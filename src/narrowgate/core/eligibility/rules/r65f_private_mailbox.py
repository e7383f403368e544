"""R-65f: the address is no private mailbox."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65f",
    title="The address is no private mailbox",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 28",
    text="A box at a commercial mail receiving agency (PMB) is refused: it is where mail goes.",
    hint="Give a street address.",
)

DEFECT = Defect.PRIVATE_MAILBOX

check = defect_rule(DEFECT, "The address is a private mailbox.")
