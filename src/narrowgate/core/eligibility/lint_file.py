"""A case file as the gate would judge it: every rule on every item, and the budgets within the file.

What earlier packages used up of the budgets, only the custodian knows: a file without a finding here can still meet
the budgets of what was asked before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from narrowgate.core.address.keys import keys
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.term import term_of
from narrowgate.core.eligibility.examine import Admitted, facts_of, judge_facts
from narrowgate.core.eligibility.facts import ItemFacts
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
from narrowgate.core.eligibility.lint import Remark, Severity, lint_facts
from narrowgate.core.eligibility.rules import (
    r24_officers,
    r25_boilerplate,
    r28_distinct_addresses,
    r29_distinct_subjects,
    r73_contradiction,
    r74_asked_before,
)
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.eligibility.value_forms import BLANK, corrected_item
from narrowgate.core.request.case_file import CaseItem
from narrowgate.core.request.item import ITEM_COLUMNS

_DETAILS: Final[Mapping[str, str]] = {
    r24_officers.RULE.id: r24_officers.check_caseload(1, 0),
    r25_boilerplate.RULE.id: r25_boilerplate.UNMET,
    r28_distinct_addresses.RULE.id: r28_distinct_addresses.UNMET,
    r29_distinct_subjects.RULE.id: r29_distinct_subjects.UNMET,
    r73_contradiction.RULE.id: r73_contradiction.UNMET,
    r74_asked_before.RULE.id: r74_asked_before.UNMET,
}

LEAST_OF_A_COLUMN: Final = 3
"""Values with the same fault, and nine tenths of the column, from which on the fault is told of the column."""

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
        return bool(self.refused_by)

    @property
    def refused_by(self) -> tuple[str, ...]:
        """Ids of the rules for which the gate would refuse it, ascending."""
        return tuple(
            sorted(
                {
                    remark.rule.id
                    for remark in self.remarks
                    if remark.rule and remark.severity is Severity.REFUSAL
                }
            )
        )


class ColumnRemark(NamedTuple):
    """One thing that is wrong with nearly every value of a column.

    Args:
        remark: as it is about each of the values.
        values: how many of them.
        of: how many values the column has.
    """

    remark: Remark
    values: int
    of: int


class LintedFile(NamedTuple):
    """What was found in a case file.

    Args:
        items: how many there are.
        remarked: those with a remark, in the order of their lines.
        columns: what is wrong with whole columns.
    """

    items: int
    remarked: tuple[LintedItem, ...]
    columns: tuple[ColumnRemark, ...] = ()

    def apart_from_columns(self, linted: LintedItem) -> tuple[Remark, ...]:
        """The remarks on an item that are not told of a whole column."""
        told = {column.remark for column in self.columns}
        return tuple(remark for remark in linted.remarks if remark not in told)

    def refused(self) -> int:
        """How many items the gate would refuse."""
        return sum(linted.is_refused for linted in self.remarked)

    def refused_by_rule(self) -> dict[str, int]:
        """How many items each rule would refuse, by its id."""
        counts = Counter(rule for linted in self.remarked for rule in linted.refused_by)
        return dict(sorted(counts.items()))


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
    as_written, as_corrected = HistoryKeys(), HistoryKeys()
    places: list[tuple[int, str]] = []
    remarked: dict[int, LintedItem] = {}
    filled: Counter[str] = Counter()

    def charge(facts: ItemFacts, *histories: HistoryKeys) -> bool:
        result = judge_facts(facts)
        if not isinstance(result, Admitted):
            return False
        item = facts.item
        numbers = (item.alien_number, item.removal_order_number)
        address_keys = keys(result.delivery_point)
        record = digester.record(result.person, numbers, address_keys, result.tax_years, item.reason)
        named = tuple(officer for officer in item.officers.split() if officer in officers)
        for history in histories:
            history.append(len(places), record, named)
        return True

    for line, item in cases:
        filled.update(column for column, value in zip(ITEM_COLUMNS, item, strict=True) if value)
        facts = facts_of(item, agreement, today, officers, facilities)
        if remarks := lint_facts(facts, facilities):
            remarked[len(places)] = LintedItem(line, item.item, remarks)
        if not charge(facts, as_written, as_corrected) and (corrected := corrected_item(item)) is not item:
            charge(facts_of(corrected, agreement, today, officers, facilities), as_corrected)
        places.append((line, item.item))
    for ordinal, remarks in _all_budget_remarks(as_written, as_corrected, agreement, places):
        before = remarked[ordinal].remarks if ordinal in remarked else ()
        remarked[ordinal] = LintedItem(*places[ordinal], (*remarks, *before))
    all_remarked = tuple(remarked[ordinal] for ordinal in sorted(remarked))
    return LintedFile(len(places), all_remarked, _of_whole_columns(all_remarked, filled, len(places)))


def _all_budget_remarks(
    as_written: HistoryKeys, as_corrected: HistoryKeys, agreement: Agreement, places: list[tuple[int, str]]
) -> Iterator[tuple[int, tuple[Remark, ...]]]:
    """What the budgets say of the file, and then what they would say once the form of every value is right."""
    lines = [line for line, _ in places]
    told: set[tuple[int, str]] = set()
    for ordinal, remarks in _budget_remarks(as_written, agreement, lines, Severity.REFUSAL):
        told.update((ordinal, remark.rule.id) for remark in remarks if remark.rule)
        yield ordinal, remarks
    if len(as_corrected.ordinals) == len(as_written.ordinals):
        return
    for ordinal, remarks in _budget_remarks(as_corrected, agreement, lines, Severity.LATER):
        if new := tuple(
            remark for remark in remarks if remark.rule and (ordinal, remark.rule.id) not in told
        ):
            yield ordinal, new


def _of_whole_columns(
    remarked: Iterable[LintedItem], filled: Mapping[str, int], items: int
) -> tuple[ColumnRemark, ...]:
    counts = Counter(
        remark for linted in remarked for remark in linted.remarks if remark.column and remark.rule
    )
    columns = (
        ColumnRemark(remark, count, items if BLANK.problem in remark.detail else filled[remark.column])
        for remark, count in counts.items()
    )
    return tuple(
        column
        for column in columns
        if column.values >= LEAST_OF_A_COLUMN and column.values * 10 >= column.of * 9
    )


def _budget_remarks(
    history: HistoryKeys, agreement: Agreement, lines: list[int], severity: Severity
) -> Iterator[tuple[int, tuple[Remark, ...]]]:
    """The budgets over the file alone, as step 7 of the gate keeps them, and what an item shares with which line."""
    ledger = BudgetLedger(history, agreement.limits)
    first_line: dict[tuple[int, bytes], int] = {}
    nothing = Past()
    for row, ordinal in enumerate(history.ordinals):
        if found := ledger.judge(row, nothing):
            remarks = tuple(
                Remark(
                    severity,
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
