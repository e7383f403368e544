"""What was in force when, recomputed from the leaves of a log alone: periods of holds, and the state at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from narrowgate.core.base.errors import ActRefusedError, LogInconsistentError, NothingToProcessError
from narrowgate.core.governance.in_force import InForce, after, founded
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.core.log.acts import LoggedCharter, governance_of
from narrowgate.core.log.leaf import (
    ACT,
    CHARTER,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_RELEASED,
)
from narrowgate.verify.entries import Entry

_STOPPED = frozenset({PACKAGE_DECIDED, PACKAGE_RELEASED})
"""What no hold that covers the package lets happen."""


@dataclass(frozen=True, slots=True)
class HoldPeriod:
    """One hold, from the leaf that placed it to the leaf that lifted it.

    Args:
        scope: what it stopped: ``all``, or an office, statute, index or package.
        act: number of the act that placed it.
        placed_leaf: index of its leaf.
        placed: time of that leaf, RFC 3339.
        lifted_leaf: index of the leaf that lifted it; ``None`` while it is in force.
        lifted: time of that leaf; empty while it is in force.
        broken_by: indexes of leaves between the two that it should have prevented; empty in a gate that kept it.
    """

    scope: str
    act: int
    placed_leaf: int
    placed: str
    lifted_leaf: int | None = None
    lifted: str = ""
    broken_by: tuple[int, ...] = field(default=())


def hold_periods(entries: Iterable[Entry]) -> tuple[HoldPeriod, ...]:
    """Every hold in the order in which they were placed, with what broke it.

    A hold of a statute or of an index cannot be compared with a leaf, which names neither: of those only the period
    is told.

    Args:
        entries: every leaf of a log, in order, each proved to be in its tree.

    Raises:
        LogInconsistentError: the acts do not follow one another.
    """
    open_: dict[str, HoldPeriod] = {}
    ended: list[HoldPeriod] = []
    offices: dict[str, str] = {}
    for entry, state in _states(entries):
        kind = entry.fields["type"]
        if kind == PACKAGE_RECEIVED:
            offices[entry.fields["package"]] = entry.fields["office"]
        elif kind in _STOPPED:
            package = entry.fields["package"]
            covering = {ALL, f"office:{offices.get(package, '')}", f"package:{package}"}
            for scope in covering & open_.keys():
                open_[scope] = replace(open_[scope], broken_by=(*open_[scope].broken_by, entry.index))
        elif kind == ACT and state is not None:
            scope = entry.fields["subject"]
            if entry.fields["act"] == Kind.HOLD:
                number, time = entry.fields["number"], entry.fields["time"]
                open_[scope] = HoldPeriod(scope, number, entry.index, time)
            elif entry.fields["act"] == Kind.HOLD_LIFTED:
                ended.append(replace(open_.pop(scope), lifted_leaf=entry.index, lifted=entry.fields["time"]))
    return tuple(sorted((*ended, *open_.values()), key=lambda period: period.placed_leaf))


def in_force_at(entries: Iterable[Entry], at: datetime) -> InForce:
    """What the acts logged until ``at`` say.

    Args:
        entries: every leaf of a log, in order.
        at: aware UTC time.

    Raises:
        NothingToProcessError: the log was not founded then.
        LogInconsistentError: the acts do not follow one another.
    """
    found: InForce | None = None
    for entry, state in _states(entries):
        if state is None:
            continue
        if governance_of(entry.fields).time > at:
            break
        found = state
    if found is None:
        raise NothingToProcessError(
            "At that time no charter was in the log.",
            why="Where nothing is founded, nothing is in force.",
            next_step="Name a later time.",
        )
    return found


def _states(entries: Iterable[Entry]) -> Iterator[tuple[Entry, InForce | None]]:
    """Each leaf; beside that of the charter or of an act, what is in force after it."""
    state: InForce | None = None
    for entry in entries:
        kind = entry.fields["type"]
        if kind not in {ACT, CHARTER}:
            yield entry, None
            continue
        logged = governance_of(entry.fields)
        if isinstance(logged, LoggedCharter):
            if state is not None:
                raise _contradicted(entry, "A second charter is in the log.")
            state = founded(logged)
        elif state is None:
            raise _contradicted(entry, "An act comes before the charter.")
        else:
            try:
                state = after(state, logged)
            except ActRefusedError as error:
                raise _contradicted(entry, error.what) from error
        yield entry, state


def _contradicted(entry: Entry, why: str) -> LogInconsistentError:
    return LogInconsistentError(
        "The log holds an act that could not be applied.",
        why=why,
        next_step="Keep the log as it is and report it.",
        where=f"leaf {entry.index}",
    )
