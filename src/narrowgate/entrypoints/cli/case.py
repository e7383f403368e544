"""``narrowgate case``: check a case file before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.case_file import read_case_file, read_case_stream
from narrowgate.adapters.files.case_template import write_template
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.request.form_faults import FormFaults
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, done, note, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.linted_cases import lint_cases, read_terms
from narrowgate.requester.lint_lines import json_lines, text_lines
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
@click.option(
    "--strict", is_flag=True, help="End with exit code 11 where an item, or the package, would be refused."
)
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
    or an Excel workbook, or - for CSV on standard input. What is wrong with nearly every value of a column is told
    once, and what is wrong with the form of the file all at once (exit code 11). Findings do not change the exit code
    but with --strict.
    """
    terms = read_terms(agreement_file, officers)
    faults = FormFaults()
    source = "standard input" if str(cases) == "-" else str(cases)
    linted = lint_cases(
        read_case_stream(sys.stdin.buffer, source, faults)
        if source != str(cases)
        else read_case_file(cases, faults),
        terms,
        SystemClock().now().date(),
        SystemEntropy(),
    )
    found, obstacles = linted.found, linted.obstacles
    for line in (json_lines if as_json else text_lines)(found, faults, obstacles):
        sys.stdout.write(line + "\n")
    if html is not None:
        write_new(html, lint_html(cases.name, found, faults, obstacles).encode())
    refused = found.refused()
    note(f"{found.items:,} items, {refused:,} would be refused")
    for rule, count in found.refused_by_rule().items():
        note(f"  {rule:<6} {count:>7,}  {rule_of(rule).title}")
    if faults:
        raise RefusedError(
            f"No package can be made of the file: faults of its form in {faults.places:,} place(s).",
            next_step="Correct what is listed first; the items were judged as far as they could be read.",
            where=source,
            rule=" ".join(dict.fromkeys(fault.rule for fault in faults)),
        )
    if strict and obstacles:
        raise RefusedError(
            obstacles[0].detail,
            why="The gate would refuse the package whole today.",
            next_step=rule_of(obstacles[0].rule_id).hint,
            rule=obstacles[0].rule_id,
        )
    if strict and refused:
        raise RefusedError(
            f"{refused:,} of {found.items:,} items would be refused.",
            next_step="Correct the lines listed, or leave these items out.",
            where=str(cases),
        )
