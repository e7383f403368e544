"""``narrowgate act sign-file`` and ``take-signature``: an officer signs where the card is, and the gate takes it in."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.core.governance.act import parse_act
from narrowgate.entrypoints.cli.act_words import require_about
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, done, write_new
from narrowgate.entrypoints.cli.inputs import signing_key_options
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.document_signature import Signatory, require_unsigned, sign_document
from narrowgate.entrypoints.documents import read_file, read_text_file
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.signed_acts import take_signature
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "sign-file",
    cls=ExampleCommand,
    epilog="narrowgate act sign-file 000007.json --shown 000007.txt --key pkcs11:token=Custody%201;id=%02",
)
@click.argument("file", type=_file)
@click.option(
    "--shown", type=_file, required=True, help="The text of the console's page about it, downloaded."
)
@signing_key_options
@click.option("--yes", is_flag=True, help="I have read what the act does; do not ask me.")
def sign_file(file: Path, shown: Path, key: str, certificate: Path | None, yes: bool) -> None:
    """Sign an act that the console gave as a file, on the officer's own machine; FILE.p7s is the signature.

    It compares the text of the console's page with the act, shows it, asks, and signs FILE; the signature names the
    text. A text that says another kind, effect or reason than the act, or that a terminal would show otherwise, is
    refused. The console, or 'act take-signature' on the gate's machine, takes the signature only while the act does
    what the text says.
    """
    data, text = read_file(file), read_text_file(shown)
    drawn_up = parse_act(data, file.name)
    require_about(text, drawn_up)
    path = file.with_name(f"{file.name}.p7s")
    require_unsigned(path)
    signing_key = open_signing_key(key, certificate, ask_secret)
    click.echo(text, err=True)
    if not yes:
        confirm(f"Sign act {drawn_up.number}?")
    write_new(path, sign_document(data, Signatory(signing_key), SystemClock().now(), text))
    done(
        {"number": drawn_up.number, "signature": str(path)},
        f"Act {drawn_up.number} is signed. Hand {path} in at its page.",
    )


@click.command(
    "take-signature",
    cls=ExampleCommand,
    epilog="narrowgate act take-signature 7 000007.json.p7s --config gate.toml",
)
@click.argument("number", metavar="NUMBER", type=click.IntRange(1, 999_999))
@click.argument("signature", type=_file)
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def take(number: int, signature: Path, config: Path) -> None:
    """Take in the signature of an act that an officer made elsewhere with 'act sign-file'.

    Exit code 12: it is no officer's, or its signer was shown another text than what the act does now.
    """
    settings = read_settings(config)
    signed = take_signature(settings, number, read_file(signature, MAX_SIGNATURE_BYTES), SystemClock().now())
    done({"number": number, "signed": signed}, f"Act {number} has {signed} signatures.")
