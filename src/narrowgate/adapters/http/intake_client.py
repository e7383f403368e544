"""The client of an intake: uploads that go on where they were cut off, and downloads likewise."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import httpx
import orjson

from narrowgate.adapters.files.durable_files import failed, sync_directory, sync_file
from narrowgate.adapters.files.package_files import ROWS_FILE, PackageDirectory
from narrowgate.adapters.files.regular import open_regular
from narrowgate.adapters.http.mutual_tls import client_context
from narrowgate.adapters.http.refusals import refusal, require_success, unreachable
from narrowgate.core.base.errors import (
    ConfigurationError,
    EnvelopeError,
    NarrowgateError,
    UnavailableError,
    UsageError,
)
from narrowgate.core.request.manifest import PACKAGE_ID, Manifest, parse_manifest

Report = Callable[[str, int, int], None]
"""Told what is done, how many bytes of it, and how many there are."""

PART_BYTES: Final = 8 << 20
_PIECE: Final = 1 << 18
_MOST_DOCUMENT: Final = 16 << 20
_TRIES: Final = 6
_LONGEST_PAUSE: Final = 30.0
_ROWS_TYPE: Final = "application/octet-stream"
_FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")


@dataclass(frozen=True, slots=True)
class IntakeAddress:
    """Where an intake is, and who calls.

    Args:
        url: such as ``https://intake.agency.example:8443``.
        certificate: PEM of the client certificate that the custodian bound to the office.
        key: PEM of its private key.
        server_root: PEM of the root that the intake's own certificate comes from.
    """

    url: str
    certificate: Path
    key: Path
    server_root: Path


def _is_intake_url(url: str) -> bool:
    """Says whether url names the top of a host over TLS, and the client can take it apart."""
    if not re.fullmatch(r"https://[A-Za-z0-9.\[\]:-]+/?", url):
        return False
    try:
        return bool(httpx.URL(url).host)
    except (httpx.InvalidURL, UnicodeError):  # the characters are those of a host, and their order is not
        return False


class IntakeClient:
    """One office's view of an intake; every failure is an error of the hierarchy, with the id the intake gave it.

    Args:
        address: of the intake.
        pause: waits so many seconds before something is tried again.

    Raises:
        ConfigurationError: the URL is none of TLS, or a certificate or key cannot be used.
    """

    def __init__(self, address: IntakeAddress, pause: Callable[[float], None]) -> None:
        if not _is_intake_url(address.url):
            raise ConfigurationError(
                "The URL of the intake is not understood.",
                why="An intake is called over TLS, at the top of a host.",
                next_step="Write it such as https://intake.agency.example:8443.",
            )
        context = client_context(address.certificate, address.key, address.server_root)
        # What the environment says of proxies would show the requests to others.
        self._http = httpx.Client(
            base_url=address.url, verify=context, timeout=30.0, trust_env=False, follow_redirects=False
        )
        self._pause = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def submit(self, directory: Path, report: Report) -> dict[str, Any]:
        """The package has arrived; its status. Done again, or after it was cut off, it goes on where it was.

        Args:
            directory: of a signed package.
            report: watches.

        Raises:
            EnvelopeError: a file is missing, or the intake found the package malformed or its rows changed.
            NarrowgateError: whatever else the intake refused.
            UnavailableError: the intake cannot be reached, or not any more.
        """
        package = PackageDirectory(directory)
        data = package.manifest()
        manifest = parse_manifest(data, str(directory / "manifest.json"))
        home = f"/v1/packages/{manifest.package_id}"
        self._call("PUT", f"{home}/manifest", data, {"content-type": "application/json"})
        self._call(
            "PUT", f"{home}/signature", package.signature(), {"content-type": "application/pkcs7-signature"}
        )
        self._send_rows(home, directory / ROWS_FILE, manifest, report)
        status: dict[str, Any] = _parsed(self._call("POST", f"{home}/arrival"))
        return status

    def status(self, package_id: str) -> dict[str, Any]:
        """Where the package is: the JSON object of ``docs/reference/protocol/intake.md``.

        Raises: as ``submit``.
        """
        status: dict[str, Any] = _parsed(self._call("GET", f"/v1/packages/{_checked(package_id)}"))
        return status

    def discard(self, package_id: str) -> None:
        """An upload that has not arrived is gone.

        Raises: as ``submit``; ConflictError where it has arrived.
        """
        self._call("DELETE", f"/v1/packages/{_checked(package_id)}")

    def fetch(self, package_id: str, into: Path, report: Report) -> int:
        """The released answers, receipt among them, are in a new directory, which appears whole; how many files.

        What a fetch that was cut off brought is kept beside it, and the next one goes on from there.

        Args:
            package_id: of the package.
            into: does not exist.
            report: watches.

        Raises:
            NotReleasedError: they are not in place.
            UsageError: the directory exists.
            EnvelopeError: the intake's list of files cannot be used.
            OperationalError: the disk refused, or the intake cannot be reached.
        """
        if into.exists():
            raise UsageError(
                "The directory exists already.",
                why="Answers are never written over others.",
                next_step="Name a directory that does not exist.",
                where=str(into),
            )
        home = f"/v1/packages/{_checked(package_id)}/answers"
        files = _listed(_parsed(self._call("GET", home)))
        partial = into.with_name(f".{into.name}.{package_id}.part")
        try:
            partial.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number, (name, size) in enumerate(files, 1):
                self._fetch_file(f"{home}/{name}", partial / name, size)
                report("files", number, len(files))
            for left in {path.name for path in partial.iterdir()} - {name for name, _ in files}:
                (partial / left).unlink()
            sync_directory(partial)
            partial.rename(into)
            sync_directory(into.parent)
        except OSError as error:
            raise failed("write the answers", into, error) from error
        return len(files)

    def _send_rows(self, home: str, path: Path, manifest: Manifest, report: Report) -> None:
        total = manifest.rows.bytes
        try:
            file = open_regular(path, follow=False)
        except OSError as error:
            raise failed("read the rows", path, error) from error
        with file:
            have, fruitless = self._offset(home), 0
            while have < total:
                report("bytes", have, total)
                before = have
                have = self._send_part(home, file, have, min(PART_BYTES, total - have))
                fruitless = 0 if have > before else fruitless + 1
                if fruitless >= _TRIES:
                    raise UnavailableError(
                        f"The intake took no byte after {have:,} of {total:,}.",
                        why=f"It was tried {_TRIES} times.",
                        next_step="Run the same command again later: it goes on there.",
                    )
                self._pause(_pause(fruitless))
            report("bytes", total, total)

    def _send_part(self, home: str, file: BinaryIO, start: int, length: int) -> int:
        """How many bytes the intake has after a part was sent, or was cut off."""
        file.seek(start)
        digest = hashlib.sha256()
        for piece in _pieces(file, length):
            digest.update(piece)
        headers = {
            "content-type": _ROWS_TYPE,
            "content-length": str(length),
            "upload-offset": str(start),
            "content-digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        }
        file.seek(start)
        try:
            request = self._http.build_request(
                "PATCH", f"{home}/rows", content=_pieces(file, length), headers=headers
            )
            response = self._http.send(request)
        except httpx.TransportError:
            return self._offset(home)
        if response.status_code in {408, 409, 429, 503}:
            return self._offset(home)
        require_success(response)
        return int(response.headers["upload-offset"])

    def _offset(self, home: str) -> int:
        return int(self._call("HEAD", f"{home}/rows").headers["upload-offset"])

    def _fetch_file(self, address: str, path: Path, size: int) -> None:
        """The file has all its bytes, durably."""
        for attempt in range(_TRIES + 1):
            have = path.stat().st_size if path.exists() else 0
            if have > size:
                path.unlink()
                have = 0
            if have == size and path.exists():
                break
            self._pause(_pause(attempt))
            self._fetch_rest(address, path, have, size)
        else:
            raise UnavailableError(
                "A file of the answers did not come whole.",
                why=f"It was tried {_TRIES} times.",
                next_step="Run the same command again later: it goes on there.",
                where=path.name,
            )
        sync_file(path)

    def _fetch_rest(self, address: str, path: Path, have: int, size: int) -> None:
        headers = {"range": f"bytes={have}-", "accept-encoding": "identity"} if have else {}
        try:
            with self._http.stream("GET", address, headers=headers) as response:
                if response.status_code in {429, 503}:
                    self._pause(_seconds(response.headers.get("retry-after", "")) or 1.0)
                    return
                if response.status_code not in {200, 206}:
                    response.read()
                    require_success(response)
                with path.open("ab" if response.status_code == 206 else "wb") as file:
                    for piece in response.iter_bytes(_PIECE):
                        if file.tell() + len(piece) > size:
                            raise EnvelopeError(
                                "The intake sends more bytes than it listed.",
                                next_step="Tell the custodian; nothing of it was kept as an answer.",
                                where=path.name,
                            )
                        file.write(piece)
        except httpx.TransportError:
            return

    def _call(
        self, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The answer to a short request that may be made twice; a busy or broken intake is called again."""
        for attempt in range(_TRIES):
            try:
                response = self._once(method, path, content, headers)
            except httpx.TransportError as error:
                failure: NarrowgateError = unreachable(error)
                if isinstance(failure, ConfigurationError):
                    raise failure from error
                self._pause(_pause(attempt + 1))
                continue
            if response.status_code not in {429, 503} or attempt == _TRIES - 1:
                require_success(response)
                return response
            failure = refusal(response)
            self._pause(min(_LONGEST_PAUSE, _seconds(response.headers.get("retry-after", "")) or 1.0))
        raise failure

    def _once(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str] | None
    ) -> httpx.Response:
        with self._http.stream(method, path, content=content, headers=headers) as response:
            body = bytearray()
            for piece in response.iter_bytes(_PIECE):
                body += piece
                if len(body) > _MOST_DOCUMENT:
                    raise EnvelopeError(
                        "The intake answers with more than a document.",
                        next_step="Tell the custodian; nothing of it was kept.",
                    )
            plain = {name: value for name, value in response.headers.items() if name != "content-encoding"}
            return httpx.Response(response.status_code, headers=plain, content=bytes(body))


def _pieces(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (piece := file.read(min(_PIECE, length))):
        length -= len(piece)
        yield piece


def _pause(attempt: int) -> float:
    """Half a second, then twice as long each time; nothing before the first try."""
    return 0.0 if attempt == 0 else min(_LONGEST_PAUSE, 0.25 * 2**attempt)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _checked(package_id: str) -> str:
    if not PACKAGE_ID.fullmatch(package_id):
        raise UsageError(
            "That is no package id.",
            why="It has 8 to 64 lower-case letters, digits and hyphens.",
            next_step="'narrowgate package show' tells the id of a package.",
        )
    return package_id


def _listed(value: Any) -> list[tuple[str, int]]:
    """Names and sizes of the answers; nothing that leads out of a directory.

    Raises:
        EnvelopeError: the list has another form.
    """
    try:
        files = [(str(one["name"]), int(one["bytes"])) for one in value["files"]]
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable() from error
    names = [name for name, _ in files]
    if len(set(names)) != len(names) or not all(map(_FILE_NAME.fullmatch, names)):
        raise _unusable()
    if any(size < 0 for _, size in files):
        raise _unusable()
    return files


def _unusable() -> EnvelopeError:
    return EnvelopeError(
        "What the intake answers has another form than its interface states.",
        next_step="Check the URL, and tell the custodian; nothing of it was kept.",
    )


def _parsed(response: httpx.Response) -> Any:
    try:
        value = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise _unusable() from error
    if not isinstance(value, dict):
        raise _unusable()
    return value
