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
from narrowgate.core.answers.recall_notice import KnownRecalls
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.cli.frame import note, warn
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, KEY_REFERENCE
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.opened_part import OfficerKey, OpenedPart, RecallPlaces, opened_part
from narrowgate.entrypoints.witnesses import WitnessFiles

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
        recalls: logs, bundles and notices to look for recalls in.
        checkpoints: files of checkpoints that such a log must continue.
        charter: of the gate as published, whose witnesses must have cosigned the proof.
        witnesses: verifier keys of witnesses, in its place.
        quorum: how many of them must have; None for all.
    """

    directory: Path
    key: str
    certificate: Path | None
    log_key: Path
    acknowledge: bool
    recalls: tuple[Path, ...]
    checkpoints: tuple[Path, ...]
    charter: Path | None
    witnesses: tuple[Path, ...]
    quorum: int | None


RECALL_OPTIONS = (
    click.option(
        "--recalls",
        type=click.Path(exists=True, path_type=Path),
        multiple=True,
        help="The newest log or bundle, or a notice of recall; a recalled answer is not shown. Repeatable.",
    ),
    click.option(
        "--checkpoint",
        "checkpoints",
        type=EXISTING_FILE,
        multiple=True,
        help="Checkpoints kept elsewhere; a log of --recalls that is older than one is refused. Repeatable.",
    ),
)
"""Where a command looks for recalls."""

WITNESS_OPTIONS = (
    click.option(
        "--charter",
        type=EXISTING_FILE,
        help="The charter as published: a quorum of its witnesses must have cosigned the proof.",
    ),
    click.option(
        "--witness",
        "witnesses",
        type=EXISTING_FILE,
        multiple=True,
        help="In place of a charter: verifier key of a witness, from the witness. Repeatable.",
    ),
    click.option(
        "--quorum", type=click.IntRange(1), help="How many of --witness must have cosigned; all by default."
    ),
)
"""Whose cosignatures a command demands of a proof."""

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
    *RECALL_OPTIONS,
    *WITNESS_OPTIONS,
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
        ProofError: the answers are not those in the log, or too few witnesses cosigned it (R-30).
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
    log_key = read_log_key(opening.log_key)
    witnesses = WitnessFiles(opening.charter, opening.witnesses, opening.quorum).demanded(log_key)
    opened = opened_part(
        opening.directory,
        OfficerKey(opening.key, opening.certificate, ask_secret),
        log_key,
        SystemClock().now(),
        RecallPlaces(opening.recalls, opening.checkpoints),
        witnesses,
    )
    note(opened.witnessed.sentence())
    tell_where_looked(opened.recalls)
    return opened


def tell_where_looked(known: KnownRecalls | None) -> None:
    """Tell the reader how far it is known that an answer was not recalled."""
    if known is None:
        note("Recalls were not looked for: name the newest log or bundle with --recalls.")
    elif known.log_size:
        note(f"Recalls looked for in {known.log_size:,} leaves of the log, the newest of {known.last_time}.")
    else:
        note("Recalls looked for in notices only: the log may tell of others.")
