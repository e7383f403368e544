"""``narrowgate gate``: decide one package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.hidden_memory import hide_memory
from narrowgate.core.base.errors import NothingToProcessError
from narrowgate.entrypoints.bootstrap import opened_gate
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, Report, done, progress
from narrowgate.entrypoints.cli.observing import observe_options
from narrowgate.entrypoints.observability.gate_look import gate_look
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.observation import Observation, Observing, observing
from narrowgate.entrypoints.settings import ENGINES, read_settings
from narrowgate.entrypoints.worker import Worker, until_signalled
from narrowgate.gate.release import release_due
from narrowgate.gate.run import Gate, require_not_stopped, run_package

_ROOM = "narrowgate.entrypoints.cli"


@click.group(
    cls=LateGroup,
    late={
        "replay": f"{_ROOM}.gate_replay:replay_command",
        "retention": f"{_ROOM}.gate_retention:retention",
    },
    epilog="narrowgate gate run package --config gate.toml",
)
def gate() -> None:
    """Run the gate (custodian)."""


_config = click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)


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
@_config
@click.option("--engine", type=click.Choice(ENGINES), help="Where the index is probed; else gate.toml's.")
@click.option("--master", help="Spark master, with --engine spark; else gate.toml's.")
def run(directory: Path, config: Path, engine: str | None, master: str | None) -> None:
    """Take one signed package through the thirteen steps; the receipt goes to stdout.

    The receipt holds counts and refusals only, and the slot at which the answers leave: 'narrowgate release run' puts
    them into the answers directory then. Where the agreement says "at once" they are there when this command ends. The
    same package again gives the same receipt. Exit code 11: refused whole. Exit code 12: malformed, changed or wrongly
    signed. Exit code 15: suspended by a hold.
    """
    settings = read_settings(config)
    settings = replace(settings, engine=engine or settings.engine, master=master or settings.master)
    with opened_gate(settings, SystemClock()) as opened, progress() as report:
        receipt = run_package(opened, PackageDirectory(directory), StepProgress(report))
    click.echo(receipt.decode())


@gate.command(cls=ExampleCommand, epilog="narrowgate gate resume --config gate.toml")
@_config
def resume(config: Path) -> None:
    """Finish the package that was begun and cut off or suspended, from the gate's own copy; the receipt goes to stdout.

    What was handed over is not needed any more. Exit code 3: no package is in progress. Exit code 15: it is suspended.
    """
    with opened_gate(read_settings(config), SystemClock()) as opened, progress() as report:
        begun = opened.state.package_in_progress()
        if begun is None:
            receipts = _released(opened)
        else:
            kept = opened.vault.kept(begun.manifest_sha256, opened.open_keys().commitment)
            receipts = [run_package(opened, kept, StepProgress(report))]
    for receipt in receipts:
        click.echo(receipt.decode())


@gate.command(cls=ExampleCommand, epilog="narrowgate gate work --config gate.toml")
@_config
@click.option("--once", is_flag=True, help="Decide what waits now, and end.")
@observe_options
def work(config: Path, once: bool, journal: bool, observe: str | None) -> None:
    """Decide the packages that the intake has taken in, one after the other as they arrived, until terminated.

    Killed and started again it goes on where it was. One works at a time, on one machine or, with the state on
    PostgreSQL, on several: the others wait to take its place. How far it is stands in the file that gate.toml names as
    'progress'. Exit code 3, with --once: nothing waits. Exit code 15, with --once: a hold stops the package begun.
    """
    settings, clock = read_settings(config), SystemClock()
    with observing(Service.GATE, Observing(journal, observe), clock) as observation:
        kept = observation.journal if journal else None
        if once:
            _work_once(Worker(settings, clock, lambda _: False, kept), observation)
            return
        hide_memory()
        with until_signalled() as ended:
            worker = Worker(settings, clock, ended, kept)
            observation.is_alive = worker.pulse.is_alive
            with observation.given(gate_look(settings, works=True)):
                worker.run()


def _work_once(worker: Worker, observation: Observation) -> None:
    with observation.given(()):
        worked = worker.run_once()
    if not worked:
        raise NothingToProcessError(
            "No package waits.", next_step="Nothing is to be done; the intake puts new ones into the queue."
        )
    for one in worked:
        done({"package": one.package_id, "ending": one.ending}, f"{one.package_id}: {one.ending}.")


def _released(opened: Gate) -> list[bytes]:
    """The receipts of packages whose answers left only now, because a run was cut off or held before their release."""
    events = release_due(opened.release_desk())
    if not events:
        raise NothingToProcessError(
            "No package is in progress.",
            next_step="Nothing is to be done; a new package is decided by 'narrowgate gate run'.",
        )
    for event in events:
        require_not_stopped(event.release.package_id, events)
    stored = [opened.state.stored_receipt(event.release.package_id) for event in events]
    return [found.receipt for found in stored if found is not None]
