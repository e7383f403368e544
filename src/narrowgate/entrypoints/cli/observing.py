"""The options of every service: a journal on stderr, and an address for metrics and health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

journal_option = click.option(
    "--journal", is_flag=True, help="Write one JSON line a request or step to stderr, and nothing else."
)
_observe_option = click.option(
    "--observe",
    metavar="ADDRESS",
    help="Give metrics and health at 127.0.0.1:PORT or unix:PATH: 'narrowgate docs observe'.",
)


def observe_options(command: Command) -> Command:
    """Both options; the command gets ``journal`` and ``observe``."""
    return journal_option(_observe_option(command))
