"""``narrowgate officers``: the register of those who may be answered (custodian)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.officers import OfficerRegister
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.adapters.signing.certificates import load_root, public_key_sha256
from narrowgate.core.answers.officers_document import parse_officers_document
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk
from narrowgate.entrypoints.bootstrap import load_officers
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done, note, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, revocation_option, signing_key_options
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.document_signature import (
    REQUESTER,
    Signatory,
    require_unsigned,
    sign_document,
    signature_path,
)
from narrowgate.entrypoints.documents import read_file
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


@officers.command(
    cls=ExampleCommand,
    epilog="narrowgate officers sign officers.json --key signatory.key.pem --certificate signatory.pem --root root.pem",
)
@click.argument("file", type=EXISTING_FILE)
@signing_key_options
@click.option("--root", type=EXISTING_FILE, help="PEM of the agreed root, to verify the signature against.")
@revocation_option
@click.option("--yes", is_flag=True, help="I have read the register; do not ask me.")
def sign(
    file: Path,
    key: str,
    certificate: Path | None,
    root: Path | None,
    revocation: Path | None,
    yes: bool,
) -> None:
    """Show who is on a register, wait for a yes, and sign it for the requester (detached CMS beside the file).

    It is in force only with an act of two custody officers: 'narrowgate act propose register-in-force'.
    """
    if revocation and not root:
        raise UsageError(
            "A card is looked up with its root.",
            next_step="Give --root, the PEM of its root, beside --revocation.",
        )
    data, place = read_file(file), signature_path(file, REQUESTER)
    shown = _in_words(parse_officers_document(data, str(file)), hashlib.sha256(data).hexdigest())
    require_unsigned(place)
    signing_key = open_signing_key(key, certificate, ask_secret)
    if yes and not signing_key.in_token:
        note(shown)
    else:
        click.echo(shown, err=True)
    if not yes:
        confirm("Sign this register for the requester?")
    signatory = Signatory(signing_key, load_root(root) if root else None, revocation)
    write_new(place, sign_document(data, signatory, SystemClock().now(), shown))
    signer = public_key_sha256(signing_key.chain[0])
    done(
        {"signature": str(place), "sha256": hashlib.sha256(data).hexdigest(), "signer_key_sha256": signer},
        f"Signed the register for the requester: {place}"
        + ("" if root else "\nNot checked for want of --root: the chain."),
    )


def _in_words(certificates: Mapping[str, bytes], digest: str) -> str:
    lines = [
        f"Register of {len(certificates):,} officers, SHA-256 {digest}",
        *(
            f"  {officer}  certificate {hashlib.sha256(der).hexdigest()}"
            for officer, der in certificates.items()
        ),
    ]
    return "\n".join(lines)
