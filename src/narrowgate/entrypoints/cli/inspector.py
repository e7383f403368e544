"""``narrowgate inspector``: what the log alone proves, without the custodian."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.cli.inputs import UTC_TIME
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.output import Tone, coloured
from narrowgate.verify.in_force import hold_periods, in_force_at
from narrowgate.verify.in_force_words import (
    holds_document,
    holds_text,
    in_force_document,
    in_force_text,
    require_kept,
)
from narrowgate.verify.runs import available_processes

_ROOM = "narrowgate.entrypoints.cli"


@click.group(
    cls=LateGroup,
    epilog="narrowgate inspector holds log --key log.vkey",
    late={
        "bundle": f"{_ROOM}.inspector_bundle:bundle",
        "verify": f"{_ROOM}.inspector_verify:verify",
        "accounting": f"{_ROOM}.inspector_accounting:accounting",
        "check-trace": f"{_ROOM}.inspector_trace:check_trace",
        "conformance": f"{_ROOM}.inspector_conformance:conformance_command",
        "incidents": f"{_ROOM}.inspector_incidents:incidents",
        "subject": f"{_ROOM}.inspector_subject:subject",
        "trace": f"{_ROOM}.inspector_trace:trace",
    },
)
def inspector() -> None:
    """Recompute from a bundle what the custodian says; needs no network, no database, no gate."""


@inspector.command(cls=ExampleCommand, epilog="narrowgate inspector holds log --key log.vkey")
@source_argument
@key_option
def holds(source: Path, key: Path | None) -> None:
    """List every hold with the leaves that placed and lifted it, and prove that it was kept.

    Between the two leaves no package that the hold covers may be decided or released. Exit code 14: one was.
    """
    periods = hold_periods(open_source(source, key).entries_but_items(available_processes()))
    answer(holds_document(periods), holds_text(periods, lambda text: coloured(text, Tone.DOUBTFUL)))
    require_kept(periods, source)


@inspector.command(
    "in-force", cls=ExampleCommand, epilog="narrowgate inspector in-force log --at 2027-03-01T12:00:00Z"
)
@source_argument
@key_option
@click.option("--at", type=UTC_TIME, help="A time in RFC 3339, such as 2027-03-01T12:00:00Z; else now.")
def in_force(source: Path, key: Path | None, at: datetime | None) -> None:
    """Say what was in force at a time: charter, agreement, index, register, rules, holds, offices off, keys revoked.

    Each digest is that of a document which the custodian must hand over; 'sha256sum' compares it.
    """
    at = at or SystemClock().now()
    state = in_force_at(open_source(source, key).entries_but_items(available_processes()), at)
    answer(in_force_document(state, at), in_force_text(state, at))
