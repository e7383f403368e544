"""``narrowgate assure``: the promises, tried on the machine of whoever must believe them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Final

import click
import orjson

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.durable_files import write_durably
from narrowgate.core.base.errors import IndeterminateError, NarrowgateError, PromiseBrokenError
from narrowgate.entrypoints.assure.check import FULL, QUICK, Tried
from narrowgate.entrypoints.assure.report import Run, as_json, as_page
from narrowgate.entrypoints.assure.suite import CHECKS, NAMES, Result
from narrowgate.entrypoints.assure.suite import assure as run_checks
from narrowgate.entrypoints.cli import failures
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, progress, warn
from narrowgate.entrypoints.cli.inputs import SEED, UTCTime
from narrowgate.entrypoints.output import diverted
from narrowgate.entrypoints.sandbox.directory import new_world

_names = click.Choice(NAMES)
_YEARS: Final = range(2019, 2100)
"""Of a world: its paperwork has dates of the agreement's years."""
_KEPT: Final = "What was tried before is kept in {}/assurance.html."


@click.command(cls=ExampleCommand, epilog="narrowgate assure --dir assurance --quick")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default="narrowgate-assurance",
    show_default=True,
    help="A new directory for the report.",
)
@click.option(
    "--quick/--full",
    "is_quick",
    default=True,
    help="Under two minutes (default), or a night.",
)
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    help="Begin no further check after so many hours; those left out are named. No limit by default.",
)
@click.option("--check", "checks", type=_names, multiple=True, help="Only this one; may be repeated.")
@click.option("--plant", type=_names, multiple=True, help="Plant the fault that this check must find.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Another seed, another world.")
@click.option(
    "--at",
    type=UTCTime(_YEARS),
    help="UTC time in the world, such as 2026-11-27T12:00:00Z; now by default. A report names it.",
)
def assure(
    directory: Path,
    is_quick: bool,
    hours: float | None,
    checks: tuple[str, ...],
    plant: tuple[str, ...],
    seed: int,
    at: datetime | None,
) -> None:
    """Try to break every promise of the gate on a synthetic world with real parts, and write a report.

    Needs no network and no data. The report is written anew after each check, so that a run which is ended early keeps
    what it found. Exit code 18: a promise did not hold; the report says which, and how it was broken. Exit code 17: the
    hours were over before every check had begun. A check that cannot fail proves nothing: --plant puts a fault into the
    gate that the check must find.
    """
    names = checks or NAMES
    if unused := set(plant) - set(names):
        raise click.UsageError(
            f"A fault is planted for a check that does not run: {', '.join(sorted(unused))}."
        )
    run = Run(
        not is_quick, QUICK if is_quick else FULL, seed, at or SystemClock().now(), hours, checks, plant
    )
    with new_world(directory):
        pass
    wanted = {name: name in plant for name in names}
    results = {
        check.name: Result(check, wanted[check.name], Tried(0), 0.0, is_begun=False)
        for check in CHECKS
        if check.name in wanted
    }
    seconds = inf if hours is None else hours * 3600
    _write(directory, list(results.values()), run)
    try:
        with progress() as report, diverted(lambda _: None):
            for result in run_checks(directory / "world", run.size, wanted, seed, run.now, report, seconds):
                results[result.check.name] = result
                _write(directory, list(results.values()), run)
    except KeyboardInterrupt:
        if not _keeps_what_was_tried(directory, list(results.values())):
            raise
        failures.stop(
            replace(failures.INTERRUPTION, why=_KEPT.format(directory), next_step="Name another directory.")
        )
    except (NarrowgateError, OSError):
        if _keeps_what_was_tried(directory, list(results.values())):
            warn(f"{_KEPT.format(directory)} Name another directory to run it again.")
        raise
    came = list(results.values())
    if plant:
        warn("Faults were planted: this run shows that checks can fail, and nothing else.")
    answer(as_json(came, run), _text(came, directory))
    _require_held(came, plant, directory)


def _keeps_what_was_tried(directory: Path, results: list[Result]) -> bool:
    """Whether the report is kept; where nothing was tried yet it goes, and the same command can be run again."""
    if any(result.is_begun for result in results):
        return True
    for path in directory.glob("assurance.*"):
        path.unlink()
    return False


def _write(directory: Path, results: list[Result], run: Run) -> None:
    """The report as far as it is; checks that have not begun are told as not tried.

    Raises:
        OperationalError: the disk refused.
    """
    told = orjson.dumps(as_json(results, run), option=orjson.OPT_INDENT_2)
    write_durably(directory / "assurance.json", told + b"\n")
    write_durably(directory / "assurance.html", as_page(results, run))


def _require_held(results: list[Result], plant: tuple[str, ...], directory: Path) -> None:
    """Nothing broke, and nothing was left out.

    Raises:
        PromiseBrokenError: a promise did not hold.
        IndeterminateError: the hours were over before every check had begun.
    """
    where = str(directory / "assurance.html")
    if broken := [result.check.name for result in results if result.is_broken]:
        raise PromiseBrokenError(
            f"Not held: {', '.join(broken)}.",
            why="A fault was planted for it."
            if set(broken) <= set(plant)
            else "See the examples in the report.",
            next_step="Read the report; where no fault was planted, do not run the gate, and report it (SECURITY.md).",
            where=where,
        )
    if missing := [result.check.name for result in results if not result.is_begun]:
        raise IndeterminateError(
            f"Not tried: {', '.join(missing)}.",
            why="The hours were over before these checks had begun; the others held.",
            next_step="Try these alone with --check, or give more --hours.",
            where=where,
        )


def _text(results: list[Result], directory: Path) -> str:
    lines = [
        f"{result.check.name:<12} {result.verdict:<9} {result.tried.tried:>8,} tried  {result.seconds:>6.1f} s"
        for result in results
    ]
    held = sum(result.tried.held for result in results)
    lines += [
        "",
        f"{held} of {len(results)} promises held.",
        f"Report  {directory}/assurance.html, {directory}/assurance.json",
    ]
    return "\n".join(lines)
