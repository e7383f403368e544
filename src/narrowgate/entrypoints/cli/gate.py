"""``narrowgate gate``: decide one package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, Report, progress
from narrowgate.entrypoints.settings import ENGINES, read_settings
from narrowgate.gate.run import run_package


@click.group(cls=LateGroup, epilog="narrowgate gate run package --config gate.toml")
def gate() -> None:
    """Run the gate (custodian)."""


class StepProgress:
    """Shows which of the thirteen steps is running (``gate.run.Progress``)."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._step = 0

    def begin(self, step: str) -> None:
        """Show the step's number."""
        self._step = int(step.split(maxsplit=1)[0])
        self._report("step", self._step, 12)

    def advance(self, done: int, total: int) -> None:
        """Show how many items the step is done with."""
        self._report(f"items of step {self._step}", done, total)


@gate.command(cls=ExampleCommand, epilog="narrowgate gate run package --config gate.toml")
@click.argument("directory", metavar="PACKAGE", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@click.option("--engine", type=click.Choice(ENGINES), help="Where the index is probed; else gate.toml's.")
@click.option("--master", help="Spark master, with --engine spark; else gate.toml's.")
def run(directory: Path, config: Path, engine: str | None, master: str | None) -> None:
    """Take one signed package through the thirteen steps; the receipt goes to stdout.

    The receipt holds counts and refusals only. The answers lie sealed in the answers directory. The same package
    again gives the same receipt. Exit code 11: refused whole. Exit code 12: malformed, changed or wrongly signed.
    """
    settings = read_settings(config)
    settings = replace(settings, engine=engine or settings.engine, master=master or settings.master)
    with opened_gate(settings, SystemClock()) as opened, progress() as report:
        receipt = run_package(opened, PackageDirectory(directory), StepProgress(report))
    click.echo(receipt.decode())
