"""``narrowgate drill``: the August of 2025 on a demo world."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, as_called, progress
from narrowgate.entrypoints.cli.inputs import SEED
from narrowgate.entrypoints.drill.august_file import ITEMS_2025
from narrowgate.entrypoints.drill.run import SUMMARY, Stage, play
from narrowgate.entrypoints.output import manner
from narrowgate.entrypoints.sandbox.directory import new_world


@click.command(cls=ExampleCommand, epilog="narrowgate drill --dir drill --items 2000")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A new directory.",
)
@click.option(
    "--items",
    type=click.IntRange(2),
    default=ITEMS_2025,
    show_default=True,
    help="Items of the file; a smaller file has as much smaller quotas.",
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Another seed, another file.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: all cores.")
def drill(directory: Path, items: int, seed: int, workers: int | None) -> None:
    """Play the August of 2025 on a demo world: the file refused whole, a wrong answer found and recalled.

    Act one hands over the whole file, then decides it item by item with the quotas lifted and compares every outcome
    with the truth. Act two plants one wrong answer through a matcher broken on purpose, stops it, finds it in the log
    and calls it back, beside the clock of 2025. Nobody in it is real; the gates are those of an agency, with throw-away
    keys. DIR/summary.json has every count of act one and is the same for the same seed; DIR/measures.json has seconds
    and memory; DIR/report.html is for reading and for paper. Exit code 1: an item was confirmed that must not be.
    """
    with new_world(directory) as home, progress() as report:
        stage = Stage(home, SystemClock(), SystemEntropy(), workers or _workers(), _say, report)
        played = play(stage, items, seed)
    answer(played.as_json(), _ending(directory))
    if wrong := played.one.tally.wrong:
        raise OperationalError(
            f"{len(wrong):,} items are confirmed that must not be.",
            why="The drill compares every outcome with what is true of its item.",
            next_step=REPORT_IT,
            where=str(directory / SUMMARY),
        )


def _say(text: str) -> None:
    if not manner().json:
        click.echo(f"{text}\n")


def _ending(directory: Path) -> str:
    program, home = as_called(), quote(str(directory))
    return "\n".join(
        [
            f"Files  {directory}/  report.html, conformance.html, trace.html, summary.json, bundle/, gate/, exercise/",
            "",
            "Try next",
            f"  {program} inspector verify {home}/bundle --key {home}/gate/log/log.vkey",
            f"  {program} inspector conformance {home}/bundle --key {home}/gate/log/log.vkey",
            f"  {program} recall status {home}/gate",
        ]
    )


def _workers() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
