"""What lint found in a case file, as lines for a terminal and as JSON lines for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from narrowgate.core.eligibility.lint import Remark, Severity
from narrowgate.core.eligibility.lint_file import ColumnRemark, LintedFile
from narrowgate.core.eligibility.rule import Finding
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.request.form_faults import FormFault, FormFaults

_LATER: Final = "once the form is corrected: "


def text_lines(found: LintedFile, faults: FormFaults, obstacles: Iterable[Finding]) -> Iterator[str]:
    """What would refuse the package whole; what is wrong with the form, with whole columns, with items by line."""
    yield from map(obstacle_text, obstacles)
    for fault in faults:
        yield f"{fault} {fault.hint} ({fault.rule})"
    for column in found.columns:
        yield column_text(column)
    for linted in found.remarked:
        for remark in found.apart_from_columns(linted):
            yield f"{linted.line}: item {linted.item}: {_remark_text(remark)}"


def obstacle_text(obstacle: Finding) -> str:
    """What would refuse the package whole, and what to do."""
    return f"package: {obstacle.detail} {rule_of(obstacle.rule_id).hint} ({obstacle.rule_id})"


def column_text(column: ColumnRemark) -> str:
    """What is wrong with a whole column, in one line."""
    remark = column.remark
    rule = f" ({remark.rule.id})" if remark.rule else ""
    return f"column {remark.column}: {column.values:,} of {column.of:,}: {remark.detail} {remark.hint}{rule}"


def _remark_text(remark: Remark) -> str:
    if remark.rule is None:
        return f"warning: {remark.detail} {remark.hint}"
    later = _LATER if remark.severity is Severity.LATER else ""
    return f"{later}{remark.rule.id} {remark.detail} {remark.hint} ({remark.rule.citation})"


def json_lines(found: LintedFile, faults: FormFaults, obstacles: Iterable[Finding]) -> Iterator[str]:
    """One object for each remark on an item; the last line is the summary, with package, whole columns and form."""
    for linted in found.remarked:
        for remark in linted.remarks:
            yield orjson.dumps({"line": linted.line, "item": linted.item, **_remark_fields(remark)}).decode()
    summary = {
        "items": found.items,
        "refused": found.refused(),
        "refused_by_rule": found.refused_by_rule(),
        "package": [{"rule": finding.rule_id, "detail": finding.detail} for finding in obstacles],
        "columns": [
            {"values": column.values, "of": column.of, **_remark_fields(column.remark)}
            for column in found.columns
        ],
        "form": [_fault_fields(fault) for fault in faults],
    }
    yield orjson.dumps({"summary": summary}).decode()


def _remark_fields(remark: Remark) -> dict[str, Any]:
    return {
        "severity": remark.severity,
        "rule": remark.rule.id if remark.rule else None,
        "column": remark.column or None,
        "detail": remark.detail,
        "hint": remark.hint,
        "citation": remark.rule.citation if remark.rule else None,
    }


def _fault_fields(fault: FormFault) -> dict[str, Any]:
    return {
        "rule": fault.rule,
        "problem": fault.problem,
        "hint": fault.hint,
        "column": fault.column or None,
        "places": fault.places,
        "count": fault.count,
    }
