"""Only requests to the very host and port that is served, and changes only from its own pages."""

from __future__ import annotations

from collections.abc import Sequence
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
        origins: scheme, host and port of each name that is served, such as ``http://127.0.0.1:8642``.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = {urlsplit(origin).netloc: origin for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        origin = self._origins.get(hosts[0]) if len(hosts) == 1 else None
        if origin is None:
            return "This is not the address of this service. Open the link that was given to you."
        if scope["method"] not in READS and headers.getlist("origin") != [origin]:
            return "This was not sent from a page of this service. Nothing was done."
        return ""
