"""``narrowgate act``: draw up, sign, apply and show what the custodian's officers put in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.core.base.errors import UsageError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.difference import effect_in_words
from narrowgate.core.governance.kinds import KINDS, Digest, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from narrowgate.entrypoints.act_documents import draft
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk, books_of_files, books_over
from narrowgate.entrypoints.cli.act_words import act_as_dict, act_in_words, tell_drawn_up
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done, note
from narrowgate.entrypoints.cli.inputs import UTC_TIME, signing_key_options
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.signed_acts import (
    proposal_of,
    put_in_force,
    require_signable_act,
    sign_act,
)
from narrowgate.governance.acts import (
    Outcome,
    Wanted,
    after_waiting,
    outcome,
    propose,
)
from narrowgate.governance.books import Books
from narrowgate.governance.ports import Signed


@click.group(
    cls=LateGroup,
    late={
        "again": "narrowgate.entrypoints.cli.act_again:again",
        "sign-file": "narrowgate.entrypoints.cli.act_elsewhere:sign_file",
        "take-signature": "narrowgate.entrypoints.cli.act_elsewhere:take",
    },
    epilog="narrowgate act list --config gate.toml",
)
def act() -> None:
    """Put things in force and take them out of force (custodian): one officer stops, two officers release."""


_config = click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
_number = click.argument("number", metavar="NUMBER", type=click.IntRange(1, 999_999))


@act.command(
    "propose",
    cls=ExampleCommand,
    epilog='narrowgate act propose hold all --reason "complaint 17" --config gate.toml',
)
@click.argument("kind", metavar="KIND", type=click.Choice([kind.value for kind in Kind]))
@click.argument("subject", metavar="[SUBJECT]", required=False)
@click.option("--reason", required=True, help="One line that every inspector reads; no personal data.")
@click.option("--document", type=click.Path(exists=True, path_type=Path), help="What it puts in force.")
@click.option("--commitment", "sha256", metavar="SHA256", default="", help="For acts that name a commitment.")
@click.option("--from", "start", type=UTC_TIME, help="Else from its entry in the log on.")
@click.option("--until", type=UTC_TIME, help="Else until another act.")
@_config
def propose_act(
    kind: str,
    subject: str | None,
    reason: str,
    document: Path | None,
    config: Path,
    **details: Any,
) -> None:
    """Draw up the next act and say in words what it would change; it is not in force until it is applied.

    KIND is one of the table in docs/reference/protocol/acts.md. SUBJECT is what it is about; where a document is put in
    force it says so itself. A document is an agreement, the directory of an index, a register ('officers document'), a
    facility list or a charter; signatures of the parties lie beside it as FILE.custodian.p7s and FILE.requester.p7s.
    """
    chosen = Kind(kind)
    settings = read_settings(config)
    books, now = books_of_files(settings), SystemClock().now()
    wanted = Wanted(chosen, subject or "", reason, None, **details)
    if KINDS[chosen].digest is Digest.DOCUMENT:
        wanted = _with_document(books, wanted, document, subject)
    elif subject is None:
        raise UsageError(
            f"The act {kind} needs a SUBJECT: {KINDS[chosen].about}.",
            next_step="Give it behind the kind of act.",
        )
    before = after_waiting(books, now)
    known = set(books.files.overtaken())
    drawn_up = propose(books, before, wanted, now)
    tell_drawn_up(books, before, drawn_up, now)
    for digest in set(books.files.overtaken()) - known:
        old = parse_act(books.files.overtaken_act(digest).data, "the overtaken act")
        note(
            f"It takes the number of an act that waited: {old.kind} {old.subject}. That one is kept; when this one is "
            f"applied, 'narrowgate act again {digest[:8]}' draws it up as the next, to be signed anew."
        )


def _with_document(books: Books, wanted: Wanted, file: Path | None, subject: str | None) -> Wanted:
    drafted = draft(wanted.kind, file)
    sha256 = books.files.keep_document(drafted.data)
    if isinstance(books.files, GovernanceDirectory):
        for party, signature in drafted.signatures.items():
            books.files.keep_document_signature(sha256, party, signature)
    return Wanted(
        wanted.kind, subject or drafted.subject, wanted.reason, None, sha256, wanted.start, wanted.until
    )


@act.command(
    cls=ExampleCommand,
    epilog="narrowgate act sign 7 --key custody-1.key.pem --certificate custody-1.pem --config gate.toml",
)
@_number
@signing_key_options
@click.option("--yes", is_flag=True, help="I have read what the act does; do not ask me.")
@_config
def sign(number: int, key: str, certificate: Path | None, yes: bool, config: Path) -> None:
    """Show what a proposed act does, wait for a yes, and sign it as a custody officer of the charter.

    Exit code 11: an act revoked the key. Exit code 12: a revocation list names the certificate. A late list refuses the
    signature of an act that lets the gate answer more, and of no act that brakes.
    """
    settings = read_settings(config)
    books, now = books_of_files(settings), SystemClock().now()
    proposal_of(books, number)
    signing_key = open_signing_key(key, certificate, ask_secret)
    signable = require_signable_act(books, number, signing_key, now)
    found, officer = signable.found, signable.officer
    shown = act_in_words(found)
    if yes and not signing_key.in_token:
        note(shown)
    else:
        click.echo(shown, err=True)
    if not yes:
        confirm(f"Sign act {number} as {officer}?")
    signed = sign_act(settings, signable, now, shown)
    done(
        {"number": number, "officer": officer, "signed": signed, "needed": found.needed},
        f"Act {number} is signed by {officer}: {signed} of {found.needed}.",
    )


@act.command(cls=ExampleCommand, epilog="narrowgate act apply 7 --config gate.toml")
@_number
@click.option("--dry-run", is_flag=True, help="Say in words what would change, and change nothing.")
@_config
def apply(number: int, dry_run: bool, config: Path) -> None:
    """Put a signed act in the log, and so in force.

    While a gate is at work, an act that brakes is handed to it and carried out within a second; any other waits until
    you apply it again. Exit code 11: the act is refused, and the log is as it was.
    """
    settings = read_settings(config)
    clock = SystemClock()
    if dry_run:
        books, now = books_of_files(settings), clock.now()
        found = outcome(books, after_waiting(books, now), proposal_of(books, number), now)
        answer(act_as_dict(found), act_in_words(found))
        return
    logged = put_in_force(settings, number, clock)
    if logged is not None:
        done(
            {"number": number, "applied": format_time(logged.time)},
            f"Act {number} is in force; the log says so.",
        )
    else:
        done({"number": number, "applied": None}, f"Act {number} is handed to the gate at work.")


@act.command("list", cls=ExampleCommand, epilog="narrowgate act list --config gate.toml")
@_config
def list_acts(config: Path) -> None:
    """List the charter and every act of the log, the acts proposed, and those whose number another act took."""
    settings = read_settings(config)
    books = books_of_files(settings)
    in_log = books_over(settings, acts_on_disk(settings), NothingRemembered())
    rows: list[dict[str, Any]] = [_row(entry) for entry in in_log.entries()]
    for state, numbers in (("waits", books.files.waiting()), ("proposed", books.files.proposals())):
        for number in numbers:
            read = books.files.waiting_act if state == "waits" else books.files.proposal
            drawn_up = parse_act(read(number).data, f"act {number}")
            rows.append(
                {
                    "number": number,
                    "act": drawn_up.kind.value,
                    "subject": drawn_up.subject,
                    "state": state,
                    "time": "",
                }
            )
    for digest in books.files.overtaken():
        drawn_up = parse_act(books.files.overtaken_act(digest).data, "the overtaken act")
        rows.append(
            {
                "number": drawn_up.number,
                "act": drawn_up.kind.value,
                "subject": f"{drawn_up.subject}  ('act again {digest[:8]}')",
                "state": "overtaken",
                "time": "",
            }
        )
    lines = [
        f"{row['number']:>6}  {row['time'] or '-':<20}  {row['state']:<9} {row['act']:<20} {row['subject']}"
        for row in rows
    ]
    answer(rows, "\n".join(lines))


def _row(entry: LoggedCharter | LoggedAct) -> dict[str, Any]:
    time = format_time(entry.time)
    if isinstance(entry, LoggedCharter):
        return {"number": 0, "act": "charter", "subject": entry.gate, "state": "in log", "time": time}
    return {
        "number": entry.number,
        "act": entry.kind.value,
        "subject": entry.subject,
        "state": "in log",
        "time": time,
    }


@act.command(cls=ExampleCommand, epilog="narrowgate act show 7 --config gate.toml")
@_number
@_config
def show(number: int, config: Path) -> None:
    """Show an act, proposed or applied: what it says, why, and who signed it."""
    books = books_of_files(read_settings(config))
    signed = _signed(books, number)
    drawn_up = parse_act(signed.data, f"act {number}")
    before = books.in_force()
    charter = books.charter(before)
    persons = charter.officers_of(books.signers(signed, charter, drawn_up.issued))
    found = Outcome(
        drawn_up, effect_in_words(drawn_up), (), persons, KINDS[drawn_up.kind].signatures(charter.quorum)
    )
    answer(act_as_dict(found), act_in_words(found))


@act.command(cls=ExampleCommand, epilog="narrowgate act diff 7 --config gate.toml")
@_number
@_config
def diff(number: int, config: Path) -> None:
    """Say in words what a proposed act would change now; nothing is changed."""
    books, now = books_of_files(read_settings(config)), SystemClock().now()
    found = outcome(books, after_waiting(books, now), proposal_of(books, number), now)
    answer(act_as_dict(found), "\n".join(found.changes) or "Nothing would change.")


def _signed(books: Books, number: int) -> Signed:
    if number in books.files.proposals():
        return books.files.proposal(number)
    return books.files.act(number)
