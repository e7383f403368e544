"""What commands that serve pages have alike: their options, and how pages are served on a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from starlette.types import ASGIApp

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.http.tls_server import run_until_ended
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.cli.frame import done
from narrowgate.entrypoints.observability.look import Tried
from narrowgate.entrypoints.observability.observation import Observation
from narrowgate.entrypoints.pages_settings import read_pages_settings
from narrowgate.entrypoints.web.kit.application import Served
from narrowgate.entrypoints.web.kit.network import network
from narrowgate.entrypoints.web.kit.pages import Pages
from narrowgate.entrypoints.web.kit.strings import LANGUAGES


def pages_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command ``--language``, ``--port`` and ``--pages``."""
    language = click.option(
        "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the pages."
    )
    port = click.option(
        "--port", type=click.IntRange(0, 65535), help="Port of 127.0.0.1; else one that is free."
    )
    pages = click.option(
        "--pages",
        type=click.Path(exists=True, path_type=Path),
        help="pages.toml, or its directory: serve on a network, with mutual TLS.",
    )
    return language(port(pages(command)))


def serve_on_network(
    pages: Path,
    port: int | None,
    observation: Observation,
    tried: Sequence[Tried],
    make: Callable[[Callable[[Pages], Served]], ASGIApp],
) -> None:
    """Serve pages with mutual TLS until the process is interrupted or terminated.

    Args:
        pages: ``pages.toml``.
        port: of the command line; nothing, because the settings say where to listen.
        observation: of the service.
        tried: what is looked at once a minute.
        make: the application, once it is known how its pages are served.

    Raises:
        UsageError: a port is given, too.
        ConfigurationError: the settings cannot be used.
        OperationalError: the address cannot be had.
    """
    if port is not None:
        raise UsageError(
            "--port is for 127.0.0.1.",
            why="On a network pages are served where pages.toml says.",
            next_step="Leave --port out, and name address and port as 'listen' in pages.toml.",
        )
    with network(read_pages_settings(pages), SystemClock(), SystemEntropy().draw(32)) as opened:
        server = opened.server(observation.requests_of(make(opened.served)))
        observation.connections_of(server)
        with observation.given(tried):
            done({"address": opened.origins[0]}, f"The pages are at {opened.origins[0]}.")
            run_until_ended(server)
