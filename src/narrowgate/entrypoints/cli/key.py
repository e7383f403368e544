"""``narrowgate key``: the digests by which agreements and registers name keys, and the keys of cards."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from narrowgate.adapters.private_keys.inventory import HeldKey, HeldToken, held_tokens
from narrowgate.adapters.private_keys.resolve import read_certificates
from narrowgate.adapters.signing.certificates import certificate_sha256, public_key_sha256
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, KEY_REFERENCE
from narrowgate.entrypoints.cli.typed_secrets import ask_secret


@click.group(cls=LateGroup, epilog="narrowgate key digest secretary.pem")
def key() -> None:
    """Digests of keys and certificates, and the keys of cards."""


@key.command(cls=ExampleCommand, epilog="narrowgate key digest secretary.pem")
@click.argument("file", metavar="KEY", type=KEY_REFERENCE)
def digest(file: str) -> None:
    """Print what an agreement names of a certificate: the digest of its key for an office, of itself for a root.

    The first is the SHA-256 of the DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) and stays when a certificate is
    renewed for the same key; the second is that of the whole certificate.
    KEY is a PEM file of a certificate, or the pkcs11: URI of one on a card; no PIN is needed.
    """
    certificate = read_certificates(file)[0]
    digests = {
        "public_key_sha256": public_key_sha256(certificate),
        "certificate_sha256": certificate_sha256(certificate),
        "not_after": format_time(certificate.not_valid_after_utc),
    }
    text = "\n".join(
        (
            f"key of an office  {digests['public_key_sha256']}",
            f"root certificate  {digests['certificate_sha256']}",
            f"holds until       {digests['not_after']}",
        )
    )
    answer(digests, text)


@key.command(
    "list",
    cls=ExampleCommand,
    epilog="narrowgate key list --module /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
)
@click.option(
    "--module",
    type=EXISTING_FILE,
    help="The card's PKCS#11 module; without it p11-kit's or OpenSC's, where it is.",
)
@click.option(
    "--login", is_flag=True, help="Ask for each token's PIN, to see private keys without a certificate too."
)
def list_keys(module: Path | None, login: bool) -> None:
    """List the tokens in the readers, and each key with the URI that names it in every command.

    Certificates can be read without a PIN. Exit code 4 where no token is in a reader.
    """
    tokens = held_tokens(str(module.absolute()) if module else None, ask_secret if login else None)
    if not tokens:
        raise ConfigurationError(
            "There is no token.",
            why="No reader of this module has a card in it.",
            next_step="Put the card in; 'pcsc_scan' shows whether the reader sees it.",
        )
    answer({"tokens": [asdict(each) for each in tokens]}, "\n\n".join(map(_token_text, tokens)))


def _token_text(token: HeldToken) -> str:
    head = f"{token.label}  ({token.manufacturer} {token.model}, serial {token.serial or 'none'}, PIN {token.pin})"
    return "\n".join(
        [head, *map(_key_text, token.keys)] if token.keys else [head, "  no certificate to be seen"]
    )


def _key_text(held: HeldKey) -> str:
    if not held.subject:
        return f"  '{held.label}', a private key without a certificate\n    {held.uri}"
    return (
        f"  '{held.label}' {held.use}: {held.kind}, {held.subject}, until {held.not_after}\n"
        f"    key {held.public_key_sha256}\n    {held.uri}"
    )
