"""``narrowgate log list``, ``show``, ``count`` and ``prove``: the leaves of a log, one by one and counted."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson

from narrowgate.core.log.leaf import KINDS
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, emit_json, note
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.sources import open_source
from narrowgate.verify.chosen import Choice, columns_of
from narrowgate.verify.contents import LogContents
from narrowgate.verify.entries import Entry, LogEntries

_directory = click.argument(
    "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_key = click.option(
    "--key",
    type=EXISTING_FILE,
    help="Published key; else DIR's own.",
)
_day = click.DateTime(["%Y-%m-%d"])
_filters = (
    click.option("--kind", type=click.Choice(KINDS), help="Only leaves of this kind."),
    click.option("--package", help="Only leaves about this package."),
    click.option("--rule", help="Only leaves that this rule refuses."),
    click.option("--since", type=_day, metavar="DATE", help="Only leaves of this UTC day or later."),
    click.option("--until", type=_day, metavar="DATE", help="Only leaves of this UTC day or earlier."),
)


def _filtered(command: Any) -> Any:
    for option in reversed(_filters):
        command = option(command)
    return command


@click.command("list", cls=ExampleCommand, epilog="narrowgate log list demo --rule R-64 --csv")
@_directory
@_key
@_filtered
@click.option("--json", "form", flag_value="json", help="One JSON object a line.")
@click.option("--csv", "form", flag_value="csv", help="CSV with a header.")
def list_entries(directory: Path, key: Path | None, form: str | None, **filters: Any) -> None:
    """List the leaves of a log with their number, time, kind, package, row and rules.

    Every leaf shown is compared with the tree that the checkpoint signs; 'log verify' checks all the rest.
    """
    write = {"json": _write_json, "csv": _write_csv, None: _write_text}[form]
    shown = write(_chosen(directory, key, **filters))
    note(f"{shown:,} leaves")


@click.command("count", cls=ExampleCommand, epilog="narrowgate log count demo --since 2026-11-01 --json")
@_directory
@_key
@_filtered
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def count_entries(directory: Path, key: Path | None, as_json: bool, **filters: Any) -> None:
    """Count the leaves of a log: packages by office, items answered and refused, refusals by rule, and when.

    There is no count of confirmations: no leaf tells one.
    """
    contents = LogContents()
    for entry in _chosen(directory, key, **filters):
        contents.take(entry.fields)
    if as_json:
        emit_json(contents.as_dict())
    else:
        click.echo(f"{sum(contents.kinds.values()):,} leaves\n{contents}")


@click.command("show", cls=ExampleCommand, epilog="narrowgate log show demo 17")
@_directory
@click.argument("index", type=click.IntRange(min=0))
@_key
def show_entry(directory: Path, index: int, key: Path | None) -> None:
    """Show one leaf as JSON, after proving that it is in the tree that the checkpoint signs."""
    proof = _entries(directory, key).proof(index)
    emit_json({"index": index, "leaf": orjson.loads(proof.leaf)})


@click.command("prove", cls=ExampleCommand, epilog="narrowgate log prove demo 17 > leaf-17.tlog-proof")
@_directory
@click.argument("index", type=click.IntRange(min=0))
@_key
def prove_entry(directory: Path, index: int, key: Path | None) -> None:
    """Write the proof that one leaf is in the log (C2SP tlog-proof), with the leaf and the signed checkpoint.

    Whoever has the log's public key verifies it without the log.
    """
    proof = str(_entries(directory, key).proof(index))
    answer({"index": index, "proof": proof}, proof.removesuffix("\n"))


def _entries(directory: Path, key: Path | None) -> LogEntries:
    return open_source(directory, key).entries()


def _chosen(
    directory: Path,
    key: Path | None,
    kind: str | None,
    package: str | None,
    rule: str | None,
    since: date | None,
    until: date | None,
) -> Iterator[Entry]:
    first, last = (f"{day:%Y-%m-%d}" if day else "" for day in (since, until))
    choice = Choice(kind or "", package or "", rule or "", first, last)
    return filter(choice.takes, _entries(directory, key))


def _write_text(entries: Iterator[Entry]) -> int:
    shown = 0
    for entry in entries:
        columns = columns_of(entry)
        row = f" row {columns['row']}" if columns["row"] != "" else ""
        rest = " ".join(part for part in (columns["class"], columns["rules"]) if part)
        click.echo(f"{entry.index:>8} {entry.time:<20} {entry.kind:<17} {entry.package}{row} {rest}".rstrip())
        shown += 1
    return shown


def _write_csv(entries: Iterator[Entry]) -> int:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["index", "time", "kind", "package", "row", "class", "rules"])
    shown = 0
    for entry in entries:
        writer.writerow(columns_of(entry).values())
        shown += 1
    return shown


def _write_json(entries: Iterator[Entry]) -> int:
    shown = 0
    for entry in entries:
        line = orjson.dumps({"index": entry.index, "time": entry.time, **entry.fields})
        sys.stdout.write(line.decode() + "\n")
        shown += 1
    return shown
