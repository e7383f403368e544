"""What ``answers open`` and ``answers prove`` share: the terms, the verification, the officer's part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.answers.answer import TERMS
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.cli.frame import note, warn
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, KEY_REFERENCE
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.opened_part import OfficerKey, OpenedPart, opened_part

_directory = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Opening:
    """What an officer gives to open answers.

    Args:
        directory: of the answers to one package.
        key: names the officer's private key: a file, or an object in a token.
        certificate: file of the officer's certificate; None to take the one beside the key.
        log_key: file of the log's published key.
        acknowledge: whether the officer has read the terms.
    """

    directory: Path
    key: str
    certificate: Path | None
    log_key: Path
    acknowledge: bool


_OPTIONS = (
    click.argument("directory", metavar="DIR", type=_directory),
    click.option(
        "--key",
        type=KEY_REFERENCE,
        required=True,
        help="The officer's key: a file (PEM or PKCS #12), or pkcs11:... for a card.",
    ),
    click.option(
        "--certificate",
        type=EXISTING_FILE,
        help="PEM of the officer's certificate; without it the one on the card, or in the key's file.",
    ),
    click.option("--log-key", type=EXISTING_FILE, required=True, help="The log's published key (log.vkey)."),
    click.option("--acknowledge", is_flag=True, help="I have read the terms and will keep to them (R-45)."),
)


def opens_answers(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the argument and the options of :class:`Opening`, and the value as ``opening``."""

    @wraps(command)
    def packed(**given: Any) -> None:
        opening = Opening(**{field.name: given.pop(field.name) for field in fields(Opening)})
        command(opening=opening, **given)

    for option in reversed(_OPTIONS):
        packed = option(packed)
    return packed


def open_part(opening: Opening) -> OpenedPart:
    """The part sealed to the holder of the key, after its terms were shown and acknowledged.

    Raises:
        UsageError: the terms are not acknowledged (R-45).
        ConfigurationError: a key or a certificate cannot be used.
        ProofError: the answers are not those in the log (R-30).
        EnvelopeError: no part is sealed to the key, or the part is not the one listed (R-40).
        RefusedError: the answers have expired (R-41).
    """
    if opening.acknowledge:
        note(TERMS)
    else:
        warn(TERMS)
        raise UsageError(
            "The terms are not acknowledged.",
            why="A confirmation is shown only to an officer who has acknowledged what it says (R-45).",
            next_step="Read the terms above and add --acknowledge.",
            rule="R-45",
        )
    return opened_part(
        opening.directory,
        OfficerKey(opening.key, opening.certificate, ask_secret),
        read_log_key(opening.log_key),
        SystemClock().now(),
    )
