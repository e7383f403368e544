"""``narrowgate serve console``: the custodian's console, on the gate's machine or on its network."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.observing import observe_options
from narrowgate.entrypoints.cli.serve_pages import pages_options, serve_on_network
from narrowgate.entrypoints.observability.gate_look import gate_look
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.web.console.application import console as console_application
from narrowgate.entrypoints.web.console.remote import remote_console
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serve


@click.command(cls=ExampleCommand, epilog="narrowgate serve console --config gate.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@pages_options
@observe_options
def console(
    config: Path, language: str, port: int | None, pages: Path | None, journal: bool, observe: str | None
) -> None:
    """Serve the custodian's console until Ctrl-C: to one browser of the gate's machine, or on a network.

    It shows what is in force on a time line, queue and slots, alarms, and acts that wait for officers; holds are placed
    there with one key and lifted with two. Alone, it prints a link that opens one browser, once. With --pages it
    answers the client certificates that pages.toml binds to persons, and officers hand in signatures that they made
    with 'act sign-file'. It shows no row, no outcome and no count of outcomes. Everything it does, 'act', 'doctor' and
    'release status' do too.
    """
    settings, clock = read_settings(config), SystemClock()
    tried = gate_look(settings, works=False)
    with observing(Service.CONSOLE, Observing(journal, observe), clock) as observation:
        if pages is not None:
            serve_on_network(
                pages,
                port,
                observation,
                tried,
                lambda served: remote_console(settings, clock, served, language),
            )
            return
        with listening(port or 0) as waiting:
            app, link = console_application(settings, clock, SystemEntropy(), origin_of(waiting), language)
            observed = observation.requests_of(app)
            answer({"link": link.url}, link.url)
            note(
                "Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the console."
            )
            with observation.given(tried):
                try:
                    serve(observed, waiting)
                except KeyboardInterrupt:
                    note("The console is closed.")
