"""``narrowgate officers``: the register of those who may be answered (custodian)."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.officers import OfficerRegister
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk
from narrowgate.entrypoints.bootstrap import load_officers
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.settings import GateSettings, read_settings

_config = click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)

_file = click.argument(
    "file", metavar="[CSV]", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)


def _register(file: Path | None, settings: GateSettings) -> OfficerRegister:
    """The register of a CSV, or the one in force where none is named."""
    now = SystemClock().now()
    if file is not None:
        return load_officers(settings, file, now)
    return Governed(settings, acts_on_disk(settings), NothingRemembered()).officers(now)


@click.group(cls=LateGroup, epilog="narrowgate officers check officers.csv --config gate.toml")
def officers() -> None:
    """Check and show the register of officers (custodian)."""


@officers.command(cls=ExampleCommand, epilog="narrowgate officers check officers.csv --config gate.toml")
@_file
@_config
def check(file: Path | None, config: Path) -> None:
    """Check the certificates of a register, and say the digest that packages are logged with.

    Without CSV it is the register in force, of which each must hold now. Of a CSV each must lead to the root that both
    sides agreed on, hold now, be meant for receiving (P-256, P-384, or RSA of 2,048 bits and more), and belong to one
    officer. Exit code 4: the list of officers and files with a fault.
    """
    settings = read_settings(config)
    register = _register(file, settings)
    count, digest = len(register.registered()), register.sha256().hex()
    text = f"{count:,} officers, each with a good certificate\ndigest {digest}"
    answer({"officers": count, "sha256": digest}, text)


@officers.command(
    cls=ExampleCommand, epilog="narrowgate officers document officers.csv --config gate.toml > officers.json"
)
@_file
@_config
def document(file: Path | None, config: Path) -> None:
    """Write the register of a CSV, or the one in force, as the document whose SHA-256 is in package-received leaves.

    No line feed ends it. The requester signs it, and two custody officers put it in force.

    An inspector hashes it and compares. The documents that packages began with are in the vault's directory 'officers'.
    """
    settings = read_settings(config)
    register = _register(file, settings)
    click.echo(register.document, nl=False)
