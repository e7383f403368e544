"""The verifier of a bundle as a program of its own: Python and nothing else, and no network."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from narrowgate.core.base.errors import ConfigurationError, NarrowgateError
from narrowgate.core.log.note import MAX_NOTE_BYTES
from narrowgate.verify.commands import COMMANDS, Result
from narrowgate.verify.files import read_text
from narrowgate.verify.source import find_source

PROGRAM = "narrowgate-verifier"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0, or that of the error it ended with.

    Args:
        arguments: of the command line; this process's own where none are given.
    """
    options = _parser().parse_args(arguments)
    try:
        source = find_source(options.source, _key(options.key))
        result = COMMANDS[options.command].run(source, options)
    except NarrowgateError as error:
        return _fail(error, options)
    _tell(result, options)
    return _fail(result.failure, options) if result.failure else 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(PROGRAM, description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        below = commands.add_parser(name, help=command.summary, description=command.summary)
        below.add_argument("source", type=Path, metavar="SOURCE", help="a bundle, a world or a log directory")
        command.options(below)
        below.add_argument("--key", type=Path, help="the log's published key; else SOURCE's own")
        below.add_argument("--json", action="store_true", help="results as JSON")
    return parser


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return read_text(path, most=MAX_NOTE_BYTES).strip()
    except NarrowgateError as error:
        raise ConfigurationError(
            "The log's key cannot be read.",
            why=error.what,
            next_step="Name the log.vkey that the custodian published.",
            where=str(path),
        ) from error


def _tell(result: Result, options: Namespace) -> None:
    text = json.dumps(result.document, indent=2, ensure_ascii=False) if options.json else result.text
    sys.stdout.write(f"{text}\n")


def _fail(error: NarrowgateError, options: Namespace) -> int:
    told = {
        "id": error.problem,
        "what": error.what,
        "why": error.why,
        "next_step": error.next_step,
        "exit_code": error.exit_code,
        "rule": error.rule,
        "where": error.where,
    }
    sys.stdout.flush()
    sys.stderr.write(f"{json.dumps(told)}\n" if options.json else f"{PROGRAM}: {error} [{error.problem}]\n")
    return error.exit_code
