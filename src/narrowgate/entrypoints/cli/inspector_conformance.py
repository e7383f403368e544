"""``narrowgate inspector conformance``: for a court, what the log shows of each requirement."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.verify.conformance.report import Verdict, conformance
from narrowgate.verify.conformance.told import document, lines, report_page
from narrowgate.verify.report_file import write_report
from narrowgate.verify.runs import available_processes


@click.command(
    "conformance",
    cls=ExampleCommand,
    epilog="narrowgate inspector conformance bundle --key log.vkey --html report.html",
)
@source_argument
@key_option
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page.")
def conformance_command(source: Path, key: Path | None, html: Path | None) -> None:
    """Say for each requirement R-1 to R-81 what the log shows: the entries that show it, or why none can.

    Verdicts: shown, contradicted, not shown here, cannot be shown by software. Holds, missing days, late packages,
    times without an agreement and entries without a cosignature are listed. The same log gives the same bytes. Exit
    code 14: a requirement is contradicted.
    """
    found = conformance(open_source(source, key), available_processes())
    if html is not None:
        write_report(html, report_page(found), [each for each in (source, key) if each is not None])
        note(f"wrote {html}")
    answer(document(found), "\n".join(lines(found)))
    broken = [each.requirement.id for each in found.judged if each.verdict is Verdict.CONTRADICTED]
    if broken:
        raise LogInconsistentError(
            "The log contradicts what is required.",
            why=f"It contradicts {', '.join(broken)}.",
            next_step="The report names the leaves; 'narrowgate log show' shows each. Keep this copy as evidence.",
            where=str(source),
        )
