"""What stands before every request: who calls, whether the request is plain, and how much one client may take."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrowgate.adapters.http.rate import Rate
from narrowgate.adapters.http.tls_server import PEER_CERTIFICATE
from narrowgate.core.base.errors import BusyError, ClientRefusedError, NarrowgateError
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.web.accepted_certificates import AcceptedCertificates
from narrowgate.entrypoints.web.plain_requests import require_plain, timely
from narrowgate.entrypoints.web.problems import problem_response

OFFICE: Final = "office"
"""In the state of a request: the office that the client speaks for."""

AT_ONCE: Final = 8
"""Requests of one client that may be under way."""

RESPONSE_SECONDS: Final = 60.0
"""A client takes each piece of an answer within so many seconds."""

_NAMED_THERE: Final = "Ask for /v1/openapi.json, which names all of them."
_SAFE_HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


@dataclass(slots=True)
class Guard:
    """ASGI middleware: lets a request through with its office, or answers it with a problem.

    Args:
        app: behind it.
        digest_of: hex digest of the public key of a certificate (DER).
        accepted: looks at certificates.
        offices: which key speaks for which office.
        per_minute: requests of one client.
    """

    app: ASGIApp
    digest_of: Callable[[bytes], str]
    accepted: AcceptedCertificates
    offices: dict[str, Office]
    per_minute: int
    _rates: dict[str, Rate] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _safe(send)
        try:
            require_plain(scope, _NAMED_THERE)
            certificate = self._certificate(scope)
            key = self.digest_of(certificate)
            # What costs little comes first: a path to the root is looked for only where it can matter.
            scope["state"][OFFICE] = self._office(key)
            self._require_moderate(key)
            await self.accepted.require(certificate)
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


def _safe(send: Send) -> Send:
    """Answers that no cache keeps and no reader takes for another type; a client that does not read them is left."""

    async def send_safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Any] = message.get("headers", [])
            present = {name.lower() for name, _ in headers}
            message["headers"] = [*headers, *(one for one in _SAFE_HEADERS if one[0] not in present)]
        await asyncio.wait_for(send(message), RESPONSE_SECONDS)

    return send_safely
