"""``narrowgate answers``: what an officer reads."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.durable_files import write_private
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.signing.certificates import load_certificates, load_recipient_key
from narrowgate.core.answers.answer import TERMS, AnswerPart, AnswerRecord
from narrowgate.core.base.errors import EnvelopeError, UsageError
from narrowgate.core.request.item import Item, parse_item
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, stderr
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.requester import AnswersDirectory

_existing = EXISTING_FILE
_directory = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(
    cls=LateGroup,
    epilog="narrowgate answers open answers/p-1 --key 1.key.pem --certificate 1.pem --log-key log.vkey --acknowledge",
)
def answers() -> None:
    """Open answers (requester's officers)."""


@answers.command(
    "open",
    cls=ExampleCommand,
    epilog="narrowgate answers open answers/p-1 --key 1.key.pem --certificate 1.pem --log-key log.vkey --acknowledge",
)
@click.argument("directory", metavar="DIR", type=_directory)
@click.option("--key", type=_existing, required=True, help="PEM of the officer's private key.")
@click.option("--certificate", type=_existing, required=True, help="PEM of the officer's certificate.")
@click.option("--log-key", type=_existing, required=True, help="The log's published key (log.vkey).")
@click.option("--package", type=_directory, help="The package, to show item ids and rows left out.")
@click.option(
    "--opened",
    type=click.Path(path_type=Path),
    help="Also write the opened part to this new file (mode 0600), for an inspector's 'log verify --opened'.",
)
@click.option("--acknowledge", is_flag=True, help="I have read the terms and will keep to them (R-45).")
def open_answers(
    *,
    directory: Path,
    key: Path,
    certificate: Path,
    log_key: Path,
    package: Path | None,
    opened: Path | None,
    acknowledge: bool,
) -> None:
    """Verify that each answer sealed to this officer is the decision in the log, then show them, as CSV on stdout.

    Where one answer is not the decision that the log holds of its item, or the log proof is not valid, none is shown
    (exit code 13); expired ones are not shown either (exit code 11).
    """
    stderr.print(TERMS, soft_wrap=True)
    if not acknowledge:
        raise UsageError(
            "The terms are not acknowledged.",
            why="A confirmation is shown only to an officer who has acknowledged what it says (R-45).",
            next_step="Read the terms above and add --acknowledge.",
            rule="R-45",
        )
    verified = AnswersDirectory.verified(directory, read_log_key(log_key))
    holder = load_certificates(certificate)[0]
    plaintext = verified.opened_part(load_recipient_key(key), holder)
    part = verified.read_part(plaintext, holder, SystemClock().now())
    if opened is not None:
        write_private(opened, plaintext)
    names = _item_ids(package, part, verified) if package else {}
    click.echo("row,item,outcome,findings")
    for record in part.records:
        click.echo(_line(record, names.get(record.ordinal, "")))


def _line(record: AnswerRecord, item: str) -> str:
    return f"{record.ordinal + 1},{item},{record.outcome},{' '.join(record.findings)}"


def _item_ids(package: Path, part: AnswerPart, verified: AnswersDirectory) -> dict[int, str]:
    """The ids of the rows answered in a part, of the package that was answered; tells of rows left out.

    Raises:
        EnvelopeError: it is another package, or its rows were changed: an id would stand at another's answer.
    """
    source = PackageDirectory(package)
    data = source.manifest()
    if sha256(data).hexdigest() != verified.manifest.manifest_sha256:
        raise EnvelopeError(
            "The answers are to another package.",
            why="The digest of its manifest is not the one in the answers.",
            next_step=f"Name the package {verified.manifest.package_id}.",
            where=str(package),
        )
    source.check_rows(parse_manifest(data, str(package)))
    answered = {record.ordinal for record in part.records}
    names: dict[int, str] = {}
    left_out = 0
    for ordinal, row in enumerate(source.rows()):
        item = _item(row, f"{package}:{ordinal + 1}")
        if ordinal in answered:
            names[ordinal] = item.item if item else ""
        elif item and part.header.officer in item.officers.split():
            left_out += 1
            stderr.print(f"Row {ordinal + 1} of the package names this officer and has no answer here.")
    if left_out:
        stderr.print(
            "An answer that was left out is in the log all the same: ask the custodian or the inspector."
        )
    return names


def _item(row: bytes, where: str) -> Item | None:
    """The row's item; none where the row is refused for its form."""
    try:
        return parse_item(row, where)
    except EnvelopeError:
        return None
