"""What stands before every request: who calls, whether the request is plain, and how much one client may take."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrowgate.adapters.http.rate import Rate
from narrowgate.adapters.http.tls_server import PEER_CERTIFICATE
from narrowgate.core.base.errors import BusyError, ClientRefusedError, NarrowgateError
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.web.intake.problems import HttpUsageError, problem_response

OFFICE: Final = "office"
"""In the state of a request: the office that the client speaks for."""

ACCEPTED_FOR: Final = 15.0
"""Seconds after which a certificate is looked at anew, on an open connection too."""

AT_ONCE: Final = 8
"""Requests of one client that may be under way."""

GRACE_SECONDS: Final = 20.0
LEAST_RATE: Final = 8_192
"""A body may take 20 seconds, and one second for each 8,192 bytes of it."""

RESPONSE_SECONDS: Final = 60.0
"""A client takes each piece of an answer within so many seconds."""

_SAFE_HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


@dataclass(slots=True)
class Guard:
    """ASGI middleware: lets a request through with its office, or answers it with a problem.

    Args:
        app: behind it.
        digest_of: hex digest of the public key of a certificate (DER).
        require_good: raises for a certificate (DER) that is not accepted now; called in a thread.
        offices: which key speaks for which office.
        per_minute: requests of one client.
    """

    app: ASGIApp
    digest_of: Callable[[bytes], str]
    require_good: Callable[[bytes], None]
    offices: dict[str, Office]
    per_minute: int
    _accepted: dict[bytes, float] = field(default_factory=dict)
    _rates: dict[str, Rate] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _safe(send)
        try:
            require_plain(scope)
            certificate = self._certificate(scope)
            key = self.digest_of(certificate)
            # What costs little comes first: a path to the root is looked for only where it can matter.
            scope["state"][OFFICE] = self._office(key)
            self._require_moderate(key)
            await self._require_accepted(certificate)
        except BusyError as error:
            await problem_response(error, {"retry-after": "2"})(scope, receive, guarded)
            return
        except NarrowgateError as error:
            await problem_response(error)(scope, receive, guarded)
            return
        self._under_way[key] += 1
        try:
            await self.app(scope, timely(receive), guarded)
        finally:
            self._under_way[key] -= 1

    def _certificate(self, scope: Scope) -> bytes:
        certificate: bytes | None = scope["state"].get(PEER_CERTIFICATE)
        if not certificate:
            raise ClientRefusedError(
                "The connection shows no client certificate.",
                next_step="Call over TLS with the certificate that the custodian bound to your office.",
            )
        return certificate

    async def _require_accepted(self, certificate: bytes) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._accepted.get(certificate, float("-inf")) > ACCEPTED_FOR:
            self._accepted.pop(certificate, None)
            await run_in_threadpool(self.require_good, certificate)
            self._accepted[certificate] = now

    def _office(self, key: str) -> Office:
        office = self.offices.get(key)
        if office is None:
            raise ClientRefusedError(
                "The client certificate is bound to no office.",
                why="The custodian has not named its key.",
                next_step="Call with the certificate that the custodian bound to your office.",
            )
        return office

    def _require_moderate(self, key: str) -> None:
        rate = self._rates.setdefault(key, Rate(self.per_minute, self.per_minute / 4))
        if rate.take(asyncio.get_running_loop().time()) or self._under_way[key] >= AT_ONCE:
            raise BusyError(
                "Too many requests of this client.",
                why=f"One client may make {self.per_minute:,} a minute and have {AT_ONCE} under way.",
                next_step="Wait as many seconds as Retry-After says, and go on.",
            )


_NAMED_THERE: Final = "Ask for /v1/openapi.json, which names all of them."


def require_plain(scope: Scope, next_step: str = _NAMED_THERE) -> None:
    """Returns only for a request that everything on the way reads alike (RFC 9112 section 11.2).

    Args:
        scope: of the request.
        next_step: what to do where its path leads nowhere.

    Raises:
        HttpUsageError: it has two framings, an upgrade, or a path with escapes, which no resource here needs.
    """
    names = [name for name, _ in scope["headers"]]
    encodings = [value.strip().lower() for name, value in scope["headers"] if name == b"transfer-encoding"]
    framed_twice = encodings and b"content-length" in names
    odd = encodings not in ([], [b"chunked"])
    many = any(
        names.count(one) > 1 for one in (b"content-length", b"host", b"transfer-encoding", b"upload-offset")
    )
    if framed_twice or odd or many or b"upgrade" in names:
        raise HttpUsageError(
            400,
            "The request is framed in two ways, or asks for another protocol.",
            "Send one plain HTTP/1.1 request.",
        )
    if b"%" in scope["raw_path"] or b"//" in scope["raw_path"] or b"\\" in scope["raw_path"]:
        raise HttpUsageError(404, "There is no such resource.", next_step)


def timely(receive: Receive) -> Receive:
    """Gives the body, as long as it comes fast enough; a slow one ends the request as if the client had gone."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    taken = 0

    async def receive_in_time() -> Message:
        nonlocal taken
        left = began + GRACE_SECONDS + taken / LEAST_RATE - loop.time()
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.001))
        except TimeoutError:
            return {"type": "http.disconnect"}
        taken += len(message.get("body", b""))
        return message

    return receive_in_time


def _safe(send: Send) -> Send:
    """Answers that no cache keeps and no reader takes for another type; a client that does not read them is left."""

    async def send_safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Any] = message.get("headers", [])
            present = {name.lower() for name, _ in headers}
            message["headers"] = [*headers, *(one for one in _SAFE_HEADERS if one[0] not in present)]
        await asyncio.wait_for(send(message), RESPONSE_SECONDS)

    return send_safely
