"""``narrowgate inspector``: what the log alone proves, without the custodian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.in_force import FACILITIES, NEEDED, Placed
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.output import Tone, coloured
from narrowgate.verify.in_force import HoldPeriod, hold_periods, in_force_at

_ROOM = "narrowgate.entrypoints.cli"


@click.group(
    cls=LateGroup,
    epilog="narrowgate inspector holds log --key log.vkey",
    late={
        "verify": f"{_ROOM}.inspector_verify:verify",
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
    periods = hold_periods(open_source(source, key).entries())
    answer(
        {"holds": [asdict(each) for each in periods]},
        "\n".join(map(_period, periods)) or "No hold was ever placed.",
    )
    broken = [period for period in periods if period.broken_by]
    if broken:
        raise LogInconsistentError(
            "A package was decided or released while a hold covered it.",
            why="Leaves " + ", ".join(str(leaf) for period in broken for leaf in period.broken_by) + ".",
            next_step="'narrowgate log show' shows each leaf; report it.",
            where=str(source),
        )


def _period(period: HoldPeriod) -> str:
    end = (
        f"lifted {period.lifted} (leaf {period.lifted_leaf})"
        if period.lifted_leaf is not None
        else coloured("in force", Tone.DOUBTFUL)
    )
    kept = f"; BROKEN by leaves {', '.join(map(str, period.broken_by))}" if period.broken_by else ""
    return (
        f"{period.scope}: placed {period.placed} (leaf {period.placed_leaf}, act {period.act}), {end}{kept}"
    )


@inspector.command(
    "in-force", cls=ExampleCommand, epilog="narrowgate inspector in-force log --at 2027-03-01T12:00:00Z"
)
@source_argument
@key_option
@click.option("--at", "moment", help="A time in RFC 3339, such as 2027-03-01T12:00:00Z; else now.")
def in_force(source: Path, key: Path | None, moment: str | None) -> None:
    """Say what was in force at a time: charter, agreement, index, register, rules, holds, offices off, keys revoked.

    Each digest is that of a document which the custodian must hand over; 'sha256sum' compares it.
    """
    try:
        at = parse_time(moment) if moment else SystemClock().now()
    except ValueError as error:
        raise click.UsageError("--at is no time in RFC 3339, such as 2027-03-01T12:00:00Z.") from error
    state = in_force_at(open_source(source, key).entries(), at)
    placed = {what: state.current(what, at) for what in (*NEEDED, FACILITIES)}
    told: dict[str, Mapping[str, Placed]] = {
        "holds": state.holds,
        "offices_off": state.offices_off,
        "keys_revoked": state.keys_revoked,
    }
    lines = [f"At {format_time(at)}, by act {state.number}", f"charter  {state.charter_sha256}"]
    lines += [
        f"{what}  {each.subject} {each.sha256} (act {each.number})" if each else f"{what}  NOTHING"
        for what, each in placed.items()
    ]
    lines += [
        f"{name.replace('_', ' ')}  {subject} (act {each.number})"
        for name, held in told.items()
        for subject, each in held.items()
    ]
    answer(
        {
            "at": format_time(at),
            "act": state.number,
            "charter_sha256": state.charter_sha256,
            **{what: _described(each) for what, each in placed.items()},
            **{
                name: {subject: _described(each) for subject, each in held.items()}
                for name, held in told.items()
            },
        },
        "\n".join(lines),
    )


def _described(placed: Placed | None) -> dict[str, object] | None:
    if placed is None:
        return None
    return {
        "subject": placed.subject,
        "sha256": placed.sha256,
        "from": format_time(placed.start),
        "until": format_time(placed.until) if placed.until else None,
        "act": placed.number,
    }
