"""``narrowgate gate retention``: destroy data keys on their day."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import NothingToProcessError, OperationalError, SuspendedError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.observing import journal_option
from narrowgate.entrypoints.observability.keys import Event, Key, Service, named
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.retention import opened_retention_desk
from narrowgate.entrypoints.settings import read_settings
from narrowgate.gate.retention import Fate, Retained, destroy_due, look_through


@click.command("retention", cls=ExampleCommand, epilog="narrowgate gate retention --config gate.toml")
@click.option("--dry-run", is_flag=True, help="Say which day each package has, and destroy nothing.")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@journal_option
def retention(dry_run: bool, config: Path, journal: bool) -> None:
    """Destroy the data key of every package whose day has come, after its entry in the log; run it by a timer each day.

    The day is the agreement's 'package_days' after the slot of the package. Its rows, salts and seals stay closed for
    good, the gate's own copy of what was released goes too, and the log still verifies. Destroy the back-ups of the
    vault by the same day. Exit code 3: no day has come. Exit code 15: a hold or an open incident keeps one.
    """
    settings, clock = read_settings(config), SystemClock()
    with observing(Service.RETENTION, Observing(journal), clock) as observation:
        with opened_retention_desk(settings, clock) as desk:
            found = list(look_through(desk)) if dry_run else destroy_due(desk)
        for each in found:
            observation.journal.write(
                Event.RETAINED, {Key.PACKAGE: named(each.start.package_id), Key.FATE: each.fate}
            )
        texts = "\n".join(_text(each, dry_run) for each in found)
        answer({"packages": [_fields(each) for each in found]}, texts)
        if not dry_run:
            _require_destroyed(found)


def _require_destroyed(found: list[Retained]) -> None:
    for each in found:
        if each.fate is Fate.MISSING:
            raise OperationalError(
                f"The gate's own copy of the package {each.start.package_id} is missing, and was not destroyed by it.",
                why="Its data key may be somewhere else.",
                next_step="Find out where the vault's copy went; restore it, so that it can be destroyed.",
            )
    for each in found:
        if each.fate is Fate.KEPT:
            raise SuspendedError(
                f"The day of the package {each.start.package_id} has come, and {each.kept_by} keeps it.",
                why="What may be evidence is not destroyed.",
                next_step="Nothing is to be done; its data key is destroyed by the first run after that ends.",
            )
    if not found:
        raise NothingToProcessError(
            "No day has come.",
            next_step="'narrowgate gate retention --dry-run' says which day each package has.",
        )


def _fields(each: Retained) -> dict[str, str]:
    return {
        "package": each.start.package_id,
        "due": format_time(each.due),
        "fate": each.fate.value,
        "kept_by": each.kept_by,
    }


def _text(each: Retained, dry_run: bool) -> str:
    said = {
        Fate.DESTROYED: "its data key would be destroyed now" if dry_run else "its data key is destroyed",
        Fate.KEPT: f"kept by {each.kept_by}",
        Fate.WAITS: "kept until then",
        Fate.MISSING: "MISSING in the vault",
    }[each.fate]
    return f"{format_time(each.due)}  {each.start.package_id}  {said}"
