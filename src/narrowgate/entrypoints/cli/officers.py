"""``narrowgate officers``: the register of those who may be answered (custodian)."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.bootstrap import load_officers
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.settings import read_settings

_config = click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)


@click.group(cls=LateGroup, epilog="narrowgate officers check --config gate.toml")
def officers() -> None:
    """Check and show the register of officers (custodian)."""


@officers.command(cls=ExampleCommand, epilog="narrowgate officers check --config gate.toml")
@_config
def check(config: Path) -> None:
    """Check every certificate as a gate does when it starts, and say the digest that packages are logged with.

    Each must lead to the root that the agreement names, hold now, be meant for receiving (P-256, P-384, or RSA of
    2,048 bits and more), and belong to one officer. Exit code 4: the list of officers and files with a fault.
    """
    settings = read_settings(config)
    register = load_officers(settings, read_agreement(settings.agreement), SystemClock().now())
    count, digest = len(register.registered()), register.sha256().hex()
    text = f"{count:,} officers, each with a good certificate\ndigest {digest}"
    answer({"officers": count, "sha256": digest}, text)


@officers.command(
    cls=ExampleCommand, epilog="narrowgate officers document --config gate.toml > officers.json"
)
@_config
def document(config: Path) -> None:
    """Write the register as the document whose SHA-256 is in every package-received leaf; no line feed ends it.

    An inspector hashes it and compares. The documents that packages began with are in the vault's directory 'officers'.
    """
    settings = read_settings(config)
    register = load_officers(settings, read_agreement(settings.agreement), SystemClock().now())
    click.echo(register.document, nl=False)
