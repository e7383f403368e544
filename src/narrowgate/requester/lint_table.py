"""What lint found in a case file, as rows of a table that can be narrowed down to what a reader looks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from narrowgate.core.eligibility.lint import Remark, Severity
from narrowgate.core.eligibility.lint_file import LintedFile

WARNING: Final = "warning"
"""Stands for the rule of a remark that no rule makes."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One remark on one item.

    Args:
        line: of the case file, the heading counted.
        item: the requester's own id.
        rule: id of the rule, or ``warning``.
        title: what the rule requires; empty for a warning.
        severity: whether the gate would refuse the item for it.
        detail: what is wrong.
        hint: what to do.
        citation: of the law or the agreement; empty for a warning.
    """

    line: int
    item: str
    rule: str
    title: str
    severity: Severity
    detail: str
    hint: str
    citation: str


def finding_rows(
    found: LintedFile, *, rule: str = "", severity: str = "", item: str = ""
) -> list[FindingRow]:
    """The remarks in the order of their lines.

    Args:
        found: what lint found.
        rule: only those of this rule; empty for all.
        severity: only those of this severity; empty for all.
        item: only those of items whose id begins so, or whose line it is; empty for all.
    """
    return [
        row
        for row in _all_rows(found)
        if (not rule or row.rule == rule)
        and (not severity or row.severity == severity)
        and (not item or row.item.startswith(item) or item == str(row.line))
    ]


def _all_rows(found: LintedFile) -> Iterable[FindingRow]:
    for linted in found.remarked:
        for remark in linted.remarks:
            yield finding_row(linted.line, linted.item, remark)


def finding_row(line: int, item: str, remark: Remark) -> FindingRow:
    """One remark as a row.

    Args:
        line: of the item.
        item: its id.
        remark: on it.
    """
    rule = remark.rule
    return FindingRow(
        line,
        item,
        rule.id if rule else WARNING,
        rule.title if rule else "",
        remark.severity,
        remark.detail,
        remark.hint,
        rule.citation if rule else "",
    )
