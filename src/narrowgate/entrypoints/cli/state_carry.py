"""``narrowgate state carry``: the budgets of one log go on counting in the log that follows it."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.carrying import carry_history
from narrowgate.entrypoints.cli.frame import ExampleCommand, done
from narrowgate.entrypoints.settings import read_settings


@click.command(
    "carry",
    cls=ExampleCommand,
    epilog="narrowgate state carry --config next --log old/log --state old/state.sqlite",
)
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml of the new gate, or its directory.",
)
@click.option(
    "--log",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Directory of the log before, which the new charter names.",
)
@click.option(
    "--state", help="State of the gate before: a file, a URL, or env:NAME; none where none is left."
)
@click.option(
    "--accept-lost", is_flag=True, help="Charges of packages are lost for good; the log is to say how many."
)
def carry(config: Path, log: Path, state: str | None, accept_lost: bool) -> None:
    """Take over budgets, questions and answers of the log before, before the first package of a new one.

    The log before is verified up to the end that the charter names, the state before is compared with it, and one entry
    of the new log says what was carried over. Where the log before recalled an answer, no answer is carried: the same
    question is refused by R-74, or read from the index where no budget is in force. A gate whose charter names a log
    before decides nothing until then. Run again it compares, and changes nothing. Exit code 14: log, state and charter
    do not belong together.
    """
    result = carry_history(
        read_settings(config),
        log,
        state,
        SystemClock().now(),
        accept_lost=accept_lost,
    )
    entry = result.entry
    items = sum(entry.items_by_office.values())
    lost = f" The charges of {entry.uncharged:,} packages are lost." if entry.uncharged else ""
    if result.recalled:
        lost += (
            f" The log before recalled {result.recalled:,} answers: no first answer was carried, so that none of "
            "them is given again."
        )
    told = "Carried over" if result.is_new else "Carried over before, and still the same"
    done(
        {
            "leaf": result.leaf,
            "new": result.is_new,
            "packages": entry.packages,
            "items_by_office": dict(entry.items_by_office),
            "uncharged": entry.uncharged,
            "history_sha256": entry.history_sha256,
            "recalled_before": result.recalled,
        },
        f"{told}: {entry.packages:,} packages with {items:,} items of {entry.predecessor}, leaf {result.leaf}.{lost}",
    )
