"""Serve an application from a socket of this machine: until it is interrupted, or in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from narrowgate.core.base.errors import OperationalError
from narrowgate.core.base.system_errors import system_reason

LOOPBACK: Final = "127.0.0.1"
_WAITING: Final = 64
_SECONDS_TO_END: Final = 5


def listening(port: int = 0, host: str = LOOPBACK) -> socket.socket:
    """A socket that waits for connections.

    Args:
        port: 0 for any that is free.
        host: address of this machine.

    Raises:
        OperationalError: the port is taken, or may not be used.
    """
    waiting = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    waiting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        waiting.bind((host, port))
        waiting.listen(_WAITING)
    except OSError as error:
        waiting.close()
        raise OperationalError(
            f"The port {port} of {host} cannot be used: {system_reason(error)[0]}",
            next_step="Choose another --port, or none for one that is free.",
        ) from error
    return waiting


def origin_of(waiting: socket.socket) -> str:
    """Scheme, host and port of a socket, as a browser names them."""
    host, port = waiting.getsockname()[:2]
    return f"http://{host}:{port}"


def serve(app: ASGIApp, waiting: socket.socket) -> None:
    """Answer requests until the process is interrupted or told to end; requests at work are ended first."""
    _server(app).run(sockets=[waiting])


@contextmanager
def serving(app: ASGIApp, waiting: socket.socket) -> Iterator[str]:
    """Answer requests in a thread of its own while the caller goes on; gives the origin.

    Args:
        app: that answers.
        waiting: closed at the end.
    """
    server = _server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [waiting]}, daemon=True)
    thread.start()
    try:
        yield origin_of(waiting)
    finally:
        server.should_exit = True
        thread.join(_SECONDS_TO_END)
        waiting.close()


def _server(app: ASGIApp) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            timeout_keep_alive=5,
            timeout_graceful_shutdown=_SECONDS_TO_END,
        )
    )
