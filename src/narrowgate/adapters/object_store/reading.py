"""Reading of a store that need not be honest or awake: whole pieces, each in time, or an error.

``pyarrow.fs`` gives a piece as whole whose answer was shorter, the rest being what lay in memory, and waits as long as
a byte comes each second.
"""

from __future__ import annotations

import io
import os
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from narrowgate.adapters.object_store.trouble import given_in_part, store_failures, unreached

_Found = TypeVar("_Found")

_PIECE = 8 << 20
"""Bytes that are asked of a store at once, at most."""

_PIECE_SECONDS = 600.0
"""In which a piece comes, or whatever else is asked: 14 kB a second, and longer than every limit of the store's client
together."""

_HUNG_UP_SECONDS = 60.0
"""In which a client whose connections are shut has ended its repetitions."""

_MARKS = (b"\x55", b"\xaa")


class ObjectReader(io.RawIOBase):
    """An object for reading, from any place in it.

    Args:
        opened: as ``pyarrow.fs`` opened it.
        name: of the object, which errors may show.
        port: of the store.
    """

    def __init__(self, opened: Any, name: str, port: int) -> None:
        super().__init__()
        self._opened = opened
        self._name = name
        self._port = port
        self._size = int(opened.size())
        self._at = 0

    def size(self) -> int:
        """Bytes of the object."""
        return self._size

    def metadata(self) -> dict[str, str]:
        """What the store says beside it.

        Raises:
            UnavailableError: it says nothing.
        """
        with store_failures(self._name):
            told = in_time(self._opened.metadata, self._name, self._port) or {}
        return {str(name): str(value) for name, value in told.items()}

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The next byte is read there."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """So many of the next bytes, however many pieces they are; fewer at the end only.

        Raises:
            UnavailableError: the store does not give them all, or not in time.
        """
        left = max(0, self._size - self._at)
        whole = memoryview(bytearray(left if size is None or size < 0 else min(size, left)))
        at = 0
        while at < len(whole):
            at += self.readinto(whole[at:])
        return bytes(whole)

    def readall(self) -> bytes:
        """All that is left."""
        return self.read()

    def readinto(self, target: Any) -> int:
        """The next bytes, as many as ``target`` takes or fewer; none behind the end.

        Raises:
            UnavailableError: the store does not give them all, or not in time.
        """
        wanted = memoryview(target).cast("B")[: max(0, min(_PIECE, self._size - self._at))]
        if wanted:
            wanted[:] = self._piece(len(wanted))
            self._at += len(wanted)
        return len(wanted)

    def _piece(self, size: int) -> bytearray:
        """So many bytes from here: the last one shows whether all came, for it is no longer what was put there."""
        for mark in _MARKS:
            piece = bytearray(size)
            piece[-1:] = mark
            with store_failures(self._name):
                in_time(partial(self._filled, piece), self._name, self._port)
            if piece[-1:] != mark:
                return piece
        raise given_in_part(self._name)

    def _filled(self, piece: bytearray) -> None:
        self._opened.seek(self._at)
        self._opened.readinto(piece)


def in_time(call: Callable[[], _Found], name: str, port: int) -> _Found:
    """What ``call`` finds, if it ends in time; else its connections are shut, so that it ends at all.

    Args:
        call: to the store; it may go on for a moment after the error.
        name: of the object.
        port: of the store.

    Raises:
        UnavailableError: it did not.
    """
    found: list[_Found] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again where it was called
            failed.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(_PIECE_SECONDS)
    if thread.is_alive():
        for _ in range(int(_HUNG_UP_SECONDS)):
            _hang_up(port)
            thread.join(1.0)
            if not thread.is_alive():
                break
        raise unreached(name)
    if failed:
        raise failed[0]
    return found[0]


def _hang_up(port: int) -> None:
    """Shuts the connections of this process to that port: the store's client can not be told to stop waiting."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError, ValueError):
            if stat.S_ISSOCK(entry.stat().st_mode):
                with socket.socket(fileno=os.dup(int(entry.name))) as connection:
                    if (
                        connection.family in (socket.AF_INET, socket.AF_INET6)
                        and connection.getpeername()[1] == port
                    ):
                        connection.shutdown(socket.SHUT_RDWR)
