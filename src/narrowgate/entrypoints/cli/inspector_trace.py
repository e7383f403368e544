"""``narrowgate inspector trace`` and ``check-trace``: the way of one package or item, and the proof of each step."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.core.base.errors import ProofError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.verify.files import read_bytes
from narrowgate.verify.report_file import write_report
from narrowgate.verify.runs import available_processes
from narrowgate.verify.trace import Trace, trace_in, traced
from narrowgate.verify.trace_file import checked, checked_lines, document
from narrowgate.verify.trace_picture import page, picture
from narrowgate.verify.trace_words import lines

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand, epilog="narrowgate inspector trace bundle p-20260102-0123456789ab:17 --html way.html"
)
@source_argument
@click.argument("item", metavar="PACKAGE[:ROW]")
@key_option
@click.option(
    "--index", type=_FILE, help="Where leaves lie; made if missing. With it a trace reads no whole log."
)
@click.option(
    "--openings", type=EXISTING_FILE, help="What the custodian opened of the item (custodian open)."
)
@click.option("--html", type=_FILE, help="Write the way as a page, with the picture.")
@click.option("--svg", type=_FILE, help="Write the picture.")
def trace(
    source: Path,
    item: str,
    key: Path | None,
    index: Path | None,
    openings: Path | None,
    html: Path | None,
    svg: Path | None,
) -> None:
    """Follow one package, or one item (rows count from 0), through the log, and prove every step of its way.

    It tells what was in force, who signed (office and key, no name), the rules, the index, the release, and every hold,
    recall and incident that touched it. --json gives each entry with its proof; 'check-trace' checks that file alone.
    """
    of = traced(item)
    found = trace_in(open_source(source, key), of, index, openings, available_processes())
    inputs = [each for each in (source, key, openings) if each is not None]
    for path, made in ((html, page), (svg, picture)):
        if path is not None:
            data = made(found)
            write_report(path, data.encode() if isinstance(data, str) else data, inputs)
            inputs.append(path)
            note(f"wrote {path}")
    _show(found)


@click.command(
    "check-trace", cls=ExampleCommand, epilog="narrowgate inspector check-trace trace.json --key log.vkey"
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--key", type=EXISTING_FILE, required=True, help="The log's published key.")
def check_trace(file: Path, key: Path) -> None:
    """Check what 'trace --json' wrote, without the log: each entry is in the signed tree, each word follows from them.

    Exit code 13: something in the file is not proved.
    """
    found = checked(read_bytes(file, ProofError), read_log_key(key), str(file))
    answer(document(found), "\n".join(checked_lines(found)))


def _show(found: Trace) -> None:
    answer(document(found), "\n".join(lines(found)))
