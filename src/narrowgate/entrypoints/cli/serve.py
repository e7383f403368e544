"""``narrowgate serve``: what others reach by HTTP, one process for each audience."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.http.tls_server import run_until_ended
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done, note
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.intake_settings import read_intake_settings
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.web.console.application import console as console_application
from narrowgate.entrypoints.web.inspect.application import site
from narrowgate.entrypoints.web.inspect.shelf import Shelf
from narrowgate.entrypoints.web.intake.serve import opened_intake
from narrowgate.entrypoints.web.kit.serve import listening, origin_of
from narrowgate.entrypoints.web.kit.serve import serve as serve_application
from narrowgate.entrypoints.web.kit.strings import LANGUAGES


@click.group(cls=LateGroup, epilog="narrowgate serve intake --config intake.toml")
def serve() -> None:
    """Serve one audience by HTTP."""


@serve.command(cls=ExampleCommand, epilog="narrowgate serve intake --config intake.toml")
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


@serve.command("inspect", cls=ExampleCommand, epilog="narrowgate serve inspect bundle --key log.vkey")
@source_argument
@key_option
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the pages."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of 127.0.0.1; else one that is free."
)
def inspect_site(source: Path, key: Path | None, language: str, port: int) -> None:
    """Show a bundle, a world or a log to one browser of this machine, until Ctrl-C; nothing is changed.

    Verdict, entries with filters and export, packages, acts and reports; each page names its command.
    """
    with tempfile.TemporaryDirectory(prefix="narrowgate-inspect-") as scratch, listening(port) as waiting:
        shelf = Shelf(open_source(source, key), Path(scratch), SystemClock().now())
        app, link = site(shelf, origin_of(waiting), SystemEntropy().draw(32), language)
        answer({"link": link.url}, link.url)
        note("Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the site.")
        try:
            serve_application(app, waiting)
        except KeyboardInterrupt:
            note("The site is closed.")


@serve.command(cls=ExampleCommand, epilog="narrowgate serve console --config gate.toml")
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
def console(config: Path, language: str, port: int) -> None:
    """Serve the custodian's console to one browser of the gate's machine, until Ctrl-C.

    It shows what is in force on a time line, queue and slots, alarms, and acts that wait for officers; holds are placed
    there with one key and lifted with two. It prints a link that opens one browser, once. It shows no row, no outcome
    and no count of outcomes. Everything it does, 'act', 'doctor' and 'release status' do too.
    """
    settings = read_settings(config)
    with listening(port) as waiting:
        app, link = console_application(
            settings, SystemClock(), SystemEntropy(), origin_of(waiting), language
        )
        answer({"link": link.url}, link.url)
        note("Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the console.")
        try:
            serve_application(app, waiting)
        except KeyboardInterrupt:
            note("The console is closed.")
