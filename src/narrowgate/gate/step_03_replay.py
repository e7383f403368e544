"""Step 3: the same package again gets the same receipt; its id with other bytes is a conflict."""

from __future__ import annotations

from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError, RefusedError, UnavailableError
from narrowgate.core.log.leaf import (
    ACT,
    ANSWERS_EXPIRED,
    CHARTER,
    PACKAGE_REFUSED,
    PACKAGE_RELEASED,
    RELEASE_DELAYED,
    parse_leaf,
)
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, DATA_KEY_DESTROYED, DISPOSAL_RECEIPT
from narrowgate.gate.ports import LogStore, StateStore
from narrowgate.gate.start import parse_start
from narrowgate.gate.types import AuthenticatedPackage

_CHARGE_NOTHING = frozenset(
    {
        PACKAGE_REFUSED,
        PACKAGE_RELEASED,
        RELEASE_DELAYED,
        ANSWERS_EXPIRED,
        CHARTER,
        ACT,
        ANSWERS_RECALLED,
        DISPOSAL_RECEIPT,
        DATA_KEY_DESTROYED,
    }
)


def recall_receipt(package: AuthenticatedPackage, state: StateStore) -> bytes | None:
    """The receipt this very package was given, or None when it is new or unfinished.

    Raises:
        EnvelopeError: the id was used for another package.
        RefusedError: the package was abandoned.
        UnavailableError: another package is unfinished.
    """
    package_id = package.manifest.package_id
    stored = state.stored_receipt(package_id)
    begun = state.package_in_progress()
    known = None
    if stored is not None:
        known = stored.manifest_sha256
    elif begun is not None:
        if begun.package_id != package_id:
            # Its place in the log is promised; whatever came between would take it.
            raise UnavailableError(
                f"The package {begun.package_id} was begun and is not finished.",
                why="A run was cut off or suspended; one package is decided after the other.",
                next_step="Finish it with 'narrowgate gate resume', "
                "or end it for good with 'narrowgate act propose package-abandoned'.",
            )
        known = begun.manifest_sha256
    if known is not None and known != package.manifest_sha256:
        raise EnvelopeError(
            "The package id was used for another package.",
            why="One id denotes one manifest, so that an answer cannot be taken for another's.",
            next_step="Build the package again; it gets a new id.",
            rule="R-10",
        )
    if begun is None:
        _require_not_abandoned(package, state)
    return stored.receipt if stored is not None else None


def _require_not_abandoned(package: AuthenticatedPackage, state: StateStore) -> None:
    if state.is_abandoned(package.manifest.package_id):
        raise RefusedError(
            "The package was abandoned.",
            why="The custodian ended it for good, which the log shows; no answer of it leaves.",
            next_step="Build the package again; it gets a new id.",
        )


def require_common_past(state: StateStore, log: LogStore) -> None:
    """Return only if the state knows every package that the log holds, and the log every one the state knows.

    A state that was lost or restored from an older copy has forgotten budgets and receipts; a package would be
    decided again. Refusals, releases and holds may stand in the log beyond the state: they charge nothing.

    Raises:
        LogInconsistentError: one of the two is not the other's.
    """
    known, size = state.log_size(), log.size()
    begun = state.package_in_progress()
    end = size if begun is None else min(size, parse_start(begun.resume).received_leaf)
    unknown = any(
        parse_leaf(leaf, "log")["type"] not in _CHARGE_NOTHING for leaf in log.leaves(min(known, end), end)
    )
    if size < known or unknown:
        raise LogInconsistentError(
            "The state and the log do not belong together.",
            why="One of them was lost, exchanged, or restored from an older copy.",
            next_step="Restore the newest copy of the one that is behind; do not begin a new one.",
        )
