"""R-65a: the address is no institution by its words."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.eligibility.defect_rule import defect_rule
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-65a",
    title="The address is no institution by its words",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(i)",
    text=(
        "An address that names a jail, prison, detention center, court, police or other agency, "
        "hospital, shelter, hotel or church is refused: it is not where a person can be said to live."
    ),
    hint="Give the person's residence; a person in custody is not asked about.",
)

DEFECT = Defect.INSTITUTION_WORD

check = defect_rule(DEFECT, "The address names an institution.")
