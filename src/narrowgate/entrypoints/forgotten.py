"""The gate forgets the answers of every recall; until it has, it decides nothing."""

from __future__ import annotations

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.workers import workers_for
from narrowgate.core.governance.recall_list import parse_recall_list
from narrowgate.core.log.recalls import Rows
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.bootstrap import opened_books
from narrowgate.entrypoints.recalls_seen_to import keep_forgotten, recalls_left
from narrowgate.entrypoints.replay import kept_desk, recorded_in
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.forget import Forgotten, forget_recalled
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.events import events


def forget(settings: GateSettings, *, is_all: bool = False) -> Forgotten:
    """What was forgotten of every recall that was not seen to before; done again it changes nothing.

    Args:
        settings: of the gate.
        is_all: forget every first answer: answers of the log before were recalled, which this log does not tell.

    Raises:
        OperationalError: a copy is missing, or the disk or the state refused; do it again.
    """
    entries = LogEntries(settings.log)
    recorded = {
        each.received["package"]: each for each in recorded_in(events(settings.log, entries.checkpoint))
    }
    files = GovernanceDirectory(settings.governance)
    with opened_books(settings) as (log, state), workers_for(settings.workers) as workers:
        in_force = books_over(settings, log, state).in_force()
        rows: dict[str, list[Rows]] = {}
        left = recalls_left(in_force, settings)
        for placed in in_force.recalls:
            if placed.number in left:
                for each in parse_recall_list(files.document(placed.sha256), placed.sha256).packages:
                    rows.setdefault(each.package, []).extend((one.first, one.last) for one in each.rows)
        recalled = [recorded[package] for package in rows]
        found = forget_recalled(
            kept_desk(settings, workers),
            state,
            load_secret_key(settings.history_key),
            recalled,
            rows,
            is_all=is_all,
        )
        keep_forgotten(in_force, settings)
    return found
