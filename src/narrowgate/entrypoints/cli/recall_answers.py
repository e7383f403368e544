"""``narrowgate recall notices``, ``show``, ``receipt``, ``accept`` and ``status``: what follows a recall."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.durable_files import write_private
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.core.answers.disposal import Disposal, Receipt, receipt_bytes, receipt_text
from narrowgate.core.answers.recall_notice import WHAT_TO_DO, RecallNotice, verify_notice
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, done, note, warn
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, UTC_TIME, signing_key_options
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.document_signature import Signatory, sign_document
from narrowgate.entrypoints.documents import read_file, read_log_key
from narrowgate.entrypoints.forgotten import forget
from narrowgate.entrypoints.recall_notices import chosen_acts, write_notices
from narrowgate.entrypoints.recall_receipts import accept_receipt, signature_of
from narrowgate.entrypoints.settings import read_settings
from narrowgate.verify.recall_book import read_recalls, recall_list, status_of
from narrowgate.verify.recall_words import status_document, status_text

_act = click.option("--act", "number", type=click.IntRange(1), help="Number of one recall; else all of them.")
_log_key = click.option(
    "--log-key", type=EXISTING_FILE, required=True, help="The log's key as the custodian published it."
)
_SHOWN = 50


@click.command("notices", cls=ExampleCommand, epilog="narrowgate recall notices world --out notices")
@source_argument
@key_option
@_act
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A directory.")
def notices(source: Path, key: Path | None, number: int | None, out: Path) -> None:
    """Write what the recipients of recalled answers are told: a file for each office and officer of each package.

    A notice is proved by the log and holds no outcome. Whoever gets it checks it with 'narrowgate recall show', names
    it to 'narrowgate answers open --recalls', and answers it with 'narrowgate recall receipt'.
    """
    written = write_notices(open_source(source, key), number, out)
    done(
        {"notices": written, "wrote": str(out)}, f"{written:,} notices in {out}, a directory for each office."
    )


@click.command("show", cls=ExampleCommand, epilog="narrowgate recall show p-1.recall.json --log-key log.vkey")
@click.argument("file", metavar="NOTICE", type=EXISTING_FILE)
@_log_key
def show(file: Path, log_key: Path) -> None:
    """Check a notice against the log's key, and say what is recalled and what is to be done."""
    found = verify_notice(read_file(file), read_log_key(log_key), str(file))
    answer(_notice_fields(found), _notice_text(found))


@click.command(
    "receipt",
    cls=ExampleCommand,
    epilog="narrowgate recall receipt p-1.recall.json --disposal destroyed --log-key log.vkey --key key.pem"
    " --certificate certificate.pem --out receipt.json",
)
@click.argument("file", metavar="NOTICE", type=EXISTING_FILE)
@click.option(
    "--disposal",
    type=click.Choice([each.value for each in Disposal]),
    required=True,
    help="What became of every copy that you had.",
)
@click.option("--acted-on", is_flag=True, help="A recalled answer was acted on or handed on before.")
@_log_key
@signing_key_options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A new file.")
@click.option("--yes", is_flag=True, help="I have read the receipt; do not ask me.")
def receipt(
    file: Path, log_key: Path, key: str, certificate: Path | None, out: Path, yes: bool, **said: Any
) -> None:
    """Write and sign a receipt of what became of recalled answers (requester); the signature is FILE.p7s.

    The officer signs with the signature key of the card, or an official of the office signs for the recipient.
    """
    notice = verify_notice(read_file(file), read_log_key(log_key), str(file))
    now = SystemClock().now()
    made = Receipt(
        notice.digest,
        notice.recall.act_number,
        notice.recall.package,
        notice.office,
        notice.recipient_key_sha256,
        Disposal(said["disposal"]),
        said["acted_on"],
        now,
    )
    signing_key = open_signing_key(key, certificate, ask_secret)
    shown = receipt_text(made)
    if yes and not signing_key.in_token:
        note(shown)
    else:
        click.echo(shown, err=True)
    if not yes:
        confirm("Sign this receipt?")
    data = receipt_bytes(made)
    signature = sign_document(data, Signatory(signing_key), now, shown)
    write_private(signature_of(out), signature)
    write_private(out, data)
    done(
        {"wrote": str(out), "signature": str(signature_of(out)), "sha256": made.digest},
        f"wrote {out} and {signature_of(out)}; give both to the custodian.",
    )


@click.command(
    "accept", cls=ExampleCommand, epilog="narrowgate recall accept receipt.json --config gate.toml"
)
@click.argument("files", metavar="RECEIPT...", type=EXISTING_FILE, nargs=-1, required=True)
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def accept(files: tuple[Path, ...], config: Path) -> None:
    """Verify receipts of disposal, keep them, and put an entry of each in the log (custodian).

    Exit code 12: a receipt is of no recipient, or signed by nobody who may; those before it are accepted.
    """
    settings, clock = read_settings(config), SystemClock()
    for file in files:
        made = accept_receipt(settings, file, clock.now())
        done(
            {"package": made.package, "recipient_key_sha256": made.recipient_key_sha256},
            f"{file}: the log has the receipt of {made.recipient_key_sha256[:16]} for the package {made.package}.",
        )


@click.command("status", cls=ExampleCommand, epilog="narrowgate recall status world")
@source_argument
@key_option
@_act
@click.option("--at", "at", type=UTC_TIME, help="Count waiting until then; else until now.")
def status(source: Path, key: Path | None, number: int | None, at: datetime | None) -> None:
    """Say who has disposed of recalled answers, who has not answered, and for how long (custodian, inspector)."""
    opened, until = open_source(source, key), at or SystemClock().now()
    book = read_recalls(opened, opened.checkpoint(), len(os.sched_getaffinity(0)))
    found = [
        status_of(book, act, recall_list(opened, act).packages, until) for act in chosen_acts(book, number)
    ]
    answer({"recalls": list(map(status_document, found))}, "\n".join(map(status_text, found)))


def _notice_fields(found: RecallNotice) -> dict[str, Any]:
    return {
        "act": found.recall.act_number,
        "act_sha256": found.act_sha256,
        "package": found.recall.package,
        "office": found.office,
        "recipient_key_sha256": found.recipient_key_sha256,
        "recalled": found.recall.time,
        "leaf": found.recall.leaf,
        "rows": [[first + 1, last + 1] for first, last in found.recall.rows],
        "answers": found.recall.answers,
        "log_size": found.log_size,
        "what_to_do": list(WHAT_TO_DO),
    }


def _notice_text(found: RecallNotice) -> str:
    rows = ", ".join(f"{first + 1}-{last + 1}" for first, last in found.recall.rows[:_SHOWN])
    more = ", ..." if len(found.recall.rows) > _SHOWN else ""
    lines = [
        f"RECALLED {found.recall.time} by act {found.recall.act_number}",
        f"  package {found.recall.package}, {found.office}",
        f"  {found.recall.answers:,} answers: every one in the rows {rows}{more}",
        f"  for the holder of the key {found.recipient_key_sha256}",
        f"  proved by leaf {found.recall.leaf} of the log, of {found.log_size:,} leaves",
        "",
        *WHAT_TO_DO,
    ]
    return "\n".join(lines)


@click.command("forget", cls=ExampleCommand, epilog="narrowgate recall forget --config gate.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@click.option(
    "--all",
    "is_all",
    is_flag=True,
    help="Forget every first answer: for answers that the log before this one recalls.",
)
def forget_command(config: Path, is_all: bool) -> None:
    """Let the gate forget the answers that were recalled, so that it does not give them again.

    A question is answered once (R-74), and a recalled answer would be given again to the same question. Until this ran
    after a recall, the gate decides nothing (exit code 15). Where R-28 is in force the question is then refused by R-74
    until the term ends. Where the data key of a package was destroyed, what it asked cannot be told any more: it is
    named, and the gate forgets every first answer.
    """
    found = forget(read_settings(config), is_all=is_all)
    every = " Every other first answer is forgotten, too." if found.is_all else ""
    done(
        {"questions": found.questions, "destroyed": list(found.destroyed), "all": found.is_all},
        f"{found.questions:,} questions of recalled answers have no remembered answer any more.{every}",
    )
    for package in found.destroyed:
        warn(f"The data key of {package} was destroyed: what it asked cannot be told, so all is forgotten.")
