"""R-63: a building of several units has its unit."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-63",
    title="A building of several units has its unit",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i); USPS Publication 28, section 213; DHS OIG-23-47",
    text=(
        "An address that says it is in a building of several units, and then names none, is refused. "
        "(An address that merely has no unit is not: it is equal only to addresses without one.)"
    ),
    hint="Add the apartment, unit or suite.",
)

DEFECT = Defect.UNIT_MISSING

check = defect_rule(DEFECT, "The address names a kind of unit and no unit.")
