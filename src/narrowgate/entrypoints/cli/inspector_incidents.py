"""``narrowgate inspector incidents``: what is on record, and whether it was reported within 24 hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.incident import Incident, incidents_of
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.verify.in_force import in_force_at


def _moment(_context: object, _param: object, value: str | None) -> datetime:
    try:
        return parse_time(value) if value else SystemClock().now()
    except ValueError as error:
        raise click.BadParameter("It must be a UTC time such as 2027-01-31T08:00:00Z.") from error


@click.command("incidents", cls=ExampleCommand, epilog="narrowgate inspector incidents bundle")
@source_argument
@key_option
@click.option("--at", metavar="TIME", callback=_moment, help="As of then; else now.")
def incidents(source: Path, key: Path | None, at: datetime) -> None:
    """List every incident on record: discovered, reported within 24 hours or not, closed."""
    found = incidents_of(in_force_at(open_source(source, key).entries(), at))
    answer(
        {"incidents": [_fields(each, at) for each in found]},
        "\n".join(_text(each, at) for each in found) or "No incident is on record.",
    )


def _fields(each: Incident, at: datetime) -> dict[str, object]:
    return {
        "act": each.number,
        "scope": each.scope,
        "discovered": format_time(each.discovered),
        "recorded": format_time(each.recorded),
        "report_until": format_time(each.due),
        "reported": format_time(each.reported) if each.reported else None,
        "in_time": each.left(at) >= timedelta(0),
        "closed": format_time(each.closed) if each.closed else None,
    }


def _text(each: Incident, at: datetime) -> str:
    late = "" if each.left(at) >= timedelta(0) else ", LATE"
    reported = f"reported {format_time(each.reported)}" if each.reported else "not reported"
    closed = f"closed {format_time(each.closed)}" if each.closed else "open"
    return (
        f"act {each.number}: {each.scope}, discovered {format_time(each.discovered)}, recorded "
        f"{format_time(each.recorded)}, to be reported until {format_time(each.due)}: {reported}{late}; {closed}"
    )
