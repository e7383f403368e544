"""No request brings more bytes than an application takes, whatever its headers say."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_THROWN_AWAY: Final = 1 << 30
"""Bytes of a body that is too long that are read and dropped, so that a browser shows the answer to it."""


class BoundedBodies:
    """Refuses a longer body (413) before the application sees it, or as soon as it turns out to be longer.

    Args:
        app: that answers the others.
        most: bytes.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared) > self._most:
            await self._refuse(0, True, scope, receive, send)
            return
        taken = 0
        more = True
        has_answered = False

        async def counted() -> Message:
            nonlocal taken, more
            message = await receive()
            taken += len(message.get("body", b""))
            more = message.get("more_body", False)
            if taken > self._most:
                raise _TooLongError
            return message

        async def noted(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLongError:
            if not has_answered:
                await self._refuse(taken, more, scope, receive, send)

    async def _refuse(self, taken: int, more: bool, scope: Scope, receive: Receive, send: Send) -> None:
        while more and taken < _THROWN_AWAY:
            message = await receive()
            taken += len(message.get("body", b""))
            more = message.get("more_body", False)
        text = f"This is larger than {self._most // 1_000_000:,} MB, the most that is taken at once. Nothing was kept."
        await PlainTextResponse(text, status_code=413, headers={"Connection": "close"})(scope, receive, send)


class _TooLongError(Exception):
    """The body has more bytes than are taken."""
