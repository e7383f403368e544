"""Packages on their way in, as files: uploads that grow, arrivals that do not change, and the order they came in.

    packages/<office>/<package id>/   manifest.json, manifest.json.p7s, rows.ndjson; arrival.json once all is there
    queue/<number>.json               the same arrival, by its number, until the gate is done with it
    last-number                       of the newest arrival

One process writes here. The gate reads, and answers in a directory of its own (``notice_directory``).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from narrowgate.adapters.files.directory_lock import lock_directory, unlock_directory
from narrowgate.adapters.files.durable_files import failed, place, sync_directory
from narrowgate.adapters.files.package_files import MANIFEST_FILE, ROWS_FILE, SIGNATURE_FILE
from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.files.rows_part import RowsPart
from narrowgate.core.base.errors import (
    ConflictError,
    EnvelopeError,
    TooLargeError,
    UnavailableError,
    UnknownPackageError,
    UsageError,
)
from narrowgate.core.intake.documents import Arrival, arrival_bytes, parse_arrival
from narrowgate.core.request.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from narrowgate.core.request.office import Office
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

ARRIVAL_FILE: Final = "arrival.json"
_NUMBER_FILE: Final = "last-number"
_DIGITS: Final = 12
_DIRECTORY_MODE: Final = 0o750
_PIECE: Final = 1 << 20
KEPT_FREE: Final = 256 << 20
"""Bytes that an upload must leave free on the disk, so that arrivals can still be written."""


class IntakeDirectory:
    """The only writer of one directory of arriving packages; what it acknowledges is durable.

    Args:
        directory: made where it does not exist.
        most_bytes: of the rows of one package.
        most_uploads: packages of one office that may be unfinished at a time.

    Raises:
        InUseError: another process writes there.
        OperationalError: the disk refused.
    """

    def __init__(self, directory: Path, most_bytes: int, most_uploads: int) -> None:
        self._packages = directory / "packages"
        self._queue = directory / "queue"
        self._number = directory / _NUMBER_FILE
        self._most_bytes = most_bytes
        self._most_uploads = most_uploads
        try:
            for path in (directory, self._packages, self._queue, *(self._packages / one for one in Office)):
                path.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        except OSError as error:
            raise failed("make the directory of the intake", directory, error) from error
        self._lock = lock_directory(directory, "intake")
        self._one_at_a_time = Lock()

    def close(self) -> None:
        """Another process may write there."""
        unlock_directory(self._lock)

    def put_manifest(self, office: Office, package_id: str, data: bytes) -> bool:
        """The manifest is kept, and the package can be uploaded; whether it is new here.

        Raises:
            EnvelopeError: it is no manifest, or another package's.
            TooLargeError: it declares more bytes of rows than are taken.
            ConflictError: the id was used for another manifest.
            UnavailableError: too many uploads are unfinished, or the disk is too full for it.
        """
        if len(data) > MAX_MANIFEST_BYTES:
            raise TooLargeError(
                f"The manifest is longer than {MAX_MANIFEST_BYTES:,} bytes.",
                next_step="Build the package with 'narrowgate package build'.",
            )
        manifest = parse_manifest(data, MANIFEST_FILE)
        if manifest.package_id != package_id:
            raise EnvelopeError(
                "The manifest is of another package than the address.",
                next_step="Send it to the address with its own package id.",
                where=MANIFEST_FILE,
                rule="R-10",
            )
        home = self._home(office, package_id)
        if home.exists():
            return self._put(home / MANIFEST_FILE, data)
        self._require_room(office, manifest)
        try:
            home.mkdir(mode=_DIRECTORY_MODE)
        except OSError as error:
            raise failed("make the directory", home, error) from error
        self._put(home / MANIFEST_FILE, data)
        sync_directory(home.parent)
        return True

    def put_signature(self, office: Office, package_id: str, data: bytes) -> bool:
        """The signature is kept; whether it is new here.

        Raises:
            UnknownPackageError: there is no manifest yet.
            TooLargeError: it is longer than 65,536 bytes.
            ConflictError: the package has another one.
        """
        if len(data) > MAX_SIGNATURE_BYTES:
            raise TooLargeError(
                f"The signature is longer than {MAX_SIGNATURE_BYTES:,} bytes.",
                next_step="Sign the package again with the chain of the office's card alone.",
            )
        return self._put(self._known(office, package_id) / SIGNATURE_FILE, data)

    def offset(self, office: Office, package_id: str) -> tuple[int, int]:
        """How many bytes of the rows are there, and how many the manifest declares.

        Raises:
            UnknownPackageError: there is no manifest.
        """
        home = self._known(office, package_id)
        total = _manifest(home).rows.bytes
        if (home / ARRIVAL_FILE).exists():
            return total, total
        try:
            return (home / ROWS_FILE).stat().st_size, total
        except FileNotFoundError:
            return 0, total

    def append(self, office: Office, package_id: str, offset: int) -> RowsPart:
        """Takes further bytes of the rows from ``offset`` on.

        Raises:
            UnknownPackageError: there is no manifest.
            ConflictError: the rows that are there end elsewhere, or the package has arrived.
            OperationalError: the disk refused.
        """
        home = self._known(office, package_id)
        if (home / ARRIVAL_FILE).exists():
            raise ConflictError(
                "The package has arrived: its rows are all there.",
                why="What was handed over does not change.",
                next_step="Ask for its status.",
            )
        have, total = self.offset(office, package_id)
        if offset != have:
            raise ConflictError(
                f"The upload continues at byte {have:,}, not at {offset:,}.",
                why="Every byte of the rows is taken once, in order.",
                next_step="Ask for the offset with HEAD and go on there; 'narrowgate submit' does.",
            )
        return RowsPart(home / ROWS_FILE, have, total)

    def arrive(self, office: Office, package_id: str, now: datetime, slot: datetime | None) -> Arrival:
        """The package has arrived, once: complete, with exactly the rows whose digest its manifest states.

        Raises:
            UnknownPackageError: there is no manifest.
            UsageError: the signature or some of the rows are not there.
            EnvelopeError: the rows are others (R-21); they are to be sent again.
            OperationalError: the disk refused.
        """
        home = self._known(office, package_id)
        if (arrived := self.arrival(office, package_id)) is not None:
            return arrived
        signature = home / SIGNATURE_FILE
        have, total = self.offset(office, package_id)
        if not signature.exists() or have < total:
            missing = "the signature" if not signature.exists() else f"{total - have:,} bytes of the rows"
            raise UsageError(
                f"The package is not complete: it lacks {missing}.",
                next_step="Send what is missing, and hand the package over again.",
            )
        manifest = _manifest(home)
        # The hash of a large file does not keep others waiting; the number does, because each has its own.
        if _sha256(home / ROWS_FILE) != manifest.rows.sha256:
            (home / ROWS_FILE).unlink()
            raise EnvelopeError(
                "The rows are not those whose digest the manifest states.",
                why="They were changed after the manifest was written, or on the way; they are removed here.",
                next_step="Send the rows again; if they are refused again, build and sign the package anew.",
                where=ROWS_FILE,
                rule="R-21",
            )
        digests = _sha256(home / MANIFEST_FILE), _sha256(signature)
        with self._one_at_a_time:
            arrival = Arrival(self._next_number(), package_id, office, *digests, now, slot)
            data = arrival_bytes(arrival)
            # First the queue: a crash in between leaves a package that is decided, and handed over again the same one.
            place(self._queue / f"{arrival.number:0{_DIGITS}d}.json", data)
            sync_directory(self._queue)
            place(home / ARRIVAL_FILE, data)
            sync_directory(home)
        return arrival

    def arrival(self, office: Office, package_id: str) -> Arrival | None:
        """The arrival of a package of this office; None while it is uploaded.

        Raises:
            UnknownPackageError: this office has no such package.
        """
        path = self._known(office, package_id) / ARRIVAL_FILE
        try:
            return parse_arrival(read_regular(path), ARRIVAL_FILE)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failed("read the arrival", path, error) from error

    def discard(self, office: Office, package_id: str) -> None:
        """Nothing of an upload is left; what has arrived stays.

        Raises:
            UnknownPackageError: this office has no such package.
            ConflictError: it has arrived.
        """
        home = self._known(office, package_id)
        if (home / ARRIVAL_FILE).exists():
            raise ConflictError(
                "The package has arrived and cannot be taken back.",
                why="What was handed over is accounted for.",
                next_step="Ask the custodian to end it, if no answer of it may leave.",
            )
        try:
            shutil.rmtree(home)
        except OSError as error:
            raise failed("remove the upload", home, error) from error

    def forget_unfinished(self, before: float) -> int:
        """Uploads that nothing was added to since ``before`` (seconds of the epoch) are gone; how many."""
        stale = [
            home for home in self._unfinished() if home.stat().st_mtime < before and _last(home) < before
        ]
        for home in stale:
            shutil.rmtree(home, ignore_errors=True)
        return len(stale)

    def settle(self, arrival: Arrival) -> None:
        """The gate is done with the package: its rows and its place in the queue are gone, the rest stays.

        Raises:
            OperationalError: the disk refused.
        """
        home = self._home(arrival.office, arrival.package_id)
        try:
            (home / ROWS_FILE).unlink(missing_ok=True)
            (self._queue / f"{arrival.number:0{_DIGITS}d}.json").unlink(missing_ok=True)
        except OSError as error:
            raise failed("remove the rows", home, error) from error

    def queue(self) -> Iterator[Arrival]:
        """The arrivals that wait, in their order."""
        return queued(self._queue.parent)

    def _require_room(self, office: Office, manifest: Manifest) -> None:
        if manifest.rows.bytes > self._most_bytes:
            raise TooLargeError(
                f"The package declares more than {self._most_bytes:,} bytes of rows.",
                next_step="Make packages of fewer items.",
            )
        if sum(home.parent.name == office for home in self._unfinished()) >= self._most_uploads:
            raise UnavailableError(
                f"{self._most_uploads} uploads of this office are unfinished.",
                why="Each keeps a place on the disk.",
                next_step="Finish or remove one of them, and send the manifest again.",
            )
        if shutil.disk_usage(self._packages).free < manifest.rows.bytes + KEPT_FREE:
            raise UnavailableError(
                "There is no room for the package now.",
                why="The disk of the intake is nearly full.",
                next_step="Send it again later; the custodian is to make room.",
            )

    def _unfinished(self) -> list[Path]:
        return [
            home
            for office in Office
            for home in (self._packages / office).iterdir()
            if not (home / ARRIVAL_FILE).exists()
        ]

    def _home(self, office: Office, package_id: str) -> Path:
        return self._packages / office / package_id

    def _known(self, office: Office, package_id: str) -> Path:
        home = self._home(office, package_id)
        if not (home / MANIFEST_FILE).is_file():
            raise UnknownPackageError(
                "There is no such package.",
                why="Another office's looks the same as none.",
                next_step="Send its manifest first, or check the package id and the client certificate.",
            )
        return home

    def _put(self, path: Path, data: bytes) -> bool:
        """Whether the file is new; it holds ``data``."""
        try:
            held = read_regular(path)
        except FileNotFoundError:
            place(path, data)
            sync_directory(path.parent)
            return True
        except OSError as error:
            raise failed("read the file", path, error) from error
        if held != data:
            raise ConflictError(
                f"The package has another {path.name}.",
                why="One id denotes one manifest and one signature, so that an answer cannot be taken for another's.",
                next_step="Remove the upload and send it anew, or build the package again: it gets a new id.",
                where=path.name,
            )
        return False

    def _next_number(self) -> int:
        try:
            last = int(self._number.read_text(encoding="ascii"))
        except FileNotFoundError:
            last = 0
        place(self._number, f"{last + 1}\n".encode())
        sync_directory(self._number.parent)
        return last + 1


def queued(directory: Path) -> Iterator[Arrival]:
    """The arrivals that wait in an intake's directory, in their order; the gate reads them so.

    Raises:
        EnvelopeError: one is no arrival.
        OperationalError: the disk refused.
    """
    queue = directory / "queue"
    try:
        names = sorted(path for path in queue.iterdir() if path.suffix == ".json")
    except FileNotFoundError:
        return
    except OSError as error:
        raise failed("read the queue", queue, error) from error
    for path in names:
        try:
            yield parse_arrival(read_regular(path, follow=False), path.name)
        except FileNotFoundError:
            continue  # settled meanwhile
        except OSError as error:
            raise failed("read the arrival", path, error) from error


def uploads_in_progress(directory: Path) -> int:
    """How many uploads in an intake's directory have begun and not arrived."""
    return sum(
        not (home / ARRIVAL_FILE).exists()
        for office in Office
        for home in (directory / "packages" / office).glob("*")
    )


def package_home(directory: Path, arrival: Arrival) -> Path:
    """Where the three files of an arrival lie."""
    return directory / "packages" / arrival.office / arrival.package_id


def _manifest(home: Path) -> Manifest:
    return parse_manifest(read_regular(home / MANIFEST_FILE), MANIFEST_FILE)


def _last(home: Path) -> float:
    return max((path.stat().st_mtime for path in home.iterdir()), default=0.0)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise failed("read the file", path, error) from error
    return digest.hexdigest()
