"""Only programs of the user who started the service: on one machine, 127.0.0.1 is everybody's."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_TABLE: Final = Path("/proc/net/tcp")
"""Every IPv4 socket of this machine with the user it belongs to (proc_net_tcp.rst of the Linux kernel)."""

_LOCAL: Final = 1
_REMOTE: Final = 2
_USER: Final = 7


class SameUser:
    """Refuses a connection over loopback whose other end belongs to another user of this machine.

    Where the kernel has no such table (not Linux) it says nothing, and the one-time link alone guards.

    Args:
        app: that answers the others.
        user: the numeric id of the user who is served.
        table: of the sockets, as the kernel writes it.
    """

    def __init__(self, app: ASGIApp, user: int, table: Path = _TABLE) -> None:
        self._app = app
        self._user = user
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self._table.exists() and self._other(scope) != self._user:
            refusal = PlainTextResponse("This page belongs to another user of this machine.", status_code=403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _other(self, scope: Scope) -> int | None:
        client, server = scope.get("client"), scope.get("server")
        if client is None or server is None:
            return None
        return user_of(self._table.read_text(encoding="ascii"), tuple(client), tuple(server))


def user_of(table: str, local: tuple[str, int], remote: tuple[str, int]) -> int | None:
    """The user who owns the socket between these two ends; nothing where the table has none.

    Args:
        table: the text of ``/proc/net/tcp``.
        local: IPv4 address and port of the end whose owner is sought.
        remote: of the other end.
    """
    wanted = [_end(local), _end(remote)]
    for line in table.splitlines()[1:]:
        fields = line.split()
        if fields[_LOCAL : _REMOTE + 1] == wanted:
            return int(fields[_USER])
    return None


def _end(end: tuple[str, int]) -> str:
    """Address and port as the kernel writes them: the address as a number in the machine's own byte order."""
    packed = ipaddress.IPv4Address(end[0]).packed
    return f"{int.from_bytes(packed, sys.byteorder):08X}:{end[1]:04X}"


def this_user() -> int:
    """The user whom this process acts for."""
    return os.getuid()
