"""A package's summary for reading: as text in a terminal, and as one HTML page that prints well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from narrowgate.core.base.page import STYLE
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.requester.asked import AskedItem
from narrowgate.requester.summary import PackageSummary

_TABLES: Final = (
    ("Statute", "by_statute"),
    ("State", "by_state"),
    ("Tax year", "by_year"),
    ("Officer", "by_officer"),
)
_LISTED: Final = 20
"""Lines of a table that a terminal shows; the page shows all."""


def summary_text(summary: PackageSummary) -> str:
    """The summary as lines of text."""
    return "\n".join(_text_lines(summary))


def _text_lines(summary: PackageSummary) -> Iterator[str]:
    yield f"Package {summary.package_id} of the office {summary.office}"
    yield f"  {summary.items:,} items; created {summary.created}, to be decided until {summary.expires}"
    yield f"  under the agreement {summary.agreement_sha256}"
    for title, name in _TABLES:
        counts: Mapping[str, int] = getattr(summary, name)
        yield f"By {title.lower()}"
        for value, count in list(counts.items())[:_LISTED]:
            yield f"  {count:>9,}  {value or '(blank)'}"
        if len(counts) > _LISTED:
            yield f"  and {len(counts) - _LISTED:,} more"
    if summary.refused is None:
        yield "Not checked against an agreement: nothing is said of what the gate would refuse."
    else:
        yield f"{summary.refused:,} items would be refused"
        for rule, count in summary.refused_by_rule.items():
            yield f"  {count:>9,}  {rule:<6} {rule_of(rule).title}"
    for quota in summary.quotas:
        limit = "lifted" if quota.limit is None else f"{quota.limit:,}"
        yield f"Uses {quota.used:,} of {quota.name} ({limit})"
    yield from (
        f"The gate would refuse the package whole today: {obstacle}" for obstacle in summary.obstacles
    )
    yield "First rows" if summary.last else "All rows"
    yield from map(_row_line, summary.first)
    if summary.last:
        yield "Last rows"
        yield from map(_row_line, summary.last)
    yield "The signature attests"
    for text in summary.attestations.values():
        yield f"  - {text}"


def _row_line(asked: AskedItem) -> str:
    refused = f"; would be refused by {' '.join(asked.refused_by)}" if asked.refused_by else ""
    words = "; ".join((asked.person, asked.address, asked.tax_years, asked.officers))
    return f"  {asked.row:>9,}  {asked.item}: {words}{refused}"


def summary_html(summary: PackageSummary) -> str:
    """The summary as one HTML page without script, for reading before the signature and for the file."""
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>Package {escape(summary.package_id)}</title>',
        f"<style>{STYLE}</style></head><body><main>",
        f"<h1>Package {escape(summary.package_id)}</h1>",
        f"<p>{summary.items:,} items of the office {escape(summary.office)}</p>",
        f"<p>Created {summary.created}, to be decided until {summary.expires}</p>",
        f"<p>Under the agreement {escape(summary.agreement_sha256)}</p>",
        *(_table(title, getattr(summary, name)) for title, name in _TABLES),
        _refusals(summary),
        _quotas(summary),
        *(
            f"<p>The gate would refuse the package whole today: {escape(text)}</p>"
            for text in summary.obstacles
        ),
        _rows("First rows" if summary.last else "All rows", summary.first),
        _rows("Last rows", summary.last),
        "<h2>The signature attests</h2><ol>",
        *(f"<li>{escape(text)}</li>" for text in summary.attestations.values()),
        "</ol></main></body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _table(title: str, counts: Mapping[str, int]) -> str:
    rows = "".join(
        f'<tr><td>{escape(value) or "(blank)"}</td><td class="count">{count:,}</td></tr>'
        for value, count in counts.items()
    )
    return (
        f"<table><caption>By {title.lower()}</caption><thead><tr><th scope=col>{title}</th>"
        f"<th scope=col>Items</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _refusals(summary: PackageSummary) -> str:
    if summary.refused is None:
        return "<p>Not checked against an agreement: nothing is said of what the gate would refuse.</p>"
    rows = "".join(
        f'<tr><td>{rule}</td><td>{escape(rule_of(rule).title)}</td><td class="count">{count:,}</td></tr>'
        for rule, count in summary.refused_by_rule.items()
    )
    return (
        f"<table><caption>{summary.refused:,} items would be refused</caption><thead><tr><th scope=col>Rule</th>"
        f"<th scope=col>Requires</th><th scope=col>Items</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _quotas(summary: PackageSummary) -> str:
    if not summary.quotas:
        return ""
    rows = "".join(
        f'<tr><td>{quota.name}</td><td class="count">{quota.used:,}</td>'
        f'<td class="count">{"lifted" if quota.limit is None else format(quota.limit, ",")}</td></tr>'
        for quota in summary.quotas
    )
    return (
        "<table><caption>Quotas</caption><thead><tr><th scope=col>Limit</th><th scope=col>Used</th>"
        f"<th scope=col>Of</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _rows(title: str, asked: tuple[AskedItem, ...]) -> str:
    if not asked:
        return ""
    rows = "".join(
        f'<tr><td class="count">{one.row:,}</td><td>{escape(one.item)}</td><td>{escape(one.person)}</td>'
        f"<td>{escape(one.address)}</td><td>{escape(one.tax_years)}</td><td>{escape(one.officers)}</td>"
        f"<td>{escape(' '.join(one.refused_by))}</td></tr>"
        for one in asked
    )
    heads = "".join(
        f"<th scope=col>{head}</th>"
        for head in ("Row", "Item", "Person", "Address", "Tax years", "Officers", "Refused by")
    )
    return f"<table><caption>{title}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
