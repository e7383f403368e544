"""``narrowgate case``: check a case file before it is sent."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
import orjson

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.case_file import read_case_file, read_case_stream
from narrowgate.adapters.files.case_template import write_template
from narrowgate.adapters.files.officers import registered_ids
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.eligibility.lint import Remark
from narrowgate.core.eligibility.lint_file import lint_file
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, done, note, warn, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of
from narrowgate.entrypoints.library.cases import EveryOfficer
from narrowgate.requester.lint_page import lint_html


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
    written = [str(path) for path in write_template(file, tuple(statutes))]
    done({"written": written}, "\n".join(f"wrote {path}" for path in written))


@case.command(
    cls=ExampleCommand, epilog="narrowgate case lint cases.csv --agreement agreement.toml --html lint.html"
)
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--agreement",
    "agreement_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The agreement the package is to be sent under.",
)
@click.option(
    "--officers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The register of officers (officers.csv); without it every officer counts as registered.",
)
@click.option("--strict", is_flag=True, help="End with exit code 11 where an item would be refused.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page to this file."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last one is the summary.")
def lint(
    cases: Path, agreement_file: Path, officers: Path | None, strict: bool, html: Path | None, as_json: bool
) -> None:
    """List every item that the gate would refuse, with the line, the rule, the reason and what to do.

    The same rules run again at the gate; the budgets (R-24, R-25, R-28, R-29, R-73) are kept within the file, for what
    earlier packages used up only the custodian knows. Nothing here reads a tax record. CASES is a CSV, a Parquet file
    or an Excel workbook, or - for CSV on standard input. Findings do not change the exit code but with --strict.
    """
    agreement = read_agreement(agreement_file)
    now = SystemClock().now()
    if not agreement.effective <= now.date() <= agreement.expires:
        warn("The agreement is not in force today: the gate would refuse every package (R-51).")
    registered = registered_ids(officers) if officers else EveryOfficer()
    found = lint_file(
        read_case_stream(sys.stdin.buffer, "standard input") if str(cases) == "-" else read_case_file(cases),
        agreement,
        now.date(),
        registered,
        read_facilities_of(agreement, agreement_file),
        SystemEntropy().draw(32),
    )
    counts = Counter(remark.rule.id for linted in found.remarked for remark in linted.remarks if remark.rule)
    refused = sum(linted.is_refused for linted in found.remarked)
    show = _json if as_json else _text
    for linted in found.remarked:
        for remark in linted.remarks:
            sys.stdout.write(show(linted.line, linted.item, remark) + "\n")
    if as_json:
        summary = {"items": found.items, "refused": refused, "refused_by_rule": dict(sorted(counts.items()))}
        sys.stdout.write(orjson.dumps({"summary": summary}).decode() + "\n")
    if html is not None:
        write_new(html, lint_html(cases.name, found, counts).encode())
    note(f"{found.items:,} items, {refused:,} would be refused")
    for rule, count in sorted(counts.items()):
        note(f"  {rule:<6} {count:>7,}  {rule_of(rule).title}")
    if strict and refused:
        raise RefusedError(
            f"{refused:,} of {found.items:,} items would be refused.",
            next_step="Correct the lines listed, or leave these items out.",
            where=str(cases),
        )


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
