"""``narrowgate serve console``: the custodian's console, in a browser of the gate's machine."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.observing import observe_options
from narrowgate.entrypoints.observability.gate_look import gate_look
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.web.console.application import console as console_application
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serve
from narrowgate.entrypoints.web.kit.strings import LANGUAGES


@click.command(cls=ExampleCommand, epilog="narrowgate serve console --config gate.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the pages."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of 127.0.0.1; else one that is free."
)
@observe_options
def console(config: Path, language: str, port: int, journal: bool, observe: str | None) -> None:
    """Serve the custodian's console to one browser of the gate's machine, until Ctrl-C.

    It shows what is in force on a time line, queue and slots, alarms, and acts that wait for officers; holds are placed
    there with one key and lifted with two. It prints a link that opens one browser, once. It shows no row, no outcome
    and no count of outcomes. Everything it does, 'act', 'doctor' and 'release status' do too.
    """
    settings, clock = read_settings(config), SystemClock()
    with (
        observing(Service.CONSOLE, Observing(journal, observe), clock) as observation,
        listening(port) as waiting,
    ):
        app, link = console_application(settings, clock, SystemEntropy(), origin_of(waiting), language)
        observed = observation.requests_of(app)
        answer({"link": link.url}, link.url)
        note("Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the console.")
        with observation.given(gate_look(settings, works=False)):
            try:
                serve(observed, waiting)
            except KeyboardInterrupt:
                note("The console is closed.")
