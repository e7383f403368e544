"""An agreement for reading: as text in a terminal, and as one HTML page for the table at which it is signed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from narrowgate.core.agreement.model import Agreement, Clause
from narrowgate.core.agreement.provisions import PRESENT, Provision, in_words, name_of, provisions_of
from narrowgate.core.base.page import STYLE
from narrowgate.core.eligibility.construction import HELD_BY_CONSTRUCTION
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION, RULES

_WIDTH: Final = 100
_TITLES: Final = {rule.id: f"{rule.title}. {rule.text}" for rule in RULES} | dict(HELD_BY_CONSTRUCTION)
_BINDS_PEOPLE: Final = "No rule of the software holds this clause: it binds people."
_UNKNOWN: Final = "The software has no such rule."
_STYLE: Final = """
main { max-width: 70rem; } body { max-width: 70rem; } td.clause { width: 50%; } td.rules { width: 50%; }
td.rules p { margin: 0 0 0.5rem; } .signatures td { height: 4rem; min-width: 18rem; }
code { overflow-wrap: anywhere; }
"""


def agreement_text(agreement: Agreement, doubts: Sequence[str]) -> str:
    """Clauses, each with its rules in words, then every figure and list, then what is in doubt.

    Args:
        agreement: as parsed.
        doubts: from :func:`narrowgate.core.agreement.check.check_agreement`.
    """
    return "\n".join(_text_lines(agreement, doubts))


def agreement_html(agreement: Agreement, doubts: Sequence[str]) -> str:
    """The same as one HTML page without script: the clause on the left, its rules on the right, and room to sign.

    Args:
        agreement: as parsed.
        doubts: from :func:`narrowgate.core.agreement.check.check_agreement`.
    """
    return "\n".join(_html_parts(agreement, doubts))


def figures(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Every provision but the clauses, in words: its name and what it says, in the order of the file."""
    for provision in provisions_of(agreement).values():
        if provision.kind.startswith("clauses") or provision.kind in {"title", "custodian", "requester"}:
            continue
        yield _named(provision), "" if provision.value == PRESENT else in_words(provision.value)


def _named(provision: Provision) -> str:
    name = name_of(provision.kind)[0]
    text = f"{name} {provision.of}".strip()
    return text[:1].upper() + text[1:]


def _rules(clause: Clause) -> Iterator[tuple[str, str]]:
    for rule in clause.rules:
        yield rule, _TITLES.get(rule, _UNKNOWN)


def _text_lines(agreement: Agreement, doubts: Sequence[str]) -> Iterator[str]:
    yield agreement.title
    yield f"{agreement.id} version {agreement.version}, between {agreement.custodian} and {agreement.requester}"
    yield f"SHA-256 {agreement.digest}; rule set {RULE_SET_VERSION}"
    for clause in agreement.clauses:
        yield ""
        yield from textwrap.wrap(f"{clause.id}  {clause.text}", _WIDTH, subsequent_indent="     ")
        yield f"     [{clause.citation}]"
        for rule, words in _rules(clause):
            yield from textwrap.wrap(
                f"{rule}: {words}", _WIDTH, initial_indent="       ", subsequent_indent="         "
            )
        if not clause.rules:
            yield f"       {_BINDS_PEOPLE}"
    yield ""
    for name, value in figures(agreement):
        yield f"{name}: {value}" if value else name
    yield from _doubt_lines(doubts)


def _doubt_lines(doubts: Sequence[str]) -> Iterator[str]:
    if doubts:
        yield ""
        yield "To be known before signing"
        yield from (f"  - {doubt}" for doubt in doubts)


def _html_parts(agreement: Agreement, doubts: Sequence[str]) -> Iterator[str]:
    title = escape(agreement.title)
    yield "<!doctype html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{STYLE}{_STYLE}</style></head><body><main><h1>{title}</h1>"
    yield f"<p>{escape(agreement.id)}, version {agreement.version}, between {escape(agreement.custodian)} and "
    yield f"{escape(agreement.requester)}.</p>"
    yield f"<p>SHA-256 of the signed file: <code>{agreement.digest}</code></p>"
    if doubts:
        yield "<h2>To be known before signing</h2><ul>"
        yield from (f"<li>{escape(doubt)}</li>" for doubt in doubts)
        yield "</ul>"
    yield "<h2>Clauses</h2><table><caption>Each clause, and beside it the rules of the software that hold it"
    yield f"</caption><thead><tr><th>No.</th><th>Clause</th><th>Rules (rule set {RULE_SET_VERSION})</th></tr></thead>"
    yield "<tbody>"
    yield from map(_clause_row, agreement.clauses)
    yield "</tbody></table><h2>Figures and lists</h2><table><tbody>"
    for name, value in figures(agreement):
        yield f"<tr><td><code>{escape(name)}</code></td><td>{escape(value)}</td></tr>"
    yield "</tbody></table><h2>Signatures</h2>"
    yield "<p>The agreement is in force only with a signature of each party over the file of the digest above, and an "
    yield "act of the custodian that two of its officers signed.</p>"
    yield '<table class="signatures"><tbody>'
    for party in (agreement.custodian, agreement.requester):
        yield f"<tr><th>For {escape(party)}</th><td>Name, office, date:</td></tr>"
    yield "</tbody></table></main></body></html>"


def _clause_row(clause: Clause) -> str:
    rules = "".join(f"<p><b>{escape(rule)}</b> {escape(words)}</p>" for rule, words in _rules(clause))
    return (
        f'<tr><td>{escape(clause.id)}</td><td class="clause">{escape(clause.text)} '
        f"<i>{escape(clause.citation)}</i></td>"
        f'<td class="rules">{rules or f"<p>{_BINDS_PEOPLE}</p>"}</td></tr>'
    )
