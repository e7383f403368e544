"""``narrowgate case``: check a case file before it is sent."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
import orjson

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.case_template import write_template
from narrowgate.core.eligibility.lint import Remark, lint_item
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, stderr
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of
from narrowgate.entrypoints.library.cases import EveryOfficer


@click.group(cls=LateGroup, epilog="narrowgate case lint cases.csv --agreement agreement.toml")
def case() -> None:
    """Prepare case files."""


@case.command(cls=ExampleCommand, epilog="narrowgate case template cases.xlsx --agreement agreement.toml")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--agreement",
    "agreement_file",
    type=EXISTING_FILE,
    help="Offer the statutes that this agreement names.",
)
def template(file: Path, agreement_file: Path | None) -> None:
    """Write an empty case file (.xlsx or .csv) with its data dictionary and lists to choose from.

    In the workbook every cell is text: Excel keeps leading zeros and turns nothing into a date.
    """
    statutes = read_agreement(agreement_file).statutes if agreement_file else ()
    for written in write_template(file, tuple(statutes)):
        stderr.print(f"wrote {written}", soft_wrap=True)


@case.command(cls=ExampleCommand, epilog="narrowgate case lint cases.csv --agreement agreement.toml")
@click.argument("cases", type=EXISTING_FILE)
@click.option(
    "--agreement",
    "agreement_file",
    type=EXISTING_FILE,
    required=True,
    help="The agreement the package is to be sent under.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def lint(cases: Path, agreement_file: Path, as_json: bool) -> None:
    """List every item that the gate would refuse, with the line, the rule, the reason and what to do.

    Nothing here reads a tax record: the same rules run again at the gate. Findings do not change the exit code.
    """
    agreement = read_agreement(agreement_file)
    facilities = read_facilities_of(agreement, agreement_file)
    show = _json if as_json else _text
    today = SystemClock().now().date()
    counts: Counter[str] = Counter()
    items = refused = 0
    for line, item in read_case_file(cases):
        remarks = lint_item(item, agreement, today, EveryOfficer(), facilities)
        rules = [remark.rule.id for remark in remarks if remark.rule]
        items += 1
        refused += bool(rules)
        counts.update(rules)
        for remark in remarks:
            sys.stdout.write(show(line, item.item, remark) + "\n")
    stderr.print(f"{items:,} items, {refused:,} would be refused", soft_wrap=True)
    for rule, count in sorted(counts.items()):
        stderr.print(f"  {rule:<6} {count:>7,}  {rule_of(rule).title}", soft_wrap=True)


def _text(line: int, item: str, remark: Remark) -> str:
    if remark.rule is None:
        return f"{line}: item {item}: warning: {remark.detail} {remark.hint}"
    return f"{line}: item {item}: {remark.rule.id} {remark.detail} {remark.hint} ({remark.rule.citation})"


def _json(line: int, item: str, remark: Remark) -> str:
    entry = {
        "line": line,
        "item": item,
        "severity": remark.severity,
        "rule": remark.rule.id if remark.rule else None,
        "detail": remark.detail,
        "hint": remark.hint,
        "citation": remark.rule.citation if remark.rule else None,
    }
    return orjson.dumps(entry).decode()
