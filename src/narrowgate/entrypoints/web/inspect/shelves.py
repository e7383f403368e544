"""The source as it is now: a service of months shows what its gate did meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from narrowgate.core.base.errors import BusyError
from narrowgate.entrypoints.web.inspect.shelf import Shelf, SourceMovedError, SourceState
from narrowgate.gate.ports import Clock
from narrowgate.verify.log_directory import require_continuation
from narrowgate.verify.source import Source

_TRIES: Final = 5

Show = Callable[[Shelf, datetime, Request], Response]
"""Makes a page of one shelf, at the time of the visit."""


class Shelves:
    """Gives each request one shelf, of the state that the source has then; a request that runs keeps its own.

    Args:
        source: a bundle, a world or a log.
        scratch: directory of the site's own, for the index of a trace.
        clock: asked at each request.
        openings: files of openings, which the accounting counts.

    Raises:
        LogInconsistentError: the checkpoint is damaged or not signed by the key.
    """

    def __init__(self, source: Source, scratch: Path, clock: Clock, openings: tuple[Path, ...] = ()) -> None:
        self._source = source
        self._scratch = scratch
        self._clock = clock
        self._openings = openings
        self._lock = Lock()
        self._shelf = Shelf(source, scratch, openings)

    def current(self) -> Shelf:
        """The shelf of the source's state now.

        Raises:
            LogInconsistentError: the checkpoint that the source has now is missing, damaged or not signed by the key,
                or does not continue the one that was shown before.
            OperationalError: the machine cannot read it.
        """
        with self._lock:
            before = self._shelf
            if SourceState.of(self._source) != before.state:
                shelf = Shelf(self._source, self._scratch, self._openings)
                require_continuation(self._source.log, shelf.entries.checkpoint, before.entries.checkpoint)
                self._shelf = shelf
            return self._shelf

    def page(self, show: Show) -> Callable[[Request], Response]:
        """What answers a request with a page of one state; made again where the source went on meanwhile.

        Args:
            show: makes the page.
        """

        def handler(request: Request) -> Response:
            for _ in range(_TRIES):
                try:
                    return show(self.current(), self._clock.now(), request)
                except SourceMovedError:
                    continue
            raise BusyError(
                "The log went on each time that this page was made.",
                why="A page tells of one state of the log, and of no two.",
                next_step="Open it again in a minute.",
            )

        return handler
