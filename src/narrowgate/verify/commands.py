"""The commands that the verifier of a bundle has, a line each in ``COMMANDS``; each is a function of a source."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from narrowgate.core.base.errors import LogInconsistentError, NarrowgateError, ProofError, UsageError
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.incident import incidents_of
from narrowgate.core.governance.recall_list import Criteria, recall_list_bytes, rows_of
from narrowgate.verify import subject_told as subject_words
from narrowgate.verify.accounting.account import Wanted, account
from narrowgate.verify.accounting.protect import THRESHOLD
from narrowgate.verify.accounting.report import as_html as accounting_page
from narrowgate.verify.accounting.rows import as_csv as accounting_rows
from narrowgate.verify.accounting.words import in_words as accounting_words
from narrowgate.verify.conformance import told as conformance_words
from narrowgate.verify.conformance.report import Verdict, conformance
from narrowgate.verify.files import read_bytes, read_text
from narrowgate.verify.in_force import hold_periods, in_force_at
from narrowgate.verify.in_force_words import (
    holds_document,
    holds_text,
    in_force_document,
    in_force_text,
    require_kept,
)
from narrowgate.verify.incident_words import incidents_document, incidents_text
from narrowgate.verify.inspection import inspect
from narrowgate.verify.log_directory import log_key
from narrowgate.verify.recall_find import find_answers
from narrowgate.verify.report_file import write_report
from narrowgate.verify.runs import available_processes
from narrowgate.verify.source import Source
from narrowgate.verify.subject import Papers, account_of
from narrowgate.verify.subject_told import account_page
from narrowgate.verify.tin_file import read_tin
from narrowgate.verify.trace import trace_in, traced
from narrowgate.verify.trace_file import checked, checked_lines
from narrowgate.verify.trace_file import document as trace_document
from narrowgate.verify.trace_picture import page as trace_page
from narrowgate.verify.trace_words import lines as trace_lines


@dataclass(frozen=True, slots=True)
class Result:
    """What a command tells.

    Args:
        document: for programs.
        text: for people.
        failure: that the command ends with, after it was told; ``None`` where all is well.
    """

    document: Mapping[str, Any]
    text: str
    failure: NarrowgateError | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Args:
        summary: one line of help.
        run: from the source and the options to what is told.
        options: adds the command's own options.
    """

    summary: str
    run: Callable[[Source, Namespace], Result]
    options: Callable[[ArgumentParser], None] = lambda _parser: None


def _failure(check: Callable[[], None]) -> NarrowgateError | None:
    try:
        check()
    except NarrowgateError as error:
        return error
    return None


def _verify(source: Source, options: Namespace) -> Result:
    earlier = read_text(options.earlier) if options.earlier else None
    found = inspect(source, earlier, available_processes())
    return Result(found.as_dict(), str(found), _failure(found.require_valid))


def _earlier(parser: ArgumentParser) -> None:
    parser.add_argument("--earlier", type=Path, help="checkpoints that you kept from before")


def _holds(source: Source, _options: Namespace) -> Result:
    periods = hold_periods(source.entries_but_items(available_processes()))
    return Result(
        holds_document(periods), holds_text(periods), _failure(lambda: require_kept(periods, source.path))
    )


def _moment(options: Namespace) -> datetime:
    try:
        return parse_time(options.at)
    except ValueError as error:
        raise UsageError(
            "--at is no time in RFC 3339.", next_step="Write it as 2027-03-01T12:00:00Z."
        ) from error


def _incidents(source: Source, options: Namespace) -> Result:
    at = _moment(options)
    found = incidents_of(in_force_at(source.entries_but_items(available_processes()), at))
    return Result(incidents_document(found, at), incidents_text(found, at))


def _in_force(source: Source, options: Namespace) -> Result:
    at = _moment(options)
    state = in_force_at(source.entries_but_items(available_processes()), at)
    return Result(in_force_document(state, at), in_force_text(state, at))


def _at(parser: ArgumentParser) -> None:
    # The last moment that a log can name: what is in force at its end.
    end = format_time(datetime.max.replace(microsecond=0, tzinfo=UTC))
    parser.add_argument("--at", default=end, help="a time in RFC 3339; else the end of the log")


def _trace(source: Source, options: Namespace) -> Result:
    found = trace_in(source, traced(options.item), options.index, options.openings, available_processes())
    if options.html:
        write_report(options.html, trace_page(found), [source.path])
    return Result(trace_document(found), "\n".join(trace_lines(found)))


def _item(parser: ArgumentParser) -> None:
    parser.add_argument("item", metavar="PACKAGE[:ROW]")
    parser.add_argument("--index", type=Path, help="where leaves lie; made if missing")
    parser.add_argument("--openings", type=Path, help="what the custodian opened of the item")
    _html(parser)


def _html(parser: ArgumentParser) -> None:
    parser.add_argument("--html", type=Path, help="write it as a page, too")


def _conformance(source: Source, options: Namespace) -> Result:
    found = conformance(source, available_processes())
    if options.html:
        write_report(options.html, conformance_words.report_page(found), [source.path])
    broken = [each.requirement.id for each in found.judged if each.verdict is Verdict.CONTRADICTED]
    contradiction = LogInconsistentError(
        "The log contradicts what is required.", why=f"It contradicts {', '.join(broken)}."
    )
    return Result(
        conformance_words.document(found),
        "\n".join(conformance_words.lines(found)),
        contradiction if broken else None,
    )


def _recall_find(source: Source, options: Namespace) -> Result:
    given = {each.name: getattr(options, each.name) for each in fields(Criteria) if each.name != "items"}
    found = find_answers(
        source, Criteria(items=tuple(options.items), **given), processes=available_processes()
    )
    text = f"{found.answers:,} answers in {len(found.packages):,} packages; SHA-256 {found.digest}"
    return Result(json.loads(recall_list_bytes(found)), text)


def _rows(text: str) -> str:
    try:
        rows_of(text)
    except ValueError:
        raise ArgumentTypeError(
            "it must be PACKAGE, PACKAGE:ROW or PACKAGE:FIRST-LAST, rows from 0"
        ) from None
    return text


def _criteria(parser: ArgumentParser) -> None:
    for each in fields(Criteria):
        name = f"--{each.name.replace('_', '-')}"
        if each.name == "items":
            parser.add_argument(
                "--items",
                nargs="*",
                type=_rows,
                default=[],
                help="PACKAGE, PACKAGE:ROW or PACKAGE:FIRST-LAST, rows from 0",
            )
        elif each.name != "recipient":  # which needs the answers, and a bundle has none
            parser.add_argument(name, default="", help="as 'narrowgate recall find' takes it")
    parser.set_defaults(recipient="")


def _check_trace(source: Source, options: Namespace) -> Result:
    key = log_key(source.log, source.vkey)
    found = checked(read_bytes(options.file, ProofError), key, str(options.file))
    return Result(trace_document(found), "\n".join(checked_lines(found)))


def _file(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="what 'trace --json' wrote; SOURCE gives the log's key only")


def _subject(source: Source, options: Namespace) -> Result:
    papers = Papers(options.openings, options.delays, options.index)
    account = account_of(source, read_tin(options.tin), papers, available_processes())
    if options.html:
        write_report(options.html, account_page(account), [source.path, options.tin, options.openings])
    return Result(subject_words.document(account), "\n".join(subject_words.lines(account)))


def _papers(parser: ArgumentParser) -> None:
    parser.add_argument("--tin", type=Path, required=True, help="file that holds the person's number alone")
    parser.add_argument("--openings", type=Path, required=True, help="rows and outcomes that were opened")
    parser.add_argument("--delays", type=Path, help="the list of delayed accounts, where one is in force")
    parser.add_argument("--index", type=Path, help="where leaves lie; made if missing")
    _html(parser)


def _accounting(source: Source, options: Namespace) -> Result:
    openings, published = tuple(options.openings), tuple(options.published)
    wanted = Wanted(openings, options.threshold, options.through, published, options.full)
    publication, force = account(source, wanted, available_processes())
    inputs = [source.path, *openings, *published]
    if options.html:
        write_report(options.html, accounting_page(publication, force), inputs)
    if options.csv:
        write_report(
            options.csv, accounting_rows(publication), [*inputs, *([options.html] if options.html else [])]
        )
    return Result(publication.as_dict(), accounting_words(publication))


def _counted(parser: ArgumentParser) -> None:
    parser.add_argument("--openings", type=Path, nargs="*", default=[], help="what the custodian opened")
    parser.add_argument("--threshold", type=_least, default=THRESHOLD, help="the least number that is told")
    parser.add_argument("--through", type=_month, default="", help="the last month that is counted: 2027-01")
    parser.add_argument(
        "--published", type=Path, nargs="*", default=[], help="reports published before (JSON)"
    )
    parser.add_argument("--full", action="store_true", help="withhold nothing: for the inspector alone")
    parser.add_argument("--csv", type=Path, help="write every number as a row of a CSV")
    _html(parser)


def _least(text: str) -> int:
    number = int(text)
    if not 2 <= number <= 10_000:
        raise ArgumentTypeError("must be from 2 to 10,000")
    return number


def _month(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])", text):
        raise ArgumentTypeError("must be a month such as 2027-01")
    return text


COMMANDS: Final[Mapping[str, Command]] = {
    "verify": Command(
        "compare everything with everything, and tell every reason against it", _verify, _earlier
    ),
    "holds": Command("list every hold, and prove that it was kept", _holds),
    "in-force": Command("say what was in force at a time", _in_force, _at),
    "trace": Command("follow a package or an item through the log", _trace, _item),
    "check-trace": Command("check a trace that somebody else made", _check_trace, _file),
    "subject": Command("make one person's own account of disclosures", _subject, _papers),
    "incidents": Command("list every incident, and whether it was reported in time", _incidents, _at),
    "recall-find": Command(
        "list the answers that were decided under something wrong", _recall_find, _criteria
    ),
    "accounting": Command("account for disclosures from entries and openings", _accounting, _counted),
    "conformance": Command("say what the log shows of each requirement", _conformance, _html),
}
"""Every command by name."""
