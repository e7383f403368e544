"""``narrowgate serve``: what others reach by HTTP, one process for each audience; none loads what another needs."""

from __future__ import annotations

import click

from narrowgate.entrypoints.cli.frame import LateGroup

_ROOM = "narrowgate.entrypoints.cli"


@click.group(
    cls=LateGroup,
    epilog="narrowgate serve intake --config intake.toml",
    late={
        "console": f"{_ROOM}.serve_console:console",
        "inspect": f"{_ROOM}.serve_inspect:inspect_site",
        "intake": f"{_ROOM}.serve_intake:intake",
    },
)
def serve() -> None:
    """Serve the custodian's console, the inspector's site, or the intake by HTTP."""
