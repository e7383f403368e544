"""Everything that would refuse an item, told to the analyst before anybody signs."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from narrowgate.core.address.locality_check import CITY_UNKNOWN_TO_ZIP
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.examine import facts_of
from narrowgate.core.eligibility.rule import Rule
from narrowgate.core.eligibility.ruleset import item_findings, rule_of
from narrowgate.core.request.item import Item

_WARNINGS: Final = {
    CITY_UNKNOWN_TO_ZIP: (
        "The postal table does not know the city for the ZIP Code.",
        "Compare city and ZIP Code with the source document; inside a ZIP Code the city is not compared.",
    ),
}


class Severity(StrEnum):
    """Whether the gate would refuse the item, or only a reader should look again."""

    REFUSAL = "refusal"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about one item of a case file, in words that repeat no cell of it.

    ``rule`` is ``None`` for a warning, which no rule makes.
    """

    severity: Severity
    detail: str
    hint: str
    rule: Rule | None = None


def lint_item(
    item: Item, agreement: Agreement, today: date, officers: Container[str], facilities: Container[str]
) -> tuple[Remark, ...]:
    """Every finding of every item rule in the fixed order, then every warning; empty for a good item.

    What earlier packages used up of the budgets (R-24, R-25, R-28, R-29, R-73, R-74) only the custodian knows.

    Args: as for ``facts_of``.
    """
    facts = facts_of(item, agreement, today, officers, facilities)
    refusals = [
        Remark(Severity.REFUSAL, finding.detail, rule.hint, rule)
        for finding in item_findings(facts)
        for rule in (rule_of(finding.rule_id),)
    ]
    warnings = [Remark(Severity.WARNING, *_WARNINGS[warning]) for warning in facts.address.warnings]
    return (*refusals, *warnings)
