"""A case file as the gate would judge it: every rule on every item, and the budgets within the file.

What earlier packages used up of the budgets, only the custodian knows: a file without a finding here can still meet
the budgets of what was asked before.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from narrowgate.core.address.keys import keys
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.term import term_of
from narrowgate.core.eligibility.examine import Admitted, examine_item
from narrowgate.core.eligibility.history.budgets import BudgetLedger, Past
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.eligibility.history.keys import (
    ABSENT,
    ADDRESS_COLUMN,
    KINDS,
    NUMBER_COLUMNS,
    REASON_COLUMN,
    HistoryKeys,
)
from narrowgate.core.eligibility.lint import Remark, Severity, lint_item
from narrowgate.core.eligibility.rules import (
    r24_officers,
    r25_boilerplate,
    r28_distinct_addresses,
    r29_distinct_subjects,
    r73_contradiction,
    r74_asked_before,
)
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.request.case_file import CaseItem

_DETAILS: Final[Mapping[str, str]] = {
    r24_officers.RULE.id: r24_officers.check_caseload(1, 0),
    r25_boilerplate.RULE.id: r25_boilerplate.UNMET,
    r28_distinct_addresses.RULE.id: r28_distinct_addresses.UNMET,
    r29_distinct_subjects.RULE.id: r29_distinct_subjects.UNMET,
    r73_contradiction.RULE.id: r73_contradiction.UNMET,
    r74_asked_before.RULE.id: r74_asked_before.UNMET,
}

_SHARED: Final[Mapping[str, tuple[int, ...]]] = {
    r25_boilerplate.RULE.id: (REASON_COLUMN,),
    r28_distinct_addresses.RULE.id: tuple(NUMBER_COLUMNS),
    r29_distinct_subjects.RULE.id: (ADDRESS_COLUMN,),
    r73_contradiction.RULE.id: tuple(NUMBER_COLUMNS),
}
"""Of which kinds a finding of the rule says that items share one."""


@dataclass(frozen=True, slots=True)
class LintedItem:
    """An item with a remark.

    Args:
        line: of the case file, the heading counted.
        item: the requester's own id of it.
        remarks: at least one.
    """

    line: int
    item: str
    remarks: tuple[Remark, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the gate would refuse it."""
        return any(remark.severity is Severity.REFUSAL for remark in self.remarks)


class LintedFile(NamedTuple):
    """What was found in a case file.

    Args:
        items: how many there are.
        remarked: those with a remark, in the order of their lines.
    """

    items: int
    remarked: tuple[LintedItem, ...]


def lint_file(
    cases: Iterable[CaseItem],
    agreement: Agreement,
    today: date,
    officers: Container[str],
    facilities: Container[str],
    key: bytes,
) -> LintedFile:
    """Every finding that the gate would have on this file alone, items in their order, and every warning.

    Args:
        cases: the items with their lines.
        agreement: in force.
        today: UTC date of the decision.
        officers: ids of the registered officers.
        facilities: keys of the agreement's list of facilities.
        key: 32 random bytes for this call: identifiers are compared by their digests, as at the gate.
    """
    digester = HistoryDigester(key, term_of(agreement).digest.encode())
    history = HistoryKeys()
    places: list[tuple[int, str]] = []
    remarked: dict[int, LintedItem] = {}
    for line, item in cases:
        remarks = lint_item(item, agreement, today, officers, facilities)
        if remarks:
            remarked[len(places)] = LintedItem(line, item.item, remarks)
        result = examine_item(item, agreement, today, officers, facilities)
        if isinstance(result, Admitted):
            numbers = (item.alien_number, item.removal_order_number)
            address_keys = keys(result.delivery_point)
            record = digester.record(result.person, numbers, address_keys, result.tax_years, item.reason)
            named = tuple(officer for officer in item.officers.split() if officer in officers)
            history.append(len(places), record, named)
        places.append((line, item.item))
    for ordinal, remarks in _budget_remarks(history, agreement, [line for line, _ in places]):
        before = remarked[ordinal].remarks if ordinal in remarked else ()
        remarked[ordinal] = LintedItem(*places[ordinal], (*remarks, *before))
    return LintedFile(len(places), tuple(remarked[ordinal] for ordinal in sorted(remarked)))


def _budget_remarks(
    history: HistoryKeys, agreement: Agreement, lines: list[int]
) -> Iterator[tuple[int, tuple[Remark, ...]]]:
    """The budgets over the file alone, as step 7 of the gate keeps them, and what an item shares with which line."""
    ledger = BudgetLedger(history, agreement.limits)
    first_line: dict[tuple[int, bytes], int] = {}
    nothing = Past()
    for row, ordinal in enumerate(history.ordinals):
        if found := ledger.judge(row, nothing):
            remarks = tuple(
                Remark(
                    Severity.REFUSAL,
                    f"{_DETAILS[rule]}{_shared(history, row, _SHARED.get(rule, ()), first_line)}",
                    rule_of(rule).hint,
                    rule_of(rule),
                )
                for rule in found
            )
            yield ordinal, remarks
        for column in (*NUMBER_COLUMNS, ADDRESS_COLUMN, REASON_COLUMN):
            digest = history.digest(row, column)
            if digest != ABSENT:
                first_line.setdefault((column, digest), lines[ordinal])


def _shared(
    history: HistoryKeys, row: int, columns: Iterable[int], first_line: Mapping[tuple[int, bytes], int]
) -> str:
    shared = [
        f"the {KINDS[column]} of line {first_line[column, history.digest(row, column)]}"
        for column in columns
        if (column, history.digest(row, column)) in first_line
    ]
    return f" It has {' and '.join(shared)}." if shared else ""
