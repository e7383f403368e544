"""Packages handed over to an intake's directory without a server, and a gate that works through them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.files.arrivals import DirectoryArrivals
from narrowgate.adapters.files.intake_directory import IntakeDirectory
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.core.intake.documents import Arrival, Notice
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.core.request.office import Office
from support.gate_world import SilentProgress

OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY


@contextmanager
def uploads_in(home: Path) -> Iterator[IntakeDirectory]:
    """The intake's directory below ``home``."""
    directory = IntakeDirectory(home / "intake", 1 << 24, 100)
    try:
        yield directory
    finally:
        directory.close()


def hand_over(home: Path, package: Path, now: datetime, slot: datetime | None = None) -> Arrival:
    """The package has arrived."""
    manifest = (package / "manifest.json").read_bytes()
    package_id = parse_manifest(manifest, "manifest.json").package_id
    with uploads_in(home) as uploads:
        uploads.put_manifest(OFFICE, package_id, manifest)
        uploads.put_signature(OFFICE, package_id, (package / "manifest.json.p7s").read_bytes())
        part = uploads.append(OFFICE, package_id, 0)
        part.write((package / "rows.ndjson").read_bytes())
        part.finish()
        return uploads.arrive(OFFICE, package_id, now, slot)


def arrivals_of(home: Path) -> DirectoryArrivals:
    """What a worker of the gate in ``home`` takes packages from."""
    return DirectoryArrivals(home / "intake", home / "notices")


def notice_of(home: Path, arrival: Arrival) -> Notice | None:
    """What the gate told of a package."""
    return NoticeDirectory(home / "notices").notice(arrival.office, arrival.package_id)


def unwatched(package_id: str, office: str) -> SilentProgress:
    """Nobody watches."""
    return SilentProgress()
