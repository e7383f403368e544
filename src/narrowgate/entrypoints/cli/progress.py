"""How far the work is: bars on a terminal, lines where bars cannot be drawn or with ``--verbose``, else nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import click

from narrowgate.entrypoints.output import manner

if TYPE_CHECKING:
    from rich.progress import Progress

Report = Callable[[str, int, int | None], None]
"""Told the name of what is running, how many units are done, and how many there are (None: unknown)."""

WIDE: Final = 90
"""Columns that a bar with count, rate, time taken and time left needs."""

_PLAIN_TERMINALS: Final = {"dumb", "unknown"}


@contextmanager
def progress() -> Iterator[Report]:
    """A progress bar per stage on a terminal, fitted to its width; silence where nobody looks."""
    how = manner()
    # Asked of the stream itself: FORCE_COLOR makes rich take every stream for a terminal.
    looked_at = sys.stderr is not None and sys.stderr.isatty() and not how.quiet
    if looked_at and os.environ.get("TERM") not in _PLAIN_TERMINALS:
        with _bars() as bars:
            tasks: dict[str, Any] = {}

            def report(stage: str, done: int, total: int | None) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=total)
                bars.update(tasks[stage], completed=done, total=total)

            yield report
    elif (looked_at or how.verbose) and not how.quiet and not how.json:
        lines = _Lines()
        yield lines.report
        lines.end()
    else:
        yield _silent


class _Lines:
    """One line for each stage when it is done: what it was, how many units, how many seconds."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[float, int]] = {}
        self._told: set[str] = set()

    def report(self, stage: str, done: int, total: int | None) -> None:
        """Take a report; tell of a stage whose units are all done."""
        began, _ = self._running.get(stage, (monotonic(), 0))
        self._running[stage] = (began, done)
        if done == total:
            self._tell(stage)

    def end(self) -> None:
        """Tell of the stages that never said how many units they have."""
        for stage in list(self._running):
            self._tell(stage)

    def _tell(self, stage: str) -> None:
        if stage not in self._told:
            self._told.add(stage)
            began, done = self._running[stage]
            count = f"{done:,}, " if done else ""
            click.echo(f"{stage}: {count}{monotonic() - began:.1f} s", err=True)


def _bars() -> Progress:
    """Bars that fit the terminal: on a narrow one the share that is done and the time."""
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that only a long command spends
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text  # noqa: PLC0415

    class RateColumn(ProgressColumn):
        """Units per second, once there is a rate."""

        def render(self, task: Task) -> Text:
            """The rate of one bar."""
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    console = Console(stderr=True, highlight=False)
    columns: tuple[ProgressColumn, ...] = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    if console.width < WIDE:
        columns = (TextColumn("{task.description}"), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=False)


def _silent(stage: str, done: int, total: int | None) -> None:
    """Take a report and show nothing."""
