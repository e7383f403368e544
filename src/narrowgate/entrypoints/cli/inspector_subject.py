"""``narrowgate inspector subject``: one person's own account of disclosures, from openings."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.verify.report_file import write_report
from narrowgate.verify.runs import available_processes
from narrowgate.verify.subject import Papers, account_of
from narrowgate.verify.subject_told import account_page, document, lines
from narrowgate.verify.tin_file import read_tin


@click.command(
    "subject",
    cls=ExampleCommand,
    epilog="narrowgate inspector subject bundle --tin number.txt --openings opened.ndjson --html account.html",
)
@source_argument
@key_option
@click.option("--tin", type=EXISTING_FILE, required=True, help="File that holds the person's number alone.")
@click.option(
    "--openings", type=EXISTING_FILE, required=True, help="What the custodian opened: rows and outcomes."
)
@click.option("--delays", type=EXISTING_FILE, help="The list of delayed accounts, where one is in force.")
@click.option(
    "--index", type=click.Path(dir_okay=False, path_type=Path), help="Where leaves lie; made if missing."
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the account as a page.")
def subject(
    source: Path,
    key: Path | None,
    tin: Path,
    openings: Path,
    delays: Path | None,
    index: Path | None,
    html: Path | None,
) -> None:
    """Make the account of one person: which packages asked about them, when, for which statute, what was disclosed.

    The custodian opens what is about the person ('custodian open --tin'); each line is proved by the log. What the list
    of delayed accounts in force names is left out, and nothing in the account tells whether anything is.
    """
    account = account_of(
        open_source(source, key), read_tin(tin), Papers(openings, delays, index), available_processes()
    )
    if html is not None:
        inputs = (source, key, tin, openings, delays)
        write_report(html, account_page(account), [each for each in inputs if each is not None])
    answer(document(account), "\n".join(lines(account)))
