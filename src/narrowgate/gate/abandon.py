"""End a package for good that has begun and cannot or must not be finished, or must not be released."""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.base.errors import UsageError
from narrowgate.core.log.acts import PackageAbandoned
from narrowgate.core.log.leaf import PACKAGE_ABANDONED
from narrowgate.gate.package_ports import Outbox
from narrowgate.gate.ports import LogStore, ReleaseStage, StateStore
from narrowgate.gate.start import parse_start
from narrowgate.gate.step_05_receive import append_once, find_leaf, log_begun, log_received


def abandon_package(package_id: str, state: StateStore, log: LogStore, outbox: Outbox, now: datetime) -> None:
    """No answer of the package leaves, ever; the log says so, and other packages are answered again.

    Nothing is charged to the budgets of a package in progress, because nothing was decided; one that waits for its
    release stays charged. Its copy stays in the vault. Done again after a crash it ends what it began.

    Args:
        package_id: the package in progress, or one that waits for its release.
        state: forgets that it is in progress.
        log: gets the leaf that ends it, after the one that received it.
        outbox: holds nothing of it from now on.
        now: aware UTC time.

    Raises:
        UsageError: it neither is in progress nor waits, or its answers have left.
        OperationalError: the disk refused; run the command again.
    """
    if outbox.is_released(package_id):
        raise UsageError(
            "The answers of the package have left already.",
            why="What has left cannot be ended.",
            next_step="If its run was cut off, finish it with 'narrowgate release run'.",
        )
    begun = state.package_in_progress()
    if begun is not None and begun.package_id == package_id:
        first = log_received(begun, parse_start(begun.resume), log) + 1
    elif any(release.package_id == package_id for release in state.releases(ReleaseStage.WAITING)):
        log_begun(state, log)
        first = min(state.log_size(), log.size())
    else:
        raise UsageError(
            "The package is not in progress, and does not wait for its release.",
            why="Only a package whose answers have not left can be abandoned."
            if begun is None
            else f"The one in progress is {begun.package_id}.",
            next_step="Check the id; it is in the package's manifest.json.",
        )
    if find_leaf(log, first, PACKAGE_ABANDONED, package_id) is None:
        append_once(log, log.size(), [PackageAbandoned(package_id, now).leaf()])
    outbox.discard(package_id)
    state.abandon_package(package_id, log.size())
