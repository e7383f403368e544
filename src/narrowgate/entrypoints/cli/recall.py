"""``narrowgate recall``: find wrong answers, call them back, and count who has disposed of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.durable_files import write_private
from narrowgate.core.base.errors import ProofError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.governance.recall_list import (
    Criteria,
    RecallList,
    parse_recall_list,
    recall_list_bytes,
)
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.documents import read_file
from narrowgate.entrypoints.recall_criteria import answers_of, digest_of, item_of, time_of
from narrowgate.entrypoints.settings import read_settings
from narrowgate.governance.acts import Wanted, after_waiting, outcome, propose
from narrowgate.verify.recall_find import find_answers
from narrowgate.verify.source import Source, find_source

_ROOM = "narrowgate.entrypoints.cli.recall_answers"

_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_SHOWN = 20
_EVER = "0001-01-01T00:00:00Z"


@click.group(
    cls=LateGroup,
    late={
        "accept": f"{_ROOM}:accept",
        "forget": f"{_ROOM}:forget_command",
        "notices": f"{_ROOM}:notices",
        "receipt": f"{_ROOM}:receipt",
        "show": f"{_ROOM}:show",
        "status": f"{_ROOM}:status",
    },
    epilog="narrowgate recall find world --index 2027-01-a --out recall.json",
)
def recall() -> None:
    """Find wrong answers in the log, call them back, and count who has disposed of them."""


def _rows(_context: object, _param: object, values: tuple[str, ...]) -> tuple[str, ...]:
    """Items as the list names them."""
    return tuple(_parsed(item_of, value) for value in values)


def _digest(_context: object, _param: object, value: str) -> str:
    return _parsed(digest_of, value)


def _time(_context: object, _param: object, value: str | None) -> str:
    return _parsed(time_of, value or "")


def _parsed(parse: Callable[[str], str], text: str) -> str:
    try:
        return parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS = (
    click.option("--rule-set", default="", help="Version of the rule set that the items were judged by."),
    click.option("--canonical-form", default="", help="Version of the canonical form."),
    click.option("--match-rule", default="", help="Version of the match rule in force then; needs the acts."),
    click.option("--index", default="", metavar="ID", help="Id of the index snapshot that was asked."),
    click.option(
        "--agreement", default="", metavar="SHA256", callback=_digest, help="Digest of the agreement."
    ),
    click.option("--office", type=click.Choice([each.value for each in Office]), help="That signed."),
    click.option(
        "--signer",
        default="",
        metavar="SHA256",
        callback=_digest,
        help="Digest of the key that signed the package.",
    ),
    click.option(
        "--recipient",
        default="",
        metavar="SHA256",
        callback=_digest,
        help="Digest of a key that answers were sealed to.",
    ),
    click.option("--from", "start", metavar="TIME", callback=_time, help="Decided at this time or later."),
    click.option("--until", "end", metavar="TIME", callback=_time, help="Decided before this time."),
    click.option(
        "--item",
        "items",
        multiple=True,
        metavar="ITEM",
        callback=_rows,
        help="PACKAGE[:ROW[-ROW]], rows from 0 as in the log; repeatable.",
    ),
    click.option("--items", "file", type=EXISTING_FILE, help="A file of such items, one a line."),
)


def _criteria_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of :class:`Criteria`; it gets them by name."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_answers = click.option(
    "--answers",
    "answers",
    type=_DIRECTORY,
    multiple=True,
    help="Directory of released or staged answers, to know their recipients; repeatable.",
)


@recall.command(
    cls=ExampleCommand,
    epilog="narrowgate recall find world --index 2027-01-a --from 2027-01-31T00:00:00Z --out recall.json",
)
@source_argument
@key_option
@_criteria_options
@_answers
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file for the list.")
def find(
    source: Path,
    key: Path | None,
    answers: tuple[Path, ...],
    out: Path | None,
    file: Path | None,
    items: tuple[str, ...],
    **given: Any,
) -> None:
    """List every answer that was decided under something wrong; the same log and criteria give the same list.

    Criteria are joined: each narrows. Rows are counted from 0, behind a slash from 1. An answer to a repeated question
    is the one of the first time (R-74), and the log does not say which are: to catch them, recall by time without
    --until.
    """
    if file is not None:
        lines = read_file(file).decode("utf-8", "replace").split()
        items = (*items, *(_parsed(item_of, line) for line in lines))
    criteria = Criteria(
        items=tuple(dict.fromkeys(items)), **{name: value or "" for name, value in given.items()}
    )
    opened = open_source(source, key)
    found = find_answers(opened, criteria, answers or answers_of(opened), processes=_processes())
    if out is not None:
        write_private(out, recall_list_bytes(found))
    answer(_as_dict(found, out), _in_words(found, out))


@recall.command(cls=ExampleCommand, epilog="narrowgate recall check recall.json world --key log.vkey")
@click.argument("file", metavar="LIST", type=EXISTING_FILE)
@source_argument
@key_option
@_answers
def check(file: Path, source: Path, key: Path | None, answers: tuple[Path, ...]) -> None:
    """Find the answers of a list again and compare: what a second officer does before signing a recall.

    The log does not name recipients: they are compared with the answers of --answers, or of a world. Exit code 13: the
    list holds other answers than its criteria pick, or other recipients than their answers were sealed to.
    """
    listed, opened = _read(file), open_source(source, key)
    compared = _require_found_again(listed, opened, answers or answers_of(opened))
    told = f"The log gives exactly these answers; recipients of {compared} of {len(listed.packages)} packages compared"
    rest = "." if compared == len(listed.packages) else ": name the answers of the others with --answers."
    answer(
        _as_dict(listed, None) | {"recipients_compared": compared}, f"{_in_words(listed, None)}\n{told}{rest}"
    )


@recall.command(
    cls=ExampleCommand,
    epilog='narrowgate recall issue recall.json --reason "wrong index, case 4" --config gate.toml',
)
@click.argument("file", metavar="LIST", type=EXISTING_FILE)
@click.option("--reason", required=True, help="One line that every inspector reads; no personal data.")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def issue(file: Path, reason: str, config: Path) -> None:
    """Draw up the act that recalls the answers of a list, after they were found again in the gate's log.

    Two officers sign it ('narrowgate act sign'), then 'act apply' puts it in the log: from then on nothing of the
    packages leaves, and 'narrowgate recall notices' makes what each recipient is told.
    """
    settings, listed = read_settings(config), _read(file)
    place = find_source(config)
    _require_found_again(listed, place, answers_of(place))
    books, now = books_of_files(settings), SystemClock().now()
    before = after_waiting(books, now)
    data = recall_list_bytes(listed)
    drawn_up = propose(books, before, Wanted(Kind.RECALL, str(listed.answers), reason, data), now)
    found = outcome(books, before, books.files.proposal(drawn_up.number), now)
    done(
        {"number": drawn_up.number, "list_sha256": listed.digest, "effect": found.effect},
        f"Act {drawn_up.number}: {found.effect}\n"
        f"Two officers sign it: 'narrowgate act sign {drawn_up.number}', then 'act apply {drawn_up.number}'.",
    )


def _read(file: Path) -> RecallList:
    return parse_recall_list(read_file(file, 64 << 20), str(file))


def _processes() -> int:
    return len(os.sched_getaffinity(0))


def _require_found_again(listed: RecallList, source: Source, answers: tuple[Path, ...]) -> int:
    """How many packages' recipients were compared, once the log gave the packages, rows and counts of the list."""
    bare = replace(listed.criteria, recipient="")
    if bare == Criteria():
        bare = Criteria(start=_EVER)
    found = find_answers(source, bare, answers, listed.log_size, _processes())
    again = {each.package: each for each in found.packages}
    compared = 0
    for each in listed.packages:
        known = again.get(each.package)
        if known is None or replace(known, recipients=()) != replace(each, recipients=()):
            raise _another(source)
        if known.recipients and set(known.recipients) != set(each.recipients):
            raise _another(source)
        compared += bool(known.recipients)
    if listed.log_origin != found.log_origin:
        raise _another(source)
    if not listed.criteria.recipient and len(again) != len(listed.packages):
        raise _another(source)
    return compared


def _another(source: Source) -> ProofError:
    return ProofError(
        "The list holds other answers than its criteria pick in this log.",
        why="It was changed, made from another log, or found with another version.",
        next_step="Sign nothing; find the answers again: 'narrowgate recall find'.",
        where=str(source.log),
        rule="R-43",
    )


def _as_dict(found: RecallList, out: Path | None) -> dict[str, Any]:
    return {
        "log_origin": found.log_origin,
        "log_size": found.log_size,
        "criteria": {
            each.name: value
            for each in fields(Criteria)
            if (value := getattr(found.criteria, each.name)) not in {"", ()}
        },
        "packages": len(found.packages),
        "answers": found.answers,
        "recipients": len({key for package in found.packages for key in package.expected()}),
        "sha256": found.digest,
        "wrote": str(out) if out else None,
    }


def _in_words(found: RecallList, out: Path | None) -> str:
    lines = [
        f"{found.answers:,} answers in {len(found.packages):,} packages; {found.log_origin}, {found.log_size:,} leaves"
    ]
    for package in found.packages[:_SHOWN]:
        rows = ", ".join(f"{each.first}-{each.last}" for each in package.rows[:5])
        more = ", ..." if len(package.rows) > 5 else ""
        lines.append(
            f"  {package.package}  {package.office}  {package.answers:,} answers in rows {rows}{more}, "
            f"{len(package.recipients) or 'unknown'} officers"
        )
    if len(found.packages) > _SHOWN:
        lines.append(f"  and {len(found.packages) - _SHOWN:,} packages more")
    lines.append(f"SHA-256 {found.digest}")
    if out is not None:
        lines.append(f"wrote {out}; 'narrowgate recall issue {out}' draws up the act")
    return "\n".join(lines)
