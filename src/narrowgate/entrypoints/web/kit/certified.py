"""On a network a session is a client certificate: every request shows it anew, and there is no cookie to steal."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from narrowgate.adapters.http.rate import Rate
from narrowgate.adapters.http.tls_server import PEER_CERTIFICATE
from narrowgate.adapters.signing.client_certificates import client_key_sha256
from narrowgate.core.base.errors import BusyError, ClientRefusedError, NarrowgateError
from narrowgate.entrypoints.web.accepted_certificates import AcceptedCertificates
from narrowgate.entrypoints.web.kit.pages import Pages
from narrowgate.entrypoints.web.plain_requests import require_plain, timely
from narrowgate.entrypoints.web.problems import status_code

PERSON: Final = "person"
"""In the state of a request: whose certificate it came with."""

PER_MINUTE: Final = 600
"""Requests of one certificate; a page is three or four."""


class CertifiedClient:
    """Answers those whose client certificate is bound to a person, and refuses everybody else (403).

    The handshake has verified that the client has the key of a certificate of the one root; here its key must be
    bound, and the certificate must hold and be revoked by no fresh list now, every 15 seconds anew. The token of forms
    is made of the certificate: what was sent to one person is worth nothing with the certificate of another.

    Args:
        app: that answers them.
        persons: hex SHA-256 of a client's public key, and the person who has it.
        require_good: raises for a certificate (DER) that is not accepted now; called in a thread.
        secret: 32 random bytes, of this run of the service.
        pages: say why a request is refused.
    """

    def __init__(
        self,
        app: ASGIApp,
        persons: Mapping[str, str],
        require_good: Callable[[bytes], None],
        secret: bytes,
        pages: Pages,
    ) -> None:
        self._app = app
        self._persons = persons
        self._secret = secret
        self._pages = pages
        self._accepted = AcceptedCertificates(require_good)
        self._rates = {key: Rate(PER_MINUTE, PER_MINUTE / 4) for key in persons}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            require_plain(scope, "Go to the first page.")
            certificate: bytes | None = scope["state"].get(PEER_CERTIFICATE)
            person = self._person(certificate or b"")
            await self._accepted.require(certificate or b"")
        except NarrowgateError as error:
            refusal = self._pages.problem(Request(scope), error, status_code(error))
            refusal.headers["connection"] = "close"  # its body was not read
            await refusal(scope, receive, send)
            return
        scope["state"][PERSON] = person
        scope["state"]["form_token"] = self.form_token(certificate or b"")
        await self._app(scope, timely(receive), send)

    def form_token(self, certificate: bytes) -> str:
        """What every form holds that is sent with this certificate (DER)."""
        shown = sha256(certificate).hexdigest()
        return hmac.new(self._secret, f"narrowgate form {shown}".encode(), "sha256").hexdigest()

    def _person(self, certificate: bytes) -> str:
        key = client_key_sha256(certificate)
        person = self._persons.get(key)
        if person is None:
            raise ClientRefusedError(
                "The client certificate is bound to no person here.",
                why="The settings of these pages do not name its key.",
                next_step="Choose the certificate that these pages know, or have its key bound.",
            )
        if self._rates[key].take(asyncio.get_running_loop().time()):
            raise BusyError(
                "Too many requests with this certificate.",
                why=f"One certificate may make {PER_MINUTE:,} a minute.",
                next_step="Wait a few seconds, and go on.",
            )
        return person
