"""Everything that would refuse an item, told to the analyst before anybody signs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from narrowgate.core.address.examine import CITY_UNKNOWN_TO_ZIP
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.examine import facts_of
from narrowgate.core.eligibility.ruleset import item_findings, rule_of
from narrowgate.core.request.case_file import CaseItem

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
    """One thing about one line of a case file; it repeats no cell but the item id.

    ``rule_id`` and ``title`` are empty for a warning, which no rule makes.
    """

    line: int
    item: str
    severity: Severity
    detail: str
    rule_id: str = ""
    title: str = ""
    hint: str = ""


def lint(
    cases: Iterable[CaseItem],
    agreement: Agreement,
    today: date,
    officers: Container[str],
    facilities: Container[str],
) -> Iterator[Remark]:
    """Every finding of every item rule, and every warning, in the order of the lines.

    What earlier packages used up of the budgets (R-24, R-25, R-28, R-29) only the custodian knows.

    Args: as for ``facts_of``; ``cases`` as from ``items_of``.
    """
    for line, item in cases:
        facts = facts_of(item, agreement, today, officers, facilities)
        for finding in item_findings(facts):
            rule = rule_of(finding.rule_id)
            yield Remark(line, item.item, Severity.REFUSAL, finding.detail, rule.id, rule.title, rule.hint)
        for warning in facts.address.warnings:
            detail, hint = _WARNINGS[warning]
            yield Remark(line, item.item, Severity.WARNING, detail, hint=hint)
