"""End a package for good that cannot or must not be finished or released: the effect of the act that says so."""

from __future__ import annotations

from collections.abc import Collection

from narrowgate.core.base.errors import ActRefusedError
from narrowgate.gate.package_ports import Outbox
from narrowgate.gate.ports import LogStore, ReleaseStage, StateStore


def require_abandonable(package_id: str, state: StateStore, outbox: Outbox) -> None:
    """Return only if no answer of the package has left, and there is something to end.

    Args:
        package_id: the package in progress, or one that waits for its release.
        state: of the gate.
        outbox: of the gate.

    Raises:
        ActRefusedError: it neither is in progress nor waits, or its answers have left.
    """
    if outbox.is_released(package_id):
        raise ActRefusedError(
            "The answers of the package have left already.",
            why="What has left cannot be ended.",
            next_step="If its run was cut off, finish it with 'narrowgate release run'.",
        )
    if package_id not in _open(state):
        begun = state.package_in_progress()
        raise ActRefusedError(
            "The package is not in progress, and does not wait for its release.",
            why="Only a package whose answers have not left can be abandoned."
            if begun is None
            else f"The one in progress is {begun.package_id}.",
            next_step="Check the id; it is in the package's manifest.json.",
        )


def end_abandoned(abandoned: Collection[str], state: StateStore, log: LogStore, outbox: Outbox) -> None:
    """No answer of these packages leaves, ever, and other packages are answered again; done again it changes nothing.

    Nothing is charged to the budgets of a package in progress, because nothing was decided; one that waits for its
    release stays charged. Its copy stays in the vault.

    Args:
        abandoned: packages that acts in the log end.
        state: forgets that they are in progress or wait.
        log: whose acts these are.
        outbox: holds nothing of them from now on.

    Raises:
        OperationalError: the disk refused; it is done when the gate is opened next.
    """
    for package_id in _open(state) & set(abandoned):
        outbox.discard(package_id)
        state.abandon_package(package_id, log.size())


def _open(state: StateStore) -> set[str]:
    """The packages that have begun and are neither released nor ended."""
    waiting = {release.package_id for release in state.releases(ReleaseStage.WAITING)}
    begun = state.package_in_progress()
    return waiting | ({begun.package_id} if begun else set())
