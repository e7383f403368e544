"""What a service asks of a request before it looks at who sends it: one reading of its frame, and a body that comes."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Message, Receive, Scope

from narrowgate.entrypoints.web.problems import HttpUsageError

GRACE_SECONDS: Final = 20.0
LEAST_RATE: Final = 8_192
"""A body may take 20 seconds, and one second for each 8,192 bytes of it."""


def require_plain(scope: Scope, next_step: str) -> None:
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
