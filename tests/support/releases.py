"""Planned releases for tests of the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from narrowgate.gate.ports import PlannedRelease

SLOT = datetime(2026, 3, 2, 18, tzinfo=UTC)


def planned(package_id: str = "package-1", **changes: object) -> PlannedRelease:
    """The release of a package at a slot."""
    release = PlannedRelease(
        package_id, "an_office", "11" * 32, SLOT, SLOT - timedelta(hours=2), SLOT + timedelta(days=30)
    )
    return replace(release, **changes)  # type: ignore[arg-type]  # fields by name in a test helper
