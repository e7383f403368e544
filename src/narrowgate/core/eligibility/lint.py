"""Everything that would refuse an item, told to the analyst before anybody signs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.examine import facts_of
from narrowgate.core.eligibility.ruleset import item_findings, rule_of
from narrowgate.core.request.case_file import CaseItem


class Severity(StrEnum):
    """Whether the gate would refuse the item, or only a reader should look again."""

    REFUSAL = "refusal"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about one line of a case file; it repeats no cell but the item id.

    ``rule_id``, ``title`` and ``hint`` are empty for a warning, which no rule makes.
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
    facilities: frozenset[str],
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
            yield Remark(line, item.item, Severity.WARNING, warning)
