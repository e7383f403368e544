"""What a service's command puts around it: journal, metrics and health, and no text of an unknown error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click

from narrowgate import __version__
from narrowgate.adapters.service_manager import managed
from narrowgate.adapters.state.schema_version import SCHEMA_VERSION
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.entrypoints import output
from narrowgate.entrypoints.cli import failures
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.faults import place_of, told_without_text
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import Event, Key, Service, Value
from narrowgate.entrypoints.observability.look import MinuteLook, Tried
from narrowgate.entrypoints.observability.meters import Reading
from narrowgate.gate.ports import Clock

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

    from narrowgate.adapters.http.tls_server import BoundedServer
    from narrowgate.entrypoints.observability.exposition import Source

_OF_CLICK: Final = (click.exceptions.Exit, click.exceptions.Abort, click.ClickException)
"""Ends of a command that are no failure of a service."""

_UNKNOWN: Final = "internal"


@dataclass(frozen=True, slots=True)
class Observing:
    """How a service is to be observed, as its command's options say.

    Args:
        journal: whether lines are written to stderr.
        address: where metrics and health are given; None where they are not.
    """

    journal: bool = False
    address: str | None = None


@dataclass(slots=True)
class Observation:
    """A service under observation.

    Args:
        service: that is observed.
        clock: asked for each line and look.
        journal: of the service.
        address: where metrics and health are given; None where they are not.
    """

    service: Service
    clock: Clock
    journal: Journal
    address: str | None
    sources: list[Source] = field(default_factory=list)
    is_alive: Callable[[], bool] = lambda: True

    def requests_of(self, app: ASGIApp, office_of: Callable[[Scope], str] = lambda _: "") -> ASGIApp:
        """The application, whose requests are counted and written down; outermost of all.

        Args:
            app: with its guards.
            office_of: the office that a request was made for; empty where none is known.
        """
        # What serves HTTP is loaded where HTTP is served: every command of a gate and of a witness can be observed.
        from narrowgate.entrypoints.observability.exposition import readings_of  # noqa: PLC0415
        from narrowgate.entrypoints.observability.requests import (  # noqa: PLC0415
            ObservedRequests,
            RequestTally,
            routes_within,
        )

        tally = RequestTally()
        observed = ObservedRequests(app, routes_within(app), tally, self.journal, office_of)
        self.sources.append(lambda: readings_of(tally))
        self.is_alive = observed.is_answering
        return observed

    def connections_of(self, server: BoundedServer) -> None:
        """Counts the connections of a server, and those that it refuses."""
        from narrowgate.entrypoints.observability.exposition import connections_of  # noqa: PLC0415

        self.sources.append(lambda: connections_of(server))

    @contextmanager
    def given(self, tried: Sequence[Tried]) -> Iterator[None]:
        """Metrics and health are given while the block runs, and systemd is told that the service is ready and lives.

        Args:
            tried: what is looked at once a minute.
        """
        with ExitStack() as stack:
            if self.address is not None:
                from narrowgate.entrypoints.observability.listener import (  # noqa: PLC0415
                    observed_application,
                    served_at,
                )

                started = self.clock.now().timestamp()
                application = observed_application(
                    MinuteLook(tuple(tried), self.clock),
                    [lambda: _constant(started), *self.sources],
                    self.is_alive,
                    over_tcp=not self.address.startswith("unix:"),
                )
                at = stack.enter_context(served_at(self.address, application))
                output.note(f"Metrics and health: {at}")
            self.journal.write(Event.STARTED)
            stack.enter_context(managed(self.is_alive))
            yield


def _constant(started: float) -> Iterator[Reading]:
    yield Reading(meters.BUILD, 1, {"version": __version__, "state_schema": str(SCHEMA_VERSION)})
    yield Reading(meters.STARTED, started)


@contextmanager
def observing(service: Service, how: Observing, clock: Clock) -> Iterator[Observation]:
    """The block, whose failures and warnings are lines of the journal where one is kept.

    Whether one is kept or not, nothing on stderr is the text of an unknown error, or a traceback of a library.

    Args:
        service: that runs in the block.
        how: it is to be observed.
        clock: asked for each line and look.

    Raises:
        NarrowgateError: of the block, where no journal is kept.
        click.exceptions.Exit: with the exit code of the failure, where one is.
    """
    journal = Journal(service, clock, sys.stderr if how.journal else None)

    def fault(kind: str, place: str) -> None:
        if journal.is_kept:
            told: dict[Key, Value] = {Key.ERROR: kind} if kind else {}
            journal.write(Event.FAULT, told | ({Key.PLACE: place} if place else {}))
        else:
            output.warn(f"Internal error ({kind or 'warning'} at {place}).")

    with told_without_text(fault):
        if not how.journal:
            yield Observation(service, clock, journal, how.address)
            return
        with (
            output.diverted(lambda code: journal.write(Event.TROUBLE, {Key.PROBLEM: code})),
            ExitStack() as end,
        ):
            end.push(lambda _kind, error, _trace: _ended(journal, error))
            yield Observation(service, clock, journal, how.address)


def _ended(journal: Journal, error: BaseException | None) -> None:
    """The last line of a journal is written, and a failure goes on as its exit code, of which no text is told.

    Raises:
        click.exceptions.Exit: there was a failure.
    """
    if error is None:
        journal.write(Event.ENDED, {Key.EXIT_CODE: 0})
    elif isinstance(error, Exception) and not isinstance(error, _OF_CLICK):
        failure = _failure(error)
        if failure.id == _UNKNOWN:
            kind, place = type(error).__name__, place_of(error.__traceback__)
            journal.write(Event.FAULT, {Key.ERROR: kind, Key.PLACE: place})
        journal.write(Event.ENDED, {Key.PROBLEM: failure.id, Key.EXIT_CODE: failure.exit_code})
        raise click.exceptions.Exit(failure.exit_code) from error


def _failure(error: Exception) -> failures.Failure:
    if isinstance(error, NarrowgateError):
        return failures.Failure.of(error)
    return failures.system(error) if isinstance(error, OSError) else failures.unknown(error)
