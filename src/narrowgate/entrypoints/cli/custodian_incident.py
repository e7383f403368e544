"""``narrowgate custodian incident``: brake, start the clock, write the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.incident import TO_REPORT
from narrowgate.core.governance.incident_report import DataElement
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.inputs import UTC_TIME, signing_key_options
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.incident import LINES, Discovery, OnRecord, put_on_record
from narrowgate.entrypoints.settings import read_settings


@click.command(
    "incident",
    cls=ExampleCommand,
    epilog='narrowgate custodian incident all --reason "wrong index" --how-found "spot check" --config gate.toml'
    " --key custody-1.key.pem --certificate custody-1.pem --out incident",
)
@click.argument("scope", metavar="SCOPE")
@click.option("--reason", required=True, help="One line that every inspector reads; no personal data.")
@click.option("--contact", help="Function and telephone or mail of who answers questions.")
@click.option("--discovered", type=UTC_TIME, help="When it was spotted; else now.")
@click.option("--occurred-from", type=UTC_TIME, help="When it began, as far as known.")
@click.option("--occurred-until", type=UTC_TIME, help="When it ended.")
@click.option("--how-found", help="How it was found.")
@click.option(
    "--data",
    multiple=True,
    type=click.Choice([each.value for each in DataElement]),
    help="Kind of data; repeatable.",
)
@click.option("--place", help="Where it happened.")
@click.option("--equipment", help="Machines or media concerned.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Directory of the report."
)
@click.option("--yes", is_flag=True, help="I have read what it does; do not ask me.")
@signing_key_options
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def incident(
    scope: str, key: str, certificate: Path | None, config: Path, out: Path, yes: bool, **said: Any
) -> None:
    """Hold at once, start the 24 hours, and write the report of a possible incident; one officer is enough.

    SCOPE is what is held: 'all', 'office:ID', 'statute:ID', 'index:ID' or 'package:ID'. The report has the fields that
    the safeguards office asks for and no tax data; what is not known yet says so: do not wait for an inquiry. A gate
    at work carries both acts out within a second. 'doctor' counts the hours. Two officers close it.
    """
    settings, now = read_settings(config), SystemClock().now()
    begun, ended = said["occurred_from"], said["occurred_until"]
    if ended and not begun:
        raise click.UsageError("--occurred-until needs --occurred-from.")
    found = Discovery(
        scope,
        said["discovered"] or now,
        tuple(each for each in (begun, ended) if each),
        tuple(map(DataElement, dict.fromkeys(said["data"]))),
        {name: said[name] for name in LINES if said[name]},
        said["reason"],
    )
    signing_key = open_signing_key(key, certificate, ask_secret)
    if not yes:
        confirm(f"Hold {scope} and put an incident on record, discovered {format_time(found.discovered)}?")
    made = put_on_record(settings, found, signing_key, out, now, SystemEntropy())
    answer(_fields(made), _text(made))
    if made.report.records is None:
        note("The answers concerned were not counted: the log does not name the statute of an item.")
    elif not made.report.packages:
        note(f"The log knows no answers of {made.report.scope}: it is held all the same. Check the id.")


def _fields(made: OnRecord) -> dict[str, Any]:
    return {
        "hold": made.hold.number if made.hold else None,
        "incident": made.incident.number,
        "report_until": format_time(made.report.discovered + TO_REPORT),
        "report_sha256": made.report.digest,
        "packages": made.report.packages,
        "records": made.report.records,
        "wrote": [str(made.data), str(made.text)],
        "next": list(_next(made)),
    }


def _text(made: OnRecord) -> str:
    held = f"held by act {made.hold.number}" if made.hold else "held already"
    lines = [
        f"{made.report.scope} is {held}; the incident is act {made.incident.number}.",
        f"Report it until {format_time(made.report.discovered + TO_REPORT)}: {made.text}",
        "",
        *(f"{number}. {step}" for number, step in enumerate(_next(made), 1)),
    ]
    return "\n".join(lines)


def _next(made: OnRecord) -> tuple[str, ...]:
    number, digest = made.incident.number, made.report.digest
    return (
        f"Send {made.text.name} to the Office of Safeguards and to TIGTA now; do not wait for an inquiry.",
        f"Record that, one officer signs: 'narrowgate act propose incident-reported {number} --commitment {digest}'.",
        "Find the answers concerned: 'narrowgate recall find'; two officers recall them: 'narrowgate recall issue'.",
        "Tell every recipient: 'narrowgate recall notices', and count the receipts: 'narrowgate recall status'.",
        "Correct the cause: 'narrowgate act propose index-in-force', 'rules-in-force' or 'register-in-force'.",
        f"Close it with two officers, then lift the hold: 'narrowgate act propose incident-closed {number}'.",
    )
