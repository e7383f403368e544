"""Rows of the state as the values that they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from narrowgate.adapters.state.tables import LOG
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.gate.ports import PackageStart, PlannedRelease, ReleaseStage


def release_columns(release: PlannedRelease) -> dict[str, str | int]:
    """The columns of a release beside its package's id."""
    return {
        "agreement_sha256": release.agreement_sha256,
        "slot": format_time(release.slot),
        "ready": format_time(release.ready),
        "expires": format_time(release.expires),
        "stage": release.stage.value,
        "leaf": release.leaf,
    }


def release_of(row: Row[Any]) -> PlannedRelease:
    """The release of a row that holds its package's office, too."""
    return PlannedRelease(
        package_id=row.package_id,
        office=row.office,
        agreement_sha256=row.agreement_sha256,
        slot=parse_time(row.slot),
        ready=parse_time(row.ready),
        expires=parse_time(row.expires),
        stage=ReleaseStage(row.stage),
        leaf=row.leaf,
    )


def store_log_size(connection: Connection, size: int) -> None:
    """The state has followed the log so far: never less than it had."""
    size = max(size, connection.execute(select(LOG.c.size)).scalar_one_or_none() or 0)
    connection.execute(delete(LOG))
    connection.execute(insert(LOG).values(only_row=1, size=size))


def start_of(row: Row[Any]) -> PackageStart:
    """The package of a row."""
    return PackageStart(
        package_id=row.package_id,
        manifest_sha256=bytes(row.manifest_sha256),
        office=row.office,
        items=row.item_count,
        received_on=row.received_on,
        resume=bytes(row.resume),
    )
