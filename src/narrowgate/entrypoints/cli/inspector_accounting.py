"""``narrowgate inspector accounting``: requests, disclosures and taxpayers, recomputed from log and openings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.accounting_files import as_parquet, as_pdf
from narrowgate.entrypoints.cli.custodian_open import Month
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note, warn
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.verify.accounting.account import Wanted, account
from narrowgate.verify.accounting.protect import THRESHOLD
from narrowgate.verify.accounting.report import FULL, as_html
from narrowgate.verify.accounting.rows import as_csv, dictionary_csv
from narrowgate.verify.accounting.words import in_words
from narrowgate.verify.report_file import write_report
from narrowgate.verify.runs import available_processes

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand,
    epilog="narrowgate inspector accounting bundle --key log.vkey --openings opened.ndjson --html accounting.html",
)
@source_argument
@key_option
@click.option(
    "--openings",
    type=EXISTING_FILE,
    multiple=True,
    help="What the custodian opened (custodian open); may be repeated.",
)
@click.option(
    "--threshold",
    type=click.IntRange(min=2, max=10_000),
    default=THRESHOLD,
    show_default=True,
    help="The least number that is told.",
)
@click.option(
    "--through",
    type=Month(),
    help="The last month that is counted; else the last that is over, for the log has a later entry.",
)
@click.option(
    "--published",
    type=EXISTING_FILE,
    multiple=True,
    help="A report of this log published before (JSON), which this one must not undo; may be repeated.",
)
@click.option("--full", is_flag=True, help="Withhold nothing: for the inspector alone.")
@click.option("--html", type=_FILE, help="Write the report as a page.")
@click.option("--csv", "csv_file", type=_FILE, help="Write every number as a row of a CSV.")
@click.option("--parquet", type=_FILE, help="Write these rows as Parquet.")
@click.option("--pdf", type=_FILE, help="Write the tables as PDF/UA-1 (needs narrowgate[pdf]).")
@click.option("--dictionary", type=_FILE, help="Write what each column of that CSV holds, as CSV.")
def accounting(
    source: Path,
    key: Path | None,
    html: Path | None,
    csv_file: Path | None,
    **options: Any,
) -> None:
    """Account for disclosures (26 USC 6103(p)(3)): packages, items, refusals, answers, confirmations, taxpayers.

    Counted by agency, office, statute and month, from the entries of the log and from openings, each compared with its
    entry. Small numbers are withheld in whole lines, and with them every line that would reveal one, the reports of
    months and of the year taken together. The same log and openings give the same bytes.
    """
    full = bool(options["full"])
    openings, published = options["openings"], options["published"]
    if (through := options["through"]) and not full and through >= f"{SystemClock().now():%Y-%m}":
        raise UsageError(
            "The month of --through is not over.",
            why="A part of a month, once published, can be taken from the whole month.",
            next_step="Name the last month that is over, or leave --through out.",
        )
    wanted = Wanted(openings, options["threshold"], options["through"] or "", published, full)
    publication, force = account(open_source(source, key), wanted, available_processes())
    inputs = [source, *openings, *published, *([key] if key else [])]
    made: list[tuple[Path | None, Callable[[], bytes]]] = [
        (html, lambda: as_html(publication, force)),
        (csv_file, lambda: as_csv(publication)),
        (options["parquet"], lambda: as_parquet(publication)),
        (options["pdf"], lambda: as_pdf(publication)),
        (options["dictionary"], dictionary_csv),
    ]
    for path, make in made:
        if path is not None:
            write_report(path, make(), inputs)
            inputs.append(path)
            note(f"wrote {path}")
    if full:
        warn(FULL)
    answer(publication.as_dict(), in_words(publication))
