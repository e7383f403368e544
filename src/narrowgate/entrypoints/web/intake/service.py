"""What the intake does for one office, over directories alone; the pages of HTTP around it are in ``app``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.intake_directory import IntakeDirectory
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.files.rows_part import RowsPart
from narrowgate.adapters.time_zones import time_zone
from narrowgate.core.agreement.schedule import Schedule, schedule_of
from narrowgate.core.answers.file_names import RECEIPT
from narrowgate.core.base.errors import ClientRefusedError, NotReleasedError, UnknownPackageError
from narrowgate.core.intake.status import Stage, Status, status_of
from narrowgate.core.request.manifest import PACKAGE_ID, parse_manifest
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import Clock

UNFINISHED_FOR: Final = timedelta(days=7)
"""Uploads that nothing was added to for so long are removed."""

_FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")


@dataclass(frozen=True, slots=True)
class IntakeService:
    """One intake: the directory it writes, and the two it reads.

    Args:
        uploads: where packages arrive.
        notices: what the gate tells.
        answers: where released answers appear.
        clock: asked at each request.
    """

    uploads: IntakeDirectory
    notices: NoticeDirectory
    answers: Path
    clock: Clock

    def put_manifest(self, office: Office, package_id: str, data: bytes) -> bool:
        """The manifest is kept; whether it is new.

        Raises:
            ClientRefusedError: the manifest names another office than the client's.
        """
        package = _known_form(package_id)
        if parse_manifest(data, "manifest.json").office is not office:
            raise ClientRefusedError(
                "The package is of another office than the client certificate.",
                why="What an office sends and receives is its own.",
                next_step="Call with the certificate that the custodian bound to the package's office.",
                rule="R-20",
            )
        return self.uploads.put_manifest(office, package, data)

    def put_signature(self, office: Office, package_id: str, data: bytes) -> bool:
        """The signature is kept; whether it is new."""
        return self.uploads.put_signature(office, _known_form(package_id), data)

    def offset(self, office: Office, package_id: str) -> tuple[int, int]:
        """How many bytes of the rows are there, and how many there are to be."""
        return self.uploads.offset(office, _known_form(package_id))

    def append(self, office: Office, package_id: str, offset: int) -> RowsPart:
        """Takes further bytes of the rows from ``offset`` on."""
        return self.uploads.append(office, _known_form(package_id), offset)

    def discard(self, office: Office, package_id: str) -> None:
        """Nothing of an upload that has not arrived is left."""
        self.uploads.discard(office, _known_form(package_id))

    def hand_over(self, office: Office, package_id: str) -> Status:
        """The package has arrived, and its slot is known where the terms are."""
        now = self.clock.now()
        schedule = self._schedule()
        slot = None if schedule is None or schedule.is_at_once else schedule.slot_of(now)
        self.uploads.arrive(office, _known_form(package_id), now, slot)
        return self.status(office, package_id)

    def status(self, office: Office, package_id: str) -> Status:
        """What the office may know of its package.

        Raises:
            UnknownPackageError: the office handed over none of this id.
        """
        arrival = self.uploads.arrival(office, _known_form(package_id))
        if arrival is None:
            return Status(package_id, Stage.UPLOADING)
        notice = self.notices.notice(office, package_id)
        return status_of(arrival, notice, self._released_at(package_id), self._schedule(), self.clock.now())

    def seconds_to_slot(self, status: Status) -> int | None:
        """Whole seconds until the slot of a package, at least 1; None where no slot is known."""
        if status.slot is None:
            return None
        return max(1, int((status.slot - self.clock.now()).total_seconds()))

    def released_files(self, office: Office, package_id: str) -> list[tuple[str, int]]:
        """Names and sizes of the released files of a package, by name; the receipt is one of them.

        Raises:
            NotReleasedError: they are not in place.
        """
        home = self._released(office, package_id)
        return [(path.name, path.stat().st_size) for path in sorted(home.iterdir()) if path.is_file()]

    def released_file(self, office: Office, package_id: str, name: str) -> Path:
        """One released file.

        Raises:
            NotReleasedError: the answers are not in place.
            UnknownPackageError: there is no file of that name among them.
        """
        home = self._released(office, package_id)
        path = home / name
        if not _FILE_NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise UnknownPackageError(
                "The package has no file of that name.",
                next_step="Ask for the list of its answers.",
            )
        return path

    def receipt(self, office: Office, package_id: str) -> Path:
        """The receipt of a released package."""
        return self.released_file(office, package_id, RECEIPT)

    def keep_house(self) -> None:
        """Rows that the gate is done with are gone, and so are uploads that nobody goes on with."""
        for arrival in list(self.uploads.queue()):
            if self.notices.notice(arrival.office, arrival.package_id) is not None:
                self.uploads.settle(arrival)
        self.uploads.forget_unfinished((self.clock.now() - UNFINISHED_FOR).timestamp())

    def _released(self, office: Office, package_id: str) -> Path:
        status = self.status(office, package_id)
        if status.stage is not Stage.RELEASED:
            raise NotReleasedError(
                "The answers of the package are not in place.",
                why=f"Its state is: {status.stage}.",
                next_step="Ask for its status, which names the slot, and come back then.",
            )
        return self.answers / package_id

    def _released_at(self, package_id: str) -> datetime | None:
        try:
            # The gate gives what it releases the slot as its time.
            return datetime.fromtimestamp(int((self.answers / package_id).stat().st_mtime), UTC)
        except FileNotFoundError:
            return None

    def _schedule(self) -> Schedule | None:
        terms = self.notices.terms()
        return None if terms is None else schedule_of(terms.release, time_zone(terms.release.time_zone))


def _known_form(package_id: str) -> str:
    """An id that can be one; any other is of no package, and of no file."""
    if not PACKAGE_ID.fullmatch(package_id):
        raise UnknownPackageError(
            "There is no such package.",
            why="A package id has 8 to 64 lower-case letters, digits and hyphens.",
            next_step="Check the package id.",
        )
    return package_id
