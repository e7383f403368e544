"""Each HTTP request of a service, counted and written down by the template of its route, never its path."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrowgate.core.request.manifest import PACKAGE_ID
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import METHODS, NO_ANSWER, OTHER, Event, Key, Value, named

BUCKETS: Final = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)
"""Upper bounds of the histogram of durations, in seconds."""

_CLASSES: Final = {number: f"{number}xx" for number in range(1, 6)}


@dataclass(slots=True)
class RequestTally:
    """Requests since the service started; read and written from any thread."""

    requests: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    within: Counter[tuple[str, float]] = field(default_factory=Counter)
    in_progress: int = 0
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """One request more is under way."""
        with self._one_at_a_time:
            self.in_progress += 1

    def end(self, seen: SeenRequest) -> None:
        """It has ended."""
        route = seen.route
        with self._one_at_a_time:
            self.in_progress -= 1
            self.requests[route, seen.method, _CLASSES.get(seen.status // 100, "none")] += 1
            self.received[route] += seen.received
            self.sent[route] += seen.sent
            self.seconds[route] = self.seconds.get(route, 0.0) + seen.seconds
            bound = next((each for each in BUCKETS if seen.seconds <= each), float("inf"))
            self.within[route, bound] += 1

    def snapshot(self) -> RequestTally:
        """The same numbers, which change no more."""
        with self._one_at_a_time:
            return RequestTally(
                self.requests.copy(),
                self.received.copy(),
                self.sent.copy(),
                self.seconds.copy(),
                self.within.copy(),
                self.in_progress,
            )


@dataclass(slots=True)
class SeenRequest:
    """One request as it is told of.

    Args:
        method: one of ``METHODS``, or ``other``.
        route: template of the route.
        package: what the journal calls the package of the path; empty where it names none.
        status: of the answer.
        received: bytes of the body.
        sent: bytes of the answer's body.
        seconds: from the head to the end.
    """

    method: str
    route: str
    package: str = ""
    status: int = NO_ANSWER
    received: int = 0
    sent: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class ObservedRequests:
    """ASGI middleware around everything else of a service.

    Args:
        app: with all its guards.
        routes: of the application within.
        tally: counts.
        journal: gets a line for each request.
        office_of: the office that a request was made for, after it; empty where none is known.
    """

    app: ASGIApp
    routes: Sequence[BaseRoute]
    tally: RequestTally
    journal: Journal
    office_of: Callable[[Scope], str] = lambda _scope: ""
    loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the start and end of the application."""
        self.loop = asyncio.get_running_loop()
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = self._seen(scope)

        async def counted_receive() -> Message:
            message = await receive()
            seen.received += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = int(message["status"])
            await send(message)
            seen.sent += len(message.get("body", b""))

        began = time.monotonic()
        self.tally.begin()
        try:
            await self.app(scope, counted_receive, counted_send)
        finally:
            seen.seconds = time.monotonic() - began
            self.tally.end(seen)
            self._write(scope, seen)

    def is_answering(self, patience: float = 2.0) -> bool:
        """Whether the loop that answers requests comes round in time; called from another thread."""
        if self.loop is None:
            return True  # no request came yet
        came_round = threading.Event()
        try:
            self.loop.call_soon_threadsafe(came_round.set)
        except RuntimeError:
            return False  # it is closed
        return came_round.wait(patience)

    def _seen(self, scope: Scope) -> SeenRequest:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route, parameters = self._route(scope)
        package = parameters.get("package_id", "")
        is_id = isinstance(package, str) and PACKAGE_ID.fullmatch(package) is not None
        return SeenRequest(method, route, named(package) if is_id else "")

    def _route(self, scope: Scope) -> tuple[str, dict[str, Any]]:
        partial: tuple[str, dict[str, Any]] = OTHER, {}
        for route in self.routes:
            match, found = route.matches(scope)
            template = _template(route)
            if match is Match.FULL:
                return template, found.get("path_params", {})
            if match is Match.PARTIAL and partial[0] == OTHER:
                partial = template, found.get("path_params", {})
        return partial

    def _write(self, scope: Scope, seen: SeenRequest) -> None:
        if not self.journal.is_kept:
            return
        values: dict[Key, Value] = {
            Key.METHOD: seen.method,
            Key.ROUTE: seen.route,
            Key.STATUS: seen.status,
            Key.RECEIVED: seen.received,
            Key.SENT: seen.sent,
            Key.MILLISECONDS: round(seen.seconds * 1000),
        }
        if seen.package:
            values[Key.PACKAGE] = seen.package
        if office := self.office_of(scope):
            values[Key.OFFICE] = office
        self.journal.write(Event.REQUEST, values)


def _template(route: BaseRoute) -> str:
    if isinstance(route, Mount):
        return f"{route.path.removesuffix('/')}/{{path}}"
    return route.path if isinstance(route, Route) else OTHER


def routes_within(app: Any) -> Sequence[BaseRoute]:
    """The routes of the application that all guards are around."""
    while not hasattr(app, "routes"):
        app = app.app
    routes: Sequence[BaseRoute] = app.routes
    return routes
