"""What every command shares: late loading, the options that each has, and one way from failures to exit codes."""

from __future__ import annotations

import importlib
import io
import os
import select
import sys
from pathlib import Path
from shlex import quote
from typing import Any, NoReturn

import click

from narrowgate.core.base.errors import NarrowgateError, UsageError
from narrowgate.core.base.shown import visible
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.entrypoints import output
from narrowgate.entrypoints.cli import failures
from narrowgate.entrypoints.cli.failures import PROGRAM
from narrowgate.entrypoints.cli.progress import Report, progress
from narrowgate.entrypoints.output import (
    JSON_FLAG,
    QUIET_FLAGS,
    VERBOSE_FLAGS,
    answer,
    done,
    emit_json,
    note,
    warn,
)

__all__ = [
    "PROGRAM",
    "ExampleCommand",
    "LateGroup",
    "Report",
    "answer",
    "as_called",
    "done",
    "emit_json",
    "note",
    "progress",
    "run",
    "warn",
    "write_new",
]


def _flag(*names: str, text: str) -> click.Option:
    """An option of every command; ``output.begin`` has read it before the command is found."""
    return click.Option(names, is_flag=True, expose_value=False, help=text)


class ExampleCommand(click.Command):
    """A command whose help begins with an example (its ``epilog``), with the options that every command has.

    ``--json`` is among them: a command writes its results by ``output.answer``, or declares a ``--json`` of its own
    where its help has more to say.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any(JSON_FLAG in param.opts for param in self.params):
            self.params.append(
                _flag(JSON_FLAG, text="Results as JSON on stdout, a failure as JSON on stderr.")
            )
        self.params.append(_flag(*QUIET_FLAGS, text="No notes and no progress."))
        self.params.append(_flag(*VERBOSE_FLAGS, text="Each stage with its seconds; where a failure arose."))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Example first, then usage, text and options."""
        _write_example(self.epilog, formatter)
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)


class _ReaderGoneError(Exception):
    """The reader of stdout has gone; not an OSError, of which click would make exit code 1."""


_MARGIN = 6
"""Columns that click leaves beside names and summaries."""

_SUMMARY_LINES = 3
"""A summary is the first sentence of a command's help: whole sentences take up to three lines."""


class LateGroup(click.Group):
    """A group whose commands are imported when they are called, so that ``--help`` is quick."""

    command_class = ExampleCommand

    def __init__(
        self,
        *args: Any,
        late: dict[str, str] | None = None,
        summaries: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._late = late or {}
        self._summaries = summaries or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, loaded or not."""
        return sorted({*super().list_commands(ctx), *self._late})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now if need be."""
        if cmd_name in self._late:
            module, attribute = self._late[cmd_name].split(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and summaries; a command whose summary is known is not imported for it."""
        names = self.list_commands(ctx)
        limit = _SUMMARY_LINES * (formatter.width - _MARGIN - max(map(len, names), default=0))
        rows = [(name, self.described(ctx, name).get_short_help_str(limit)) for name in names]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def described(self, ctx: click.Context, name: str) -> click.Command:
        """A command that has the summary of the command of that name, not imported where it is known."""
        summary = self._summaries.get(name)
        if summary:
            return click.Command(name, help=summary)
        return self.get_command(ctx, name) or click.Command(name)

    def invoke(self, ctx: click.Context) -> Any:
        """The command's result; a pipe that broke inside the program is a failure, one behind stdout is not."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            if _reader_has_gone():
                raise _ReaderGoneError from error
            raise refused_by_system(
                error, "A process that this command started has ended too early."
            ) from error

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Example first, then usage, text and commands."""
        _write_example(self.epilog, formatter)
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)


def _reader_has_gone() -> bool:
    watched = select.poll()
    watched.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in watched.poll(0))


def _write_example(example: str | None, formatter: click.HelpFormatter) -> None:
    if example:
        formatter.write("Example:\n")
        for line in example.strip().splitlines():
            formatter.write(f"  {line.strip()}\n")
        formatter.write("\n")


def run(command: click.Command) -> NoReturn:
    """Run the command line to its exit code; every failure ends in one message and a code of the table.

    Usage lines and shell completion name the command ``narrowgate`` however Python was started.
    """
    output.begin(sys.argv[1:])
    try:
        code = command.main(prog_name=PROGRAM, standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        unanswered = isinstance(error.__cause__, EOFError)
        failures.stop(failures.UNANSWERED if unanswered else failures.INTERRUPTION)
    except click.ClickException as error:
        _misused(error)
    except NarrowgateError as error:
        failures.stop(failures.Failure.of(error), error)
    except (_ReaderGoneError, BrokenPipeError):
        # Nothing is left to say, and Python must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(failures.READER_GONE)
    except OSError as error:
        failures.stop(failures.system(error), error)
    except MemoryError:
        failures.stop(failures.OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - the last line: an unknown error is reported without its text
        failures.stop(failures.unknown(error))
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _misused(error: click.ClickException) -> NoReturn:
    """Show what click says of a call, with its usage line; one object with ``--json``."""
    if output.manner().json:
        failures.stop(failures.usage(error))
    shown = io.StringIO()
    error.show(shown)
    click.echo(visible(shown.getvalue()), err=True, nl=False)
    sys.exit(error.exit_code)


def as_called() -> str:
    """How the reader called the program, as a shell takes it: right after ``make install`` it is not on the path."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{quote(sys.executable)} -P -m {PROGRAM}"
    return quote(sys.argv[0]) if os.sep in sys.argv[0] else PROGRAM


def write_new(path: Path, data: bytes) -> None:
    """Write a new file for the reader of this machine alone (mode 0600); an existing one is never replaced.

    Raises:
        UsageError: the file exists.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError("The file exists already.", next_step="Name a new file.", where=str(path)) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
