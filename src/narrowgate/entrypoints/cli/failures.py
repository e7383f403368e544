"""Every failure as its reader sees it: what happened, why, what to do next; or one JSON object; and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import asdict, dataclass
from typing import Final, NoReturn

import click

from narrowgate.core.base.errors import NarrowgateError, OperationalError, UsageError
from narrowgate.core.base.shown import visible
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.entrypoints.output import Tone, coloured, manner

PROGRAM: Final = "narrowgate"
"""The name of the command."""

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C or a request to end: 128 and the number of SIGINT, as shells count."""

READER_GONE: Final = 141
"""Exit code when the reader of stdout has gone: 128 and the number of SIGPIPE, as shells count."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure, ready to be told; its fields are the JSON object of ``--json``.

    Args:
        id: the problem's id, as in ``narrowgate docs errors``.
        what: what happened.
        why: the reason; may be empty.
        next_step: what the reader can do.
        exit_code: what the process ends with.
        rule: id of the rule concerned; empty when no rule is.
        where: file and line; empty when there is none.
    """

    id: str
    what: str
    why: str
    next_step: str
    exit_code: int
    rule: str = ""
    where: str = ""

    @classmethod
    def of(cls, error: NarrowgateError) -> Failure:
        """The failure that one of our errors is."""
        return cls(
            error.problem, error.what, error.why, error.next_step, error.exit_code, error.rule, error.where
        )

    def text(self) -> str:
        """What a person reads."""
        place = f"{self.where}: " if self.where else ""
        rule = f", rule {self.rule}" if self.rule else ""
        told = [f"{place}{self.what}", self.why, self.next_step, f"({self.id}{rule})"]
        lines = (line.strip() for part in told for line in visible(part).split("\n"))
        return "\n  ".join(line for line in lines if line)


INTERRUPTION: Final = Failure(
    "interrupted", "Interrupted.", "Nothing half-done stays.", "Run the same command again.", INTERRUPTED
)
OUT_OF_MEMORY: Final = Failure(
    "memory",
    "Not enough memory.",
    "Nothing was released.",
    "Free some memory, or use fewer workers, and run the same command again.",
    OperationalError.exit_code,
)
UNANSWERED: Final = Failure(
    "usage",
    "The input ended before a question was answered.",
    "Nothing was done.",
    "Run the command in a terminal, or give the answer as an option.",
    UsageError.exit_code,
)


def usage(error: click.ClickException) -> Failure:
    """A call that the command does not offer."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    step = f"'{command} -h' says what can be given."
    return Failure("usage", error.format_message(), "", step, error.exit_code)


def system(error: OSError) -> Failure:
    """What the operating system refused, where no command said more about it."""
    name = error.filename if isinstance(error.filename, str) else ""
    return Failure.of(refused_by_system(error, "The system refused.", where=name))


def unknown(error: Exception) -> Failure:
    """Type and place only: the text of an unknown error may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    shown = frames if manner().verbose else frames[-1:]
    places = " < ".join(map(_place, reversed(shown)))
    return Failure(
        "internal",
        f"Internal error ({type(error).__name__} at {places}).",
        "Nothing was released.",
        "Please report it, with the command and this line.",
        OperationalError.exit_code,
    )


def _place(frame: traceback.FrameSummary) -> str:
    """The module and the line; the whole path would name the machine's directories."""
    return f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 - a name, not a path


def stop(failure: Failure, cause: BaseException | None = None) -> NoReturn:
    """Tell of a failure and end the process with its code.

    Args:
        failure: what to tell.
        cause: with ``--verbose``, the places it came through are told, and never a text of it.
    """
    if sys.stderr is not None:
        _tell(failure, cause)
    sys.exit(failure.exit_code)


def _tell(failure: Failure, cause: BaseException | None) -> None:
    if manner().json:
        import orjson  # noqa: PLC0415 - help and completion do not wait for it

        click.echo(orjson.dumps(asdict(failure)).decode(), err=True)
        return
    head, _, rest = failure.text().partition("\n")
    head = f"{PROGRAM}: {coloured(head, Tone.BAD, sys.stderr)}"
    click.echo("\n".join([head, rest]) if rest else head, err=True)
    if manner().verbose and cause is not None:
        click.echo("\n".join(_places(cause)), err=True)


def _places(cause: BaseException | None) -> list[str]:
    """Types and places of a failure and of what brought it about."""
    lines = []
    while cause is not None:
        kind = type(cause).__name__
        lines += [f"  {kind} at {_place(frame)}" for frame in traceback.extract_tb(cause.__traceback__)[-3:]]
        cause = cause.__cause__
    return lines
