"""Only requests to the very host and port that is served, and changes only from its own pages."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

READS: Final = frozenset({"GET", "HEAD"})
"""The methods that change nothing."""


class OwnOrigin:
    """Refuses a request whose Host is another (a name that was rebound), and a change that another site sent.

    A browser tells the origin of every form it sends (Fetch Standard, section 3.2); a change without one is refused.

    Args:
        app: that answers the others.
        origin: scheme, host and port that are served, such as ``http://127.0.0.1:8642``.
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._origin = origin
        self._host = urlsplit(origin).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            return "This is not the address of this service. Open the link that was given to you."
        if scope["method"] not in READS and headers.getlist("origin") != [self._origin]:
            return "This was not sent from a page of this service. Nothing was done."
        return ""
