"""What a service tells the manager that started it (systemd): that it is ready, that it lives, that it ends.

Source: sd_notify(3), sd_watchdog_enabled(3); the protocol is one datagram of ``NAME=VALUE`` lines.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

_SOCKET: Final = "NOTIFY_SOCKET"
_WATCHDOG: Final = "WATCHDOG_USEC"
_PROCESS: Final = "WATCHDOG_PID"


def tell_manager(state: str) -> None:
    """The manager has been told; where there is none, or it does not take it, nothing happens.

    Args:
        state: such as ``READY=1``.
    """
    address = os.environ.get(_SOCKET, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
        manager.sendall(state.encode())


def watchdog_seconds() -> float | None:
    """Within how many seconds the manager wants a sign of life of this process; nothing where it wants none."""
    if os.environ.get(_PROCESS, str(os.getpid())) != str(os.getpid()):
        return None
    limit = os.environ.get(_WATCHDOG, "")
    return int(limit) / 1e6 if limit.isascii() and limit.isdigit() and int(limit) else None


@contextmanager
def managed(is_alive: Callable[[], bool]) -> Iterator[None]:
    """The manager is told that the service is ready and when it ends, and gets signs of life as long as there are any.

    Args:
        is_alive: asked three times within the time in which the manager wants a sign.
    """
    ended = threading.Event()
    limit = watchdog_seconds()

    def watch(seconds: float) -> None:
        while not ended.wait(seconds):
            if is_alive():
                tell_manager("WATCHDOG=1")

    watcher = None if limit is None else threading.Thread(target=watch, args=(limit / 3,), daemon=True)
    tell_manager("READY=1")
    if watcher is not None:
        watcher.start()
    try:
        yield
    finally:
        ended.set()
        tell_manager("STOPPING=1")
        if watcher is not None:
            watcher.join()
