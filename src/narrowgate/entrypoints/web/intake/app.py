"""The HTTP interface ``/v1`` of the intake: each route takes a request apart and calls one function of the service."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from narrowgate.core.base.errors import (
    InUseError,
    NarrowgateError,
    NotReleasedError,
    TooLargeError,
)
from narrowgate.core.intake.status import Stage, Status
from narrowgate.core.request.manifest import MAX_MANIFEST_BYTES
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.web.intake.guard import OFFICE
from narrowgate.entrypoints.web.intake.openapi import ANSWER_TYPES, OPENAPI, ROWS_TYPE
from narrowgate.entrypoints.web.intake.service import IntakeService
from narrowgate.entrypoints.web.problems import INTERNAL, HttpUsageError, problem_response
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES

HOUSEKEEPING_SECONDS: Final = 10.0
PART_BYTES: Final = 256 << 20
"""The longest part of the rows in one request; longer rows come in several."""

_PIECE: Final = 1 << 20
_OFFSET: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
"""The one form of ``Content-Digest`` (RFC 9530) that is taken."""


class IntakeApplication:
    """The routes over one service; ``application`` is the ASGI application without its guard.

    Args:
        service: of the intake.
    """

    def __init__(self, service: IntakeService) -> None:
        self._service = service
        self._busy: set[tuple[Office, str]] = set()
        package = "/v1/packages/{package_id}"
        self.application = Starlette(
            routes=[
                Route("/v1/openapi.json", self.describe, methods=["GET"]),
                Route(package, self.status, methods=["GET"]),
                Route(package, self.discard, methods=["DELETE"]),
                Route(f"{package}/manifest", self.put_manifest, methods=["PUT"]),
                Route(f"{package}/signature", self.put_signature, methods=["PUT"]),
                Route(f"{package}/rows", self.offset, methods=["HEAD"]),
                Route(f"{package}/rows", self.append, methods=["PATCH"]),
                Route(f"{package}/arrival", self.hand_over, methods=["POST"]),
                Route(f"{package}/receipt", self.receipt, methods=["GET"]),
                Route(f"{package}/answers", self.answers, methods=["GET"]),
                Route(f"{package}/answers/{{name}}", self.answer, methods=["GET"]),
            ],
            exception_handlers={
                NarrowgateError: self._refuse,
                ClientDisconnect: self._too_slow,
                HTTPException: self._no_resource,
                Exception: self._internal,
            },
            lifespan=self._lifespan,
        )

    async def describe(self, request: Request) -> Response:
        """The OpenAPI document of this interface."""
        return JSONResponse(OPENAPI)

    async def put_manifest(self, request: Request) -> Response:
        """The manifest; with it an upload begins."""
        office, package_id = _named(request)
        data = await _whole(request, MAX_MANIFEST_BYTES, "application/json")
        with self._alone(office, package_id):
            new = await run_in_threadpool(self._service.put_manifest, office, package_id, data)
        return Response(status_code=201 if new else 204)

    async def put_signature(self, request: Request) -> Response:
        """The detached signature of the manifest."""
        office, package_id = _named(request)
        data = await _whole(request, MAX_SIGNATURE_BYTES, "application/pkcs7-signature")
        with self._alone(office, package_id):
            new = await run_in_threadpool(self._service.put_signature, office, package_id, data)
        return Response(status_code=201 if new else 204)

    async def offset(self, request: Request) -> Response:
        """How many bytes of the rows are there."""
        office, package_id = _named(request)
        have, total = await run_in_threadpool(self._service.offset, office, package_id)
        return Response(headers={"upload-offset": str(have), "upload-length": str(total)})

    async def append(self, request: Request) -> Response:
        """Further bytes of the rows; cut off, those that came are kept."""
        office, package_id = _named(request)
        _require_type(request, ROWS_TYPE)
        offset, digest = _offset(request), _digest(request)
        with self._alone(office, package_id):
            part = await run_in_threadpool(self._service.append, office, package_id, offset)
            piece, taken = bytearray(), 0
            try:
                async for chunk in request.stream():
                    piece += chunk
                    taken += len(chunk)
                    if taken > PART_BYTES:
                        raise TooLargeError(
                            f"The part is longer than {PART_BYTES:,} bytes.",
                            next_step="Send the rows in several parts.",
                        )
                    if len(piece) >= _PIECE:
                        await run_in_threadpool(part.write, bytes(piece))
                        piece.clear()
                await run_in_threadpool(part.write, bytes(piece))
                have = await run_in_threadpool(part.finish, digest)
            except ClientDisconnect:
                await run_in_threadpool(part.write, bytes(piece))
                await run_in_threadpool(part.finish)
                raise
            finally:
                await run_in_threadpool(part.close)
        return Response(status_code=204, headers={"upload-offset": str(have)})

    async def hand_over(self, request: Request) -> Response:
        """The package has arrived; from now on it does not change."""
        office, package_id = _named(request)
        await _whole(request, 0, "")
        with self._alone(office, package_id):
            status = await run_in_threadpool(self._service.hand_over, office, package_id)
        return self._status(status, 202)

    async def status(self, request: Request) -> Response:
        """Where the package is."""
        office, package_id = _named(request)
        return self._status(await run_in_threadpool(self._service.status, office, package_id), 200)

    async def discard(self, request: Request) -> Response:
        """An upload that has not arrived is gone."""
        office, package_id = _named(request)
        with self._alone(office, package_id):
            await run_in_threadpool(self._service.discard, office, package_id)
        return Response(status_code=204)

    async def receipt(self, request: Request) -> Response:
        """The receipt, once the answers are released."""
        office, package_id = _named(request)
        path = await run_in_threadpool(self._service.receipt, office, package_id)
        return FileResponse(path, media_type="application/json")

    async def answers(self, request: Request) -> Response:
        """Names and sizes of the released files."""
        office, package_id = _named(request)
        files = await run_in_threadpool(self._service.released_files, office, package_id)
        return JSONResponse(
            {"package": package_id, "files": [{"name": name, "bytes": size} for name, size in files]}
        )

    async def answer(self, request: Request) -> Response:
        """One released file; a range of it, where one is named (RFC 9110 section 14)."""
        office, package_id = _named(request)
        name = request.path_params["name"]
        path = await run_in_threadpool(self._service.released_file, office, package_id, name)
        return FileResponse(path, media_type=ANSWER_TYPES.get(path.suffix, "application/octet-stream"))

    def _status(self, status: Status, code: int) -> Response:
        headers = {}
        seconds = self._service.seconds_to_slot(status)
        if status.stage is Stage.WAITING and seconds is not None:
            headers["retry-after"] = str(seconds)
        return JSONResponse(status.as_json(), code, headers)

    @contextmanager
    def _alone(self, office: Office, package_id: str) -> Iterator[None]:
        """One request at a time changes an upload."""
        upload = (office, package_id)
        if upload in self._busy:
            raise InUseError(
                "Another request is changing this upload.",
                why="Every byte of the rows is taken once, in order.",
                next_step="Wait until it has ended, ask for the offset, and go on there.",
            )
        self._busy.add(upload)
        try:
            yield
        finally:
            self._busy.discard(upload)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self._keep_house())
        yield
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping

    async def _keep_house(self) -> None:
        while True:
            with suppress(NarrowgateError, OSError):  # tried again; a request that meets the same tells it
                await run_in_threadpool(self._service.keep_house)
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _refuse(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, NarrowgateError):
            return problem_response(INTERNAL)
        headers = {}
        if isinstance(error, NotReleasedError):
            office, package_id = _named(request)
            status = await run_in_threadpool(self._service.status, office, package_id)
            if (seconds := self._service.seconds_to_slot(status)) is not None:
                headers["retry-after"] = str(seconds)
        return problem_response(error, headers)

    async def _too_slow(self, request: Request, error: Exception) -> Response:
        return problem_response(
            HttpUsageError(408, "The body did not come in time.", "Ask for the offset and go on there.")
        )

    async def _no_resource(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        headers = {"allow": ", ".join(self._offered(request.url.path))} if status == 405 else {}
        what = "There is no such resource." if status == 404 else "The resource does not offer this method."
        step = "Ask for /v1/openapi.json, which names all of them."
        return problem_response(HttpUsageError(status, what, step), headers)

    def _offered(self, path: str) -> list[str]:
        """The methods of every route that leads to a path."""
        routes = [one for one in self.application.routes if isinstance(one, Route)]
        return sorted(
            {method for one in routes if one.path_regex.match(path) for method in one.methods or ()}
        )

    async def _internal(self, request: Request, error: Exception) -> Response:
        return problem_response(INTERNAL)


def _named(request: Request) -> tuple[Office, str]:
    office: Office = getattr(request.state, OFFICE)
    return office, request.path_params["package_id"]


async def _whole(request: Request, most: int, media_type: str) -> bytes:
    """The body, of which no more than ``most`` bytes and one piece are ever in memory.

    Raises:
        TooLargeError: it is longer.
        HttpUsageError: it is of another media type.
    """
    if media_type:
        _require_type(request, media_type)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise TooLargeError(
                f"The body is longer than {most:,} bytes.",
                next_step="Send the file that 'narrowgate package build' or 'narrowgate package sign' made.",
            )
    return bytes(data)


def _require_type(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise HttpUsageError(415, "The body is of another media type.", f"Send it as {media_type}.")


def _offset(request: Request) -> int:
    text = request.headers.get("upload-offset", "")
    if not _OFFSET.fullmatch(text):
        raise HttpUsageError(
            400,
            "The header Upload-Offset is missing or no number.",
            "Ask for the offset with HEAD, and name it.",
        )
    return int(text)


def _digest(request: Request) -> str:
    text = request.headers.get("content-digest")
    if text is None:
        return ""
    found = _DIGEST.fullmatch(text.strip())
    if found is None:
        raise HttpUsageError(
            400,
            "The header Content-Digest has another form.",
            "Write sha-256=: and the base64 of the part's digest and a colon (RFC 9530), or leave it out.",
        )
    return found[1]
