"""The headers of every response: nothing is stored, framed, scripted or fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC: Final = "/static/"
"""Below it lie style sheets and pictures, which hold nothing of anybody."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""No script at all, and no style inside a page (W3C Content Security Policy Level 3)."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), usb=()",
    # Not no-referrer, under which a browser sends a form with the origin "null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_ONLY_TLS: Final = "max-age=31536000"
"""A browser that was here by TLS comes back by TLS, for a year (RFC 6797)."""

_NOT_KEPT: Final = "no-store"
_ASKED_AGAIN: Final = "no-cache"


class SecurityHeaders:
    """Puts the headers on every response of an application, its errors included; outermost of the guards.

    Args:
        app: that answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kept = _ASKED_AGAIN if scope["path"].startswith(STATIC) else _NOT_KEPT

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = kept
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _ONLY_TLS
            await send(message)

        await self.app(scope, receive, with_headers)
