"""``narrowgate release``: let answers leave at their slots, and say what waits."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.release_mark import write_release_mark
from narrowgate.adapters.time_zones import RULES_VERSION
from narrowgate.core.base.errors import InUseError, NarrowgateError, NothingToProcessError, OperationalError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.bootstrap import opened_release_desk
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, done, emit_json, warn
from narrowgate.entrypoints.cli.observing import journal_option
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import Event as Line
from narrowgate.entrypoints.observability.keys import Key, Service, Value, named
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.gate.ports import Clock, ReleaseStage
from narrowgate.gate.release import Event, ReleaseEvent, is_late, release_due

WATCH_SECONDS: Final = 1.0
"""How exactly ``release run --watch`` meets a slot."""

LOOK_ANEW: Final = timedelta(seconds=30)
"""After so long it asks again what waits; more often it would only be in a gate's way."""

Tell = Callable[[Sequence[ReleaseEvent]], None]


@click.group(cls=LateGroup, epilog="narrowgate release run --config gate.toml")
def release() -> None:
    """Release sealed answers at their slots (custodian)."""


_config = click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)


@release.command(cls=ExampleCommand, epilog="narrowgate release run --config gate.toml")
@_config
@click.option("--watch", is_flag=True, help="Go on until interrupted or terminated, waiting for each slot.")
@journal_option
def run(config: Path, watch: bool, journal: bool) -> None:
    """Put the answers in place whose slot has come, each by one rename, after its entry in the log.

    Run it by a timer every minute, or with --watch. What was not ready at its slot, or was held, takes the next slot,
    and the log says so. Answers past their expiry are taken away. A gate that is at work does the same by itself.
    Exit code 1: one could not be put in place. Exit code 3: nothing was due. Exit code 15: a hold stopped one.
    """
    settings, clock = read_settings(config), SystemClock()
    with observing(Service.RELEASE, Observing(journal), clock) as observation:
        tell = partial(_tell, observation.journal)
        if watch:
            _watch(settings, clock, tell)
        else:
            _run_once(settings, clock, tell)


def _run_once(settings: GateSettings, clock: Clock, tell: Tell) -> None:
    with opened_release_desk(settings, clock) as desk:
        events = release_due(desk)
    tell(events)
    _mark(settings, clock, events)
    if not events:
        raise NothingToProcessError(
            "No answers are due.", next_step="'narrowgate release status' says what waits for which slot."
        )
    for event in events:
        if event.reason is not None:
            raise event.reason


def _mark(settings: GateSettings, clock: Clock, events: Sequence[ReleaseEvent]) -> None:
    """Says that all that was due was seen to, by which a timer that no longer runs is noticed."""
    if not any(event.event is Event.FAILED for event in events):
        # Answers have left: that this could not be written fails nothing, and is noticed as a timer that stopped.
        with suppress(OperationalError):
            write_release_mark(settings.release_mark, clock.now())


def _watch(settings: GateSettings, clock: Clock, tell: Tell) -> None:
    """Looks at every slot and now and then, until a signal ends it; what one look meets, the next one tries again."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    told = ""
    due = clock.now()
    while not ended.wait(WATCH_SECONDS):
        if clock.now() < due:
            continue
        due = clock.now() + LOOK_ANEW
        try:
            with opened_release_desk(settings, clock) as desk:
                events = release_due(desk)
                due = min([due, *(one.slot for one in desk.state.releases(ReleaseStage.WAITING))])
            tell(events)
            _mark(settings, clock, events)
            told = ""
        except InUseError:
            due = clock.now()  # the gate at work releases what is due; it may end before it does
        except NarrowgateError as error:
            if error.what != told:
                warn(str(error), error.problem)
            told = error.what


def _tell(journal: Journal, events: Sequence[ReleaseEvent]) -> None:
    for event in events:
        known: dict[Key, Value] = {
            Key.PACKAGE: named(event.release.package_id),
            Key.OFFICE: event.release.office,
            Key.RELEASED: event.event,
            Key.SLOT: format_time(event.release.slot),
        }
        journal.write(Line.RELEASE, known | ({Key.PROBLEM: event.reason.problem} if event.reason else {}))
        slot = format_time(event.release.slot)
        text = {
            Event.RELEASED: f"released for the slot {slot}",
            Event.DELAYED: f"late; its next slot is {slot}",
            Event.SUSPENDED: f"suspended; its next slot is {slot}",
            Event.FAILED: f"not released for the slot {slot}",
            Event.EXPIRED: "expired; its answers are in place no more",
        }[event.event]
        package = event.release.package_id
        done({"package": package, "event": event.event, "slot": slot}, f"{package}: {text}.")


@release.command(cls=ExampleCommand, epilog="narrowgate release status --config gate.toml")
@_config
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def status(config: Path, as_json: bool) -> None:
    """Say which packages wait for which slot, and which are late. It shows nothing of their answers."""
    clock = SystemClock()
    with opened_release_desk(read_settings(config), clock) as desk:
        waiting = desk.state.releases(ReleaseStage.WAITING)
        released = len(desk.state.releases(ReleaseStage.RELEASED))
        holds = sorted(desk.state.holds())
    now = clock.now()
    rows = [
        {"package": one.package_id, "slot": format_time(one.slot), "late": is_late(one, now)}
        for one in waiting
    ]
    if as_json:
        emit_json({"waiting": rows, "released": released, "holds": holds, "time_zone_rules": RULES_VERSION})
        return
    for row in rows:
        click.echo(f"{row['slot']}  {row['package']}{'  late' if row['late'] else ''}")
    click.echo(
        f"{len(rows):,} wait, {released:,} are in place. Holds in force: {', '.join(holds) or 'none'}."
    )
