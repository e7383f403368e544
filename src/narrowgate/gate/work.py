"""One package after the other, in the order of their arrival; what is told of each says nothing of tax records.

A notice names the slot from which it may be seen, because the moment at which the gate is done with a package depends
on how long it worked, on that one and on those before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from narrowgate.core.base.errors import EnvelopeError, NarrowgateError, RefusedError
from narrowgate.core.intake.documents import Arrival, Ending, Notice, Problem, Terms
from narrowgate.gate.package_ports import PackageSource
from narrowgate.gate.ports import PackageStart, ReleaseStage
from narrowgate.gate.run import Gate, Progress, run_package


class Arrivals(Protocol):
    """Where packages wait, and where the gate says what became of them."""

    def waiting(self) -> list[Arrival]:
        """The packages of which nothing was told yet, in the order of their arrival."""
        ...

    def source(self, arrival: Arrival) -> PackageSource:
        """The three files of one."""
        ...

    def tell(self, notice: Notice) -> None:
        """The gate is done with a package; durable."""
        ...

    def tell_terms(self, terms: Terms) -> None:
        """When answers leave under the agreement in force; durable."""
        ...


@dataclass(frozen=True, slots=True)
class Worked:
    """What was done in one turn.

    Args:
        package_id: of the package.
        ending: how the gate was done with it.
    """

    package_id: str
    ending: Ending


def work_once(gate: Gate, arrivals: Arrivals, begin: Callable[[str, str], Progress]) -> Worked | None:
    """The package that was begun, or else the one that has waited longest, is decided or refused whole, and told of.

    Cut off anywhere and called again, it goes on: what was begun is finished from the gate's own copy, and a package
    that was finished and not told of yet gets its stored receipt again.

    Args:
        gate: the custodian's gate.
        arrivals: where packages wait.
        begin: told the id of the package and of its office; what watches its steps.

    Returns:
        What was done; None where nothing waits.

    Raises:
        SuspendedError: a hold, or another agreement, stops the package that was begun: it waits, and so do the others.
        UnavailableError, OperationalError, NotInForceError, ConfigurationError: the custodian's side cannot decide now;
            the package waits.
        LogInconsistentError: stop and call.
    """
    arrivals.tell_terms(Terms(gate.agreement.digest, gate.agreement.release))
    begun = gate.state.package_in_progress()
    if begun is not None:
        return _finish(gate, arrivals, begun, begin)
    for arrival in arrivals.waiting():
        return _decide(gate, arrivals, arrival, begin)
    return None


def _finish(
    gate: Gate, arrivals: Arrivals, begun: PackageStart, begin: Callable[[str, str], Progress]
) -> Worked:
    kept = gate.vault.kept(begun.manifest_sha256, gate.open_keys().commitment)
    run_package(gate, kept, begin(begun.package_id, begun.office))
    for arrival in arrivals.waiting():
        if (arrival.package_id, arrival.manifest_sha256) == (begun.package_id, begun.manifest_sha256.hex()):
            _tell(gate, arrivals, arrival, Ending.DECIDED)
    return Worked(begun.package_id, Ending.DECIDED)


def _decide(
    gate: Gate, arrivals: Arrivals, arrival: Arrival, begin: Callable[[str, str], Progress]
) -> Worked:
    progress = begin(arrival.package_id, arrival.office)
    try:
        run_package(gate, arrivals.source(arrival), progress, arrival.arrived)
    except (EnvelopeError, RefusedError) as error:
        ending = Ending.REFUSED
        if gate.state.is_abandoned(arrival.package_id):
            ending = Ending.ABANDONED
        _tell(gate, arrivals, arrival, ending, _problem(error) if ending is Ending.REFUSED else None)
    else:
        ending = Ending.DECIDED
        _tell(gate, arrivals, arrival, ending)
    return Worked(arrival.package_id, ending)


def _tell(
    gate: Gate, arrivals: Arrivals, arrival: Arrival, ending: Ending, problem: Problem | None = None
) -> None:
    shown_from = gate.schedule().slot_after(arrival.arrived, gate.clock.now())
    expires = _expires(gate, arrival.package_id) if ending is Ending.DECIDED else None
    arrivals.tell(
        Notice(
            arrival.package_id, arrival.office, arrival.manifest_sha256, ending, shown_from, expires, problem
        )
    )


def _expires(gate: Gate, package_id: str) -> datetime | None:
    """Until when answers of a decided package can be fetched."""
    return next(
        (
            release.expires
            for stage in ReleaseStage
            for release in gate.state.releases(stage)
            if release.package_id == package_id
        ),
        None,
    )


def _problem(error: NarrowgateError) -> Problem:
    """What the requester is told of a refusal; no path of this machine is in it."""
    rules = getattr(error, "rules", None) or ((error.rule,) if error.rule else ())
    return Problem(error.problem, _line(error.what), _line(error.why), _line(error.next_step), tuple(rules))


def _line(text: str) -> str:
    return " ".join(text.split())[:4_000]
