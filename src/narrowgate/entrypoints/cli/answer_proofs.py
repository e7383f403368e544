"""``narrowgate answers prove`` and ``verify-proof``: one answer for a court, and what a court does with it."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.durable_files import write_private
from narrowgate.core.answers.answer_proof import answer_proof_bytes
from narrowgate.core.answers.file_names import ANSWERS
from narrowgate.core.answers.outcome import Outcome
from narrowgate.entrypoints.answered_package import answered_row
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, done
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.opening import (
    RECALL_OPTIONS,
    WITNESS_OPTIONS,
    Opening,
    open_part,
    opens_answers,
    tell_where_looked,
)
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.opened_part import RecallPlaces
from narrowgate.entrypoints.witnesses import WitnessFiles
from narrowgate.requester.opened import OpenedAnswers, recalled_refusal
from narrowgate.requester.proved_page import proved_fields, proved_text
from narrowgate.verify.answer_proof import read_answer_proof

_existing = EXISTING_FILE
_recalls, _checkpoints = RECALL_OPTIONS
_charter, _witnesses, _quorum = WITNESS_OPTIONS
_directory = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    "prove",
    cls=ExampleCommand,
    epilog="narrowgate answers prove answers/p-1 case-0001 --package package --key 1.key.pem --certificate 1.pem"
    " --log-key log.vkey --acknowledge --out case-0001.proof.json",
)
@opens_answers
@click.argument("item")
@click.option("--package", type=_directory, required=True, help="The package that was answered.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A new file (mode 0600)."
)
def prove_answer(opening: Opening, item: str, package: Path, out: Path) -> None:
    """Write what a court needs to check one answer without the package, the other answers or the log.

    The file holds the row as it was asked with its Merkle path, the manifests of package and answers, the outcome with
    the salt that opens the leaf's commitment to it, the leaf, both inclusion proofs and the signed checkpoint. It holds
    the person's data and the answer: it is for the proceeding that the item names alone.
    """
    part = open_part(opening)
    ordinal, asked = answered_row(package, item, part.answers, part.manifest)
    (record,) = (record for record in part.answers.records if record.ordinal == ordinal)
    if OpenedAnswers(part.answers, part.manifest, recalls=part.recalls).recall(record) is not None:
        raise recalled_refusal("The answer is RECALLED, and is not proved to anybody any more.")
    data = answer_proof_bytes(
        record,
        part.answers,
        part.directory.proved,
        (opening.directory / ANSWERS).read_bytes(),
        asked,
        part.log_key,
    )
    write_private(out, data)
    done(
        {"wrote": str(out), "bytes": len(data), "item": item, "row": ordinal + 1},
        f"wrote {out}, {len(data):,} bytes\n"
        f"It is checked with: narrowgate answers verify-proof {out.name} --log-key log.vkey",
    )


@click.command(
    "verify-proof",
    cls=ExampleCommand,
    epilog="narrowgate answers verify-proof case-0001.proof.json --log-key log.vkey",
)
@click.argument("file", type=_existing)
@click.option(
    "--log-key",
    type=_existing,
    required=True,
    help="The log's key as the custodian published it, from another source than the file.",
)
@_recalls
@_checkpoints
@_charter
@_witnesses
@_quorum
def verify_proof(
    file: Path,
    log_key: Path,
    recalls: tuple[Path, ...],
    checkpoints: tuple[Path, ...],
    charter: Path | None,
    witnesses: tuple[Path, ...],
    quorum: int | None,
) -> None:
    """Check a file of 'answers prove' alone, and say in words what was asked, what was answered, what that proves.

    It needs no network, no log, no package and no gate. Exit code 13: something in the file does not follow from the
    log's signature, or too few of the witnesses named cosigned it; then nothing of it is shown. Exit code 11: the log
    or a notice named with --recalls says that the answer was recalled; then its outcome is not shown.
    """
    key = read_log_key(log_key)
    proved = read_answer_proof(file, key, WitnessFiles(charter, witnesses, quorum).demanded(key))
    known = RecallPlaces(recalls, checkpoints).known(key, proved.checkpoint)
    tell_where_looked(known)
    recall = None if known is None else known.of(proved.answers.package_id, proved.row)
    if recall is not None and proved.outcome is not Outcome.REFUSED:
        raise recalled_refusal(f"The answer is RECALLED, on {recall.time} by act {recall.act_number}.")
    now = SystemClock().now()
    answer(proved_fields(proved, key, now), proved_text(proved, key, now))
