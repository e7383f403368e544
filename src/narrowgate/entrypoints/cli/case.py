"""``narrowgate case``: check a case file before it is sent."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import orjson

from narrowgate.adapters.case_file import read_case_file
from narrowgate.adapters.clock import SystemClock
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.examine import facts_of
from narrowgate.core.eligibility.rule import Finding
from narrowgate.core.eligibility.ruleset import item_findings, rule_of
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.bootstrap import read_agreement, read_facilities
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, stderr


class EveryOfficer:
    """Holds every id: who is registered is the custodian's business, and lint runs at the requester's."""

    def __contains__(self, officer: object) -> bool:
        return True


@click.group(cls=LateGroup, epilog="narrowgate case lint cases.csv --agreement agreement.toml")
def case() -> None:
    """Prepare case files."""


@case.command(cls=ExampleCommand, epilog="narrowgate case lint cases.csv --agreement agreement.toml")
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--agreement",
    "agreement_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The agreement the package is to be sent under.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def lint(cases: Path, agreement_file: Path, as_json: bool) -> None:
    """List every item that the gate would refuse, with the line, the rule, the reason and what to do.

    Nothing here reads a tax record: the same rules run again at the gate. Findings do not change the exit code.
    """
    agreement = read_agreement(agreement_file)
    named = agreement.addresses.facility_list
    facilities = read_facilities(agreement, agreement_file.parent / named.file if named else None)
    counts: Counter[str] = Counter()
    items = refused = 0
    for line, item in read_case_file(cases):
        items += 1
        found, warnings = _examine(item, agreement, SystemClock().now().date(), facilities)
        refused += bool(found)
        counts.update(finding.rule_id for finding in found)
        for text in _lines(line, item, found, warnings, as_json):
            sys.stdout.write(text + "\n")
    stderr.print(f"{items:,} items, {refused:,} would be refused")
    for rule, count in sorted(counts.items()):
        stderr.print(f"  {rule:<6} {count:>7,}  {rule_of(rule).title}")


def _examine(
    item: Item, agreement: Agreement, today: date, facilities: frozenset[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    facts = facts_of(item, agreement, today, EveryOfficer(), facilities)
    return item_findings(facts), facts.address.warnings


def _lines(
    line: int, item: Item, found: tuple[Finding, ...], warnings: tuple[str, ...], as_json: bool
) -> Iterator[str]:
    for finding in found:
        rule = rule_of(finding.rule_id)
        if as_json:
            entry = {
                "line": line,
                "item": item.item,
                "rule": rule.id,
                "detail": finding.detail,
                "citation": rule.citation,
                "hint": rule.hint,
            }
            yield orjson.dumps(entry).decode()
        else:
            yield f"{line}: item {item.item}: {rule.id} {finding.detail} {rule.hint} ({rule.citation})"
    for warning in warnings:
        if as_json:
            yield orjson.dumps({"line": line, "item": item.item, "warning": warning}).decode()
        else:
            yield f"{line}: item {item.item}: warning: {warning}"
