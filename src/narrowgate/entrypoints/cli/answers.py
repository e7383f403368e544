"""``narrowgate answers``: what an officer reads, and hands to a court."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.files.durable_files import write_private
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.entrypoints.answered_package import answered_items
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, emit_json, warn
from narrowgate.entrypoints.cli.opening import Opening, open_part, opens_answers
from narrowgate.requester.opened import OpenedAnswers, opened_fields, opened_text, recalled_refusal

_directory = click.Path(exists=True, file_okay=False, path_type=Path)
_PROOFS = "narrowgate.entrypoints.cli.answer_proofs"


@click.group(
    cls=LateGroup,
    late={
        "prove": f"{_PROOFS}:prove_answer",
        "verify-proof": f"{_PROOFS}:verify_proof",
    },
    epilog="narrowgate answers open answers/p-1 --package package --key 1.key.pem --certificate 1.pem"
    " --log-key log.vkey --acknowledge",
)
def answers() -> None:
    """Open answers (requester's officers), prove one to a court, and verify such a proof."""


@answers.command(
    "open",
    cls=ExampleCommand,
    epilog="narrowgate answers open answers/p-1 --package package --key 1.key.pem --certificate 1.pem"
    " --log-key log.vkey --acknowledge",
)
@opens_answers
@click.option(
    "--package",
    type=_directory,
    help="The package, to show item, person, address and years as asked, and rows left out.",
)
@click.option("--csv", "form", flag_value="csv", help="CSV with the columns row, item, outcome, findings.")
@click.option("--json", "form", flag_value="json", help="One JSON object on stdout.")
@click.option(
    "--opened",
    type=click.Path(path_type=Path),
    help="Also write the opened part to this new file (mode 0600), for an inspector's 'log verify --opened'.",
)
def open_answers(opening: Opening, package: Path | None, form: str | None, opened: Path | None) -> None:
    """Verify that each answer sealed to this officer is the decision in the log, then show what it says.

    Each answer comes with what it means and, with --package, beside the person, the address and the years as asked;
    a refusal with the text of its rules. Where one answer is not the decision that the log holds of its item, or the
    log proof is not valid or lacks cosignatures of the witnesses named, none is shown (exit code 13); expired ones are
    not shown either (exit code 11). With --recalls a recalled answer says RECALLED instead of its outcome.
    """
    part = open_part(opening)
    asked, left_out = answered_items(package, part.answers, part.manifest) if package else (None, ())
    shown = OpenedAnswers(part.answers, part.manifest, asked, left_out, part.recalls, part.witnessed)
    recalled = sum(shown.recall(record) is not None for record in part.answers.records)
    if recalled:
        warn(f"{recalled:,} of these answers are RECALLED (R-43): their outcomes are not shown.")
    if opened is not None:
        if recalled:
            raise recalled_refusal("An opened part with recalled answers is not written.")
        write_private(opened, part.plaintext)
    for row in left_out:
        warn(f"Row {row + 1} of the package names this officer and has no answer here.")
    if left_out:
        warn("An answer that was left out is in the log all the same: ask the custodian or the inspector.")
    if form == "json":
        emit_json(opened_fields(shown))
    elif form == "csv":
        click.echo("row,item,outcome,findings")
        for record in part.answers.records:
            click.echo(_line(record, shown))
    else:
        click.echo(opened_text(shown))


def _line(record: AnswerRecord, shown: OpenedAnswers) -> str:
    item = shown.item(record)
    return f"{record.ordinal + 1},{item.item if item else ''},{shown.outcome(record)},{' '.join(record.findings)}"
