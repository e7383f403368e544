"""``narrowgate serve inspect``: a bundle, a world or a log in a browser of the inspector's own machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.observing import observe_options
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.look import Check, Seen
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.web.inspect.application import site
from narrowgate.entrypoints.web.inspect.shelf import Shelf
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serve
from narrowgate.entrypoints.web.kit.strings import LANGUAGES


@click.command("inspect", cls=ExampleCommand, epilog="narrowgate serve inspect bundle --key log.vkey")
@source_argument
@key_option
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the pages."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of 127.0.0.1; else one that is free."
)
@observe_options
def inspect_site(
    source: Path, key: Path | None, language: str, port: int, journal: bool, observe: str | None
) -> None:
    """Show a bundle, a world or a log to one browser of this machine, until Ctrl-C; nothing is changed.

    Verdict, entries with filters and export, packages, acts and reports; each page names its command.
    """
    clock = SystemClock()
    with (
        observing(Service.INSPECT, Observing(journal, observe), clock) as observation,
        tempfile.TemporaryDirectory(prefix="narrowgate-inspect-") as scratch,
        listening(port) as waiting,
    ):
        shelf = Shelf(open_source(source, key), Path(scratch), clock.now())
        app, link = site(shelf, origin_of(waiting), SystemEntropy().draw(32), language)
        observed = observation.requests_of(app)
        answer({"link": link.url}, link.url)
        note("Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the site.")
        with observation.given(((Check.SOURCE, lambda _now: _still_there(source)),)):
            try:
                serve(observed, waiting)
            except KeyboardInterrupt:
                note("The site is closed.")


def _still_there(source: Path) -> Seen:
    if not source.exists():
        yield Check.SOURCE
