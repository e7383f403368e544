"""``narrowgate serve inspect``: a bundle, a world or a log in a browser, here or on a network."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.observing import observe_options
from narrowgate.entrypoints.cli.serve_pages import pages_options, serve_on_network
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.look import Check, Seen
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.web.inspect.application import remote_site, site
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serve


@click.command("inspect", cls=ExampleCommand, epilog="narrowgate serve inspect bundle --key log.vkey")
@source_argument
@key_option
@click.option(
    "--openings",
    type=EXISTING_FILE,
    multiple=True,
    help="What the custodian opened (custodian open), for the accounting; may be repeated.",
)
@pages_options
@observe_options
def inspect_site(
    source: Path, key: Path | None, openings: tuple[Path, ...], pages: Path | None, **options: Any
) -> None:
    """Show a bundle, a world or a log until Ctrl-C, to one browser of this machine or on a network; nothing is changed.

    Verdict, entries with filters and export, packages, acts, accounting, recalls and reports; each page names its
    command. With --pages it answers the client certificates that pages.toml binds to inspectors.
    """
    clock, language, port = SystemClock(), options["language"], options["port"]
    tried = ((Check.SOURCE, lambda _now: _still_there(source)),)
    with (
        observing(Service.INSPECT, Observing(options["journal"], options["observe"]), clock) as observation,
        tempfile.TemporaryDirectory(prefix="narrowgate-inspect-") as scratch,
    ):
        shelves = Shelves(open_source(source, key), Path(scratch), clock, openings)
        if pages is not None:
            serve_on_network(
                pages, port, observation, tried, lambda served: remote_site(shelves, served, language)
            )
            return
        with listening(port or 0) as waiting:
            app, link = site(shelves, origin_of(waiting), SystemEntropy().draw(32), language)
            observed = observation.requests_of(app)
            answer({"link": link.url}, link.url)
            note("Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the site.")
            with observation.given(tried):
                try:
                    serve(observed, waiting)
                except KeyboardInterrupt:
                    note("The site is closed.")


def _still_there(source: Path) -> Seen:
    if not source.exists():
        yield Check.SOURCE
