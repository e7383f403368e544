"""Step 3: the same package again gets the same receipt; its id with other bytes is a conflict."""

from __future__ import annotations

from narrowgate.core.errors import EnvelopeError, UnavailableError
from narrowgate.gate.ports import StateStore
from narrowgate.gate.types import AuthenticatedPackage


def recall_receipt(package: AuthenticatedPackage, state: StateStore) -> bytes | None:
    """The receipt this very package was given, or None when it is new or unfinished.

    Raises:
        EnvelopeError: the id was used for another package.
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
                why="A run was cut off; its items are decided before any other's.",
                next_step="Run that package again first.",
            )
        known = begun.manifest_sha256
    if known is not None and known != package.manifest_sha256:
        raise EnvelopeError(
            "The package id was used for another package.",
            why="One id stands for one manifest, so that an answer cannot be taken for another's.",
            next_step="Build the package again; it gets a new id.",
            rule="R-10",
        )
    return stored.receipt if stored is not None else None
