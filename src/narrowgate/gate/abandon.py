"""End a package for good that has begun and cannot or must not be finished."""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.base.errors import UsageError
from narrowgate.core.log.acts import PackageAbandoned
from narrowgate.core.log.leaf import PACKAGE_ABANDONED
from narrowgate.gate.package_ports import Outbox
from narrowgate.gate.ports import LogStore, StateStore
from narrowgate.gate.start import parse_start
from narrowgate.gate.step_05_receive import append_once, find_leaf, log_received


def abandon_package(package_id: str, state: StateStore, log: LogStore, outbox: Outbox, now: datetime) -> None:
    """No answer of the package leaves, ever; the log says so, and other packages are answered again.

    Nothing is charged to the budgets, because nothing was answered. Its copy stays in the vault. Done again after a
    crash it ends what it began.

    Args:
        package_id: the package in progress.
        state: forgets that it is in progress.
        log: gets the leaf that ends it, after the one that received it.
        outbox: holds nothing of it from now on.
        now: aware UTC time.

    Raises:
        UsageError: it is not in progress, or its answers have left.
        OperationalError: the disk refused; run the command again.
    """
    begun = state.package_in_progress()
    if begun is None or begun.package_id != package_id:
        raise UsageError(
            "The package is not in progress.",
            why="Only a package that has begun and is not finished can be abandoned."
            if begun is None
            else f"The one in progress is {begun.package_id}.",
            next_step="Check the id; it is in the package's manifest.json.",
        )
    if outbox.is_released(package_id):
        raise UsageError(
            "The answers of the package have left already.",
            why="The run was cut off between releasing them and charging the budgets.",
            next_step="Finish it with 'narrowgate gate resume'.",
        )
    start = parse_start(begun.resume)
    received = log_received(begun, start, log)
    if find_leaf(log, received + 1, PACKAGE_ABANDONED, package_id) is None:
        append_once(log, log.size(), [PackageAbandoned(package_id, now).leaf()])
    outbox.discard(package_id)
    state.abandon_package(package_id, log.size())
