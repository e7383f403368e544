"""A network that cuts connections off: bytes pass to a server until enough have passed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cutting_proxy(url: str, after: int, times: int) -> Iterator[str]:
    """The URL of a way to ``url`` that cuts each of the first connections off once so many bytes went either way."""
    host, port = url.removeprefix("https://").split(":")
    listening = socket.create_server(("127.0.0.1", 0))
    left = [times]

    def serve() -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.create_connection((host, int(port)))
            budget = [after if left[0] > 0 else 1 << 60]
            left[0] -= 1
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(one, other, budget), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def _carry(one: socket.socket, other: socket.socket, budget: list[int]) -> None:
    with suppress(OSError):
        while budget[0] > 0 and (piece := one.recv(8_192)):
            budget[0] -= len(piece)
            other.sendall(piece)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
            end.close()
