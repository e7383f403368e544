"""What lint found in a case file, as one HTML page that prints well: a bar for each rule, and every line to correct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from narrowgate.core.base.page import STYLE
from narrowgate.core.eligibility.lint import Remark, Severity
from narrowgate.core.eligibility.lint_file import LintedFile
from narrowgate.core.eligibility.rule import Finding
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.request.form_faults import FormFaults
from narrowgate.requester.lint_lines import column_text, obstacle_text

_BAR_WIDTH: Final = 360
_BAR_HEIGHT: Final = 22
_LABEL_WIDTH: Final = 70


def lint_html(name: str, found: LintedFile, faults: FormFaults, obstacles: Iterable[Finding]) -> str:
    """The page without script: counts by rule as a bar chart, what is wrong with form and columns, remarks by line.

    Args:
        name: of the case file.
        found: what lint found.
        faults: what is wrong with the form of the file.
        obstacles: what would refuse the package whole.
    """
    rows = "".join(
        f'<tr><td class="count">{linted.line:,}</td><td>{escape(linted.item)}</td>'
        f"<td>{_kind(remark)}</td><td>{escape(remark.detail)}</td><td>{escape(remark.hint)}</td></tr>"
        for linted in found.remarked
        for remark in found.apart_from_columns(linted)
    )
    heads = "".join(f"<th scope=col>{head}</th>" for head in ("Line", "Item", "Rule", "What", "What to do"))
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>Lint of {escape(name)}</title>',
            f"<style>{STYLE}</style></head><body><main><h1>Lint of {escape(name)}</h1>",
            f"<p>{found.items:,} items, {found.refused():,} would be refused.</p>",
            _bars(found.refused_by_rule()),
            _list("The package", list(map(obstacle_text, obstacles))),
            _list("The form of the file", [f"{fault} {fault.hint}" for fault in faults]),
            _list("Whole columns", list(map(column_text, found.columns))),
            f"<table><caption>By line</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>",
            "</main></body></html>",
            "",
        )
    )


def _kind(remark: Remark) -> str:
    if remark.rule is None:
        return "warning"
    return remark.rule.id + (", once the form is corrected" if remark.severity is Severity.LATER else "")


def _list(title: str, entries: list[str]) -> str:
    if not entries:
        return ""
    return f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(entry)}</li>' for entry in entries)}</ul>"


def _bars(counts: Mapping[str, int]) -> str:
    """One bar for each rule, the most frequent first; the title says in words what the picture shows."""
    if not counts:
        return ""
    most = max(counts.values())
    parts = []
    for at, (rule, count) in enumerate(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))):
        top = at * _BAR_HEIGHT
        width = max(1, round(_BAR_WIDTH * count / most))
        parts.append(
            f'<text x="{_LABEL_WIDTH - 8}" y="{top + 15}" text-anchor="end">{rule}</text>'
            f'<rect x="{_LABEL_WIDTH}" y="{top + 3}" width="{width}" height="{_BAR_HEIGHT - 6}" fill="#005ea2">'
            f"<title>{rule}: {count:,} items. {escape(rule_of(rule).title)}</title></rect>"
            f'<text x="{_LABEL_WIDTH + width + 6}" y="{top + 15}">{count:,}</text>'
        )
    height = len(counts) * _BAR_HEIGHT + 6
    return (
        f'<svg role="img" aria-label="Items refused by rule" width="{_LABEL_WIDTH + _BAR_WIDTH + 90}" '
        f'height="{height}" font-size="14" font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )
