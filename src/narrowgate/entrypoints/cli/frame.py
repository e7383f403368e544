"""What every command shares: late loading, errors with exit codes, output and progress."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from narrowgate.core.base.errors import NarrowgateError, OperationalError, UsageError

PROGRAM = "narrowgate"
"""The name of the command."""

INTERRUPTED = 130
"""Exit code after Ctrl-C or a request to end: 128 and the number of SIGINT, as shells count."""

stderr = Console(stderr=True, highlight=False)
"""Messages and progress; data never goes here."""

Report = Callable[[str, int, int | None], None]
"""Told the name of what is running, how many units are done, and how many there are (None: unknown)."""


class _RateColumn(ProgressColumn):
    """Units per second, once there is a rate."""

    def render(self, task: Task) -> Text:
        """The rate of one bar."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class ExampleCommand(click.Command):
    """A command whose help begins with an example (its ``epilog``)."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Example first, then usage, text and options."""
        _write_example(self.epilog, formatter)
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)


class LateGroup(click.Group):
    """A group whose commands are imported when they are called, so that ``--help`` is quick."""

    command_class = ExampleCommand

    def __init__(self, *args: Any, late: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._late = late or {}

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

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Example first, then usage, text and commands."""
        _write_example(self.epilog, formatter)
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)


def _write_example(example: str | None, formatter: click.HelpFormatter) -> None:
    if example:
        formatter.write("Example:\n")
        for line in example.strip().splitlines():
            formatter.write(f"  {line.strip()}\n")
        formatter.write("\n")


def run(command: click.Command) -> None:
    """Run the command line to its exit code; every failure ends in one message and a code of the table.

    Usage lines and shell completion name the command ``narrowgate`` however Python was started.
    """
    try:
        code = command.main(prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _stop("Interrupted. Run the same command again.", INTERRUPTED)
    except click.ClickException as error:
        error.show(sys.stderr)
        sys.exit(error.exit_code)
    except NarrowgateError as error:
        _stop(_sentence(error), error.exit_code)
    except BrokenPipeError:
        # The reader of stdout has gone: nothing is left to say, and Python must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        name = f"{error.filename}: " if isinstance(error.filename, str) else ""
        _stop(f"{name}{error.strerror or 'the system reported an error'}.", OperationalError.exit_code)
    except MemoryError:
        _stop("Not enough memory. Nothing was released.", OperationalError.exit_code)
    except Exception as error:  # noqa: BLE001 - the last line: an unknown error is reported without its text
        _stop(_internal(error), OperationalError.exit_code)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: NarrowgateError) -> str:
    lines = [part for part in (error.why, error.next_step) if part]
    head = f"{error.where + ': ' if error.where else ''}{error.what}"
    return "\n  ".join([head, *lines, f"({error.problem}{', rule ' + error.rule if error.rule else ''})"])


def _internal(error: Exception) -> str:
    """Type and place only: the text of an unknown error may hold a person's data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 - a name, not a path
    return f"Internal error ({type(error).__name__} at {place}). Nothing was released; please report it."


def _stop(message: str, code: int) -> None:
    click.echo(f"{PROGRAM}: {message}", err=True)
    sys.exit(code)


def as_called() -> str:
    """How the reader called the program, as a shell takes it: right after ``make install`` it is not on the path."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{quote(sys.executable)} -m {PROGRAM}"
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


def emit_json(value: object) -> None:
    """Write one JSON object and a line feed to stdout."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


@contextmanager
def progress() -> Iterator[Report]:
    """A progress bar per stage on a terminal; silence where nobody looks."""
    # Asked of the stream itself: FORCE_COLOR makes rich take every stream for a terminal.
    if not sys.stderr.isatty():
        yield _silent
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr, transient=False) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


def _silent(stage: str, done: int, total: int | None) -> None:
    """Take a report and show nothing."""
