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
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Finding, Rule
from narrowgate.core.eligibility.ruleset import item_findings, rule_of
from narrowgate.core.eligibility.value_forms import ValueFault, value_faults, well_formed_item
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
    LATER = "later"
    """The gate would refuse the item for it once the form of its values is corrected."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about one item of a case file, in words that repeat no cell of it.

    ``rule`` is ``None`` for a warning, which no rule makes; ``column`` names the one whose value has a wrong form.
    """

    severity: Severity
    detail: str
    hint: str
    rule: Rule | None = None
    column: str = ""


def lint_item(
    item: Item, agreement: Agreement, today: date, officers: Container[str], facilities: Container[str]
) -> tuple[Remark, ...]:
    """Every finding of every item rule in the fixed order, then every warning; empty for a good item.

    Where a value has a wrong form, it is told what is wrong with this value, and what else the rules would find.
    What earlier packages used up of the budgets (R-24, R-25, R-28, R-29, R-73, R-74) only the custodian knows.

    Args: as for ``facts_of``.
    """
    return lint_facts(facts_of(item, agreement, today, officers, facilities), facilities)


def lint_facts(facts: ItemFacts, facilities: Container[str]) -> tuple[Remark, ...]:
    """What :func:`lint_item` says of an item, of facts at hand.

    Args:
        facts: of the item.
        facilities: that they were computed with.
    """
    item, agreement, today = facts.item, facts.agreement, facts.today
    found = {finding.rule_id: finding for finding in item_findings(facts)}
    warnings = [Remark(Severity.WARNING, *_WARNINGS[warning]) for warning in facts.address.warnings]
    faults = [
        (fault, rules[0])
        for fault in (value_faults(item) if found else ())
        if (rules := [rule for rule in fault.rules if rule in found])
    ]
    if not faults:
        return (*map(_remark, found.values()), *warnings)
    well_formed = well_formed_item(item, [fault for fault, _ in faults], today, agreement.tax_years.last)
    of_well_formed = facts_of(well_formed, agreement, today, facts.officers, facilities)
    rest = {finding.rule_id: finding for finding in item_findings(of_well_formed)}
    told = {rule for _, rule in faults} | rest.keys()
    return (
        *(_remark_on_value(fault, rule) for fault, rule in faults),
        *(
            _remark(finding, Severity.REFUSAL if rule in found else Severity.LATER)
            for rule, finding in rest.items()
        ),
        *(_remark(finding) for rule, finding in found.items() if rule not in told),
        *warnings,
    )


def _remark(finding: Finding, severity: Severity = Severity.REFUSAL) -> Remark:
    rule = rule_of(finding.rule_id)
    return Remark(severity, finding.detail, rule.hint, rule)


def _remark_on_value(fault: ValueFault, rule_id: str) -> Remark:
    detail = f"The value of {fault.column} {fault.found.problem}"
    return Remark(Severity.REFUSAL, detail, fault.found.hint, rule_of(rule_id), fault.column)
