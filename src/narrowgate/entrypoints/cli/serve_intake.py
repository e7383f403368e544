"""``narrowgate serve intake``: packages in and sealed answers out, over mutual TLS."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.http.tls_server import run_until_ended
from narrowgate.entrypoints.cli.frame import ExampleCommand, done
from narrowgate.entrypoints.intake_settings import read_intake_settings
from narrowgate.entrypoints.web.intake.serve import opened_intake


@click.command(cls=ExampleCommand, epilog="narrowgate serve intake --config intake.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="intake.toml, or its directory.",
)
def intake(config: Path) -> None:
    """Take packages in and hand sealed answers out, over mutual TLS, until it is interrupted or terminated.

    It holds no key of the gate, no index and no state: packages go into a directory from which 'narrowgate gate work'
    takes them, and answers come out of the one that releases go into. 'narrowgate docs how-to/intake' says how to
    call it.
    """
    with opened_intake(read_intake_settings(config), SystemClock()) as (server, address):
        done({"address": address}, f"The intake listens at {address}.")
        run_until_ended(server)
