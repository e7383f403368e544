"""How every command speaks: answers to stdout; notes, warnings and failures to stderr, as its reader wants them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TextIO

import click

from narrowgate.core.base.shown import visible


class Tone(StrEnum):
    """What a colour says; without colour the words say it alone."""

    GOOD = "green"
    DOUBTFUL = "yellow"
    BAD = "red"


@dataclass(frozen=True, slots=True)
class Manner:
    """How one run of the command speaks.

    Args:
        json: answers are JSON on stdout, and a failure is one JSON object on stderr.
        quiet: no notes and no progress; warnings and failures are told all the same.
        verbose: also each stage with its count and seconds, and where in the program a failure arose.
    """

    json: bool = False
    quiet: bool = False
    verbose: bool = False


class _Speech:
    """The manner of the run that is going on: a process runs one command at a time."""

    manner = Manner()
    diverted: Callable[[str], None] | None = None


JSON_FLAG: Final = "--json"
QUIET_FLAGS: Final = ("-q", "--quiet")
VERBOSE_FLAGS: Final = ("-v", "--verbose")


def begin(arguments: Sequence[str]) -> None:
    """Take the manner from a command line as it was typed: a call with a fault in it is answered in it, too."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    _Speech.manner = Manner(
        json=JSON_FLAG in options,
        quiet=any(flag in options for flag in QUIET_FLAGS),
        verbose=any(flag in options for flag in VERBOSE_FLAGS),
    )


def manner() -> Manner:
    """How the run that is going on speaks."""
    return _Speech.manner


def answer(value: object, text: str) -> None:
    """Write what a command was called for: ``value`` as one JSON object with ``--json``, else ``text``, if any."""
    if manner().json:
        emit_json(value)
    elif text:
        click.echo(text)


def done(value: object, text: str) -> None:
    """Tell that something was done that has no result: ``value`` on stdout with ``--json``, else ``text`` as a note."""
    if manner().json:
        emit_json(value)
    else:
        note(text)


def emit_json(value: object) -> None:
    """Write one JSON object and a line feed to stdout."""
    import orjson  # noqa: PLC0415 - help and completion do not wait for it

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def note(text: str) -> None:
    """Tell the reader something beside the answer; left out with ``--quiet``, and with ``--json`` unless verbose."""
    how = manner()
    if _Speech.diverted is not None:
        return
    if how.quiet or (how.json and not how.verbose):
        return
    _aside("note", text, None)


def warn(text: str, code: str = "warning") -> None:
    """Tell the reader something that must not be missed; with ``--json`` as an object of its own on stderr.

    Args:
        text: for a person.
        code: what a journal has instead, which takes no text.
    """
    if _Speech.diverted is not None:
        _Speech.diverted(code)
        return
    _aside("warning", text, Tone.DOUBTFUL)


@contextmanager
def diverted(take: Callable[[str], None]) -> Iterator[None]:
    """Within the block no text goes to stderr: notes are left out, and of warnings ``take`` gets the code."""
    before, _Speech.diverted = _Speech.diverted, take
    try:
        yield
    finally:
        _Speech.diverted = before


def _aside(kind: str, text: str, tone: Tone | None) -> None:
    if manner().json:
        import orjson  # noqa: PLC0415 - help and completion do not wait for it

        click.echo(orjson.dumps({"id": kind, "what": text.strip()}).decode(), err=True)
    else:
        shown = visible(text)
        click.echo(coloured(shown, tone, sys.stderr) if tone else shown, err=True)


def coloured(text: str, tone: Tone, stream: TextIO | Any | None = None) -> str:
    """The text in the colour of its tone, where ``stream`` (stdout if none is given) is a terminal that has colours.

    Source: https://no-color.org for ``NO_COLOR``.
    """
    return click.style(text, fg=tone.value) if has_colours(sys.stdout if stream is None else stream) else text


def has_colours(stream: TextIO | Any) -> bool:
    """Whether a stream is a terminal, one with colours, and its user has not switched them off."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream is not None and stream.isatty()
