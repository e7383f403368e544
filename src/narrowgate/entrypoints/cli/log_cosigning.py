"""``narrowgate log request`` and ``log cosign``: what the custodian hands to witnesses, and what comes back."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.files.durable_files import write_durably
from narrowgate.core.log.file_names import COSIGNED
from narrowgate.core.log.witness import require_cosigned
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_log_key, read_text_file
from narrowgate.verify.cosignatures import cosigned_checkpoint, request_of

_log = click.argument(
    "directory", metavar="LOG", type=click.Path(exists=True, file_okay=False, path_type=Path)
)


@click.command("request", cls=ExampleCommand, epilog="narrowgate log request log --old 2002 > request")
@_log
@click.option(
    "--old",
    type=click.IntRange(0),
    default=0,
    help="Leaves that the witness cosigned last; 0 before the first.",
)
def write_request(directory: Path, old: int) -> None:
    """Write a request for cosignatures to stdout: the checkpoint and the proof that it continues an older one.

    It is the body of 'add-checkpoint' of C2SP tlog-witness, and can be carried to a machine without a network.
    """
    request = str(request_of(directory, None, old))
    answer({"request": request}, request.removesuffix("\n"))


@click.command(
    "cosign",
    cls=ExampleCommand,
    epilog="narrowgate log cosign log --request request --witness oversight.vkey cosignature",
)
@_log
@click.argument("cosignatures", nargs=-1, required=True, type=EXISTING_FILE)
@click.option(
    "--request", type=EXISTING_FILE, required=True, help="The request that the witnesses were handed."
)
@click.option(
    "--witness",
    "witnesses",
    type=EXISTING_FILE,
    multiple=True,
    required=True,
    help="Verifier key of a witness.",
)
def add_cosignatures(
    directory: Path, cosignatures: tuple[Path, ...], request: Path, witnesses: tuple[Path, ...]
) -> None:
    """Add what witnesses answered to the log's file 'cosigned', each cosignature verified.

    Exit code 13: a cosignature is of no witness named, or over another checkpoint.
    """
    keys = [read_log_key(each) for each in witnesses]
    lines = "".join(read_text_file(each).rstrip("\n") + "\n" for each in cosignatures)
    text = cosigned_checkpoint(directory, None, read_text_file(request), lines, keys)
    write_durably(directory / COSIGNED, text.encode())
    count = require_cosigned(text, keys, 0)
    answer(
        {"cosigned": str(directory / COSIGNED), "cosignatures": count},
        f"{count} of {len(keys)} witnesses cosigned; {directory / COSIGNED}",
    )
