"""``narrowgate inspector incidents``: what is on record, and whether it was reported within 24 hours."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.governance.incident import incidents_of
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.inputs import UTC_TIME
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.verify.in_force import in_force_at
from narrowgate.verify.incident_words import incidents_document, incidents_text
from narrowgate.verify.runs import available_processes


@click.command("incidents", cls=ExampleCommand, epilog="narrowgate inspector incidents bundle")
@source_argument
@key_option
@click.option("--at", type=UTC_TIME, help="As of then; else now.")
def incidents(source: Path, key: Path | None, at: datetime | None) -> None:
    """List every incident on record: discovered, reported within 24 hours or not, closed."""
    at = at or SystemClock().now()
    found = incidents_of(in_force_at(open_source(source, key).entries_but_items(available_processes()), at))
    answer(incidents_document(found, at), incidents_text(found, at))
