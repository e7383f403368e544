"""``narrowgate serve intake``: packages in and sealed answers out, over mutual TLS."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.http.tls_server import run_until_ended
from narrowgate.entrypoints.cli.frame import ExampleCommand, done
from narrowgate.entrypoints.cli.observing import observe_options
from narrowgate.entrypoints.intake_settings import read_intake_settings
from narrowgate.entrypoints.observability.intake_look import intake_look
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.web.intake.serve import opened_intake


@click.command(cls=ExampleCommand, epilog="narrowgate serve intake --config intake.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="intake.toml, or its directory.",
)
@observe_options
def intake(config: Path, journal: bool, observe: str | None) -> None:
    """Take packages in and hand sealed answers out, over mutual TLS, until it is interrupted or terminated.

    It holds no key of the gate, no index and no state: packages go into a directory from which 'narrowgate gate work'
    takes them, and answers come out of the one that releases go into. 'narrowgate docs how-to/intake' says how to
    call it.
    """
    settings, clock = read_intake_settings(config), SystemClock()
    with (
        observing(Service.INTAKE, Observing(journal, observe), clock) as observation,
        opened_intake(settings, clock, observation=observation) as (server, address),
        observation.given(intake_look(settings)),
    ):
        done({"address": address}, f"The intake listens at {address}.")
        run_until_ended(server)
