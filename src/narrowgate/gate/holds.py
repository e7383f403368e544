"""Holds: ordered at any moment, in force before anything leaves, each in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.log.acts import HoldChanged
from narrowgate.core.log.leaf import HOLD, HOLD_LIFTED, parse_leaf
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import Clock, LogStore, StateStore
from narrowgate.gate.step_05_receive import log_begun

Stops = Callable[[frozenset[str], datetime], None]
"""Raises when a package may not go on under these scopes at that time."""

EVERYTHING: Final = "all"
SCOPES: Final = (EVERYTHING, *(office.value for office in Office))
"""What a hold may stop: every package, or those of one office."""


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """An order that waits to be carried out.

    Args:
        number: orders are carried out in this sequence.
        scope: one of ``SCOPES``.
        lift: whether the hold ends, rather than begins.
        ordered: aware UTC time.
    """

    number: int
    scope: str
    lift: bool
    ordered: datetime


class HoldOrders(Protocol):
    """Where orders wait; taking one in needs neither log nor state, so that it is possible while a gate is at work."""

    def give(self, scope: str, *, lift: bool, ordered: datetime) -> None:
        """The order is durable."""
        ...

    def waiting(self) -> Iterable[HoldOrder]:
        """Every order not yet carried out, in sequence."""
        ...

    def done(self, order: HoldOrder) -> None:
        """The order waits no more."""
        ...


def in_force_after(orders: Iterable[HoldOrder], holds: frozenset[str]) -> frozenset[str]:
    """The scopes held once these orders are carried out."""
    scopes = set(holds)
    for order in orders:
        (scopes.discard if order.lift else scopes.add)(order.scope)
    return frozenset(scopes)


def heed(
    orders: HoldOrders, state: StateStore, log: LogStore, clock: Clock, stops: Stops, *, log_is_free: bool
) -> None:
    """Looks for orders, at no cost when there are none; called many times a second while a package is under way.

    The one check of every step that takes long, and of the release. Where the place of the next leaves is promised
    already, an order that does not stop the package waits until they are written.

    Args:
        orders: that wait.
        state: of the holds in force.
        log: gets their leaves.
        clock: asked only when there are orders.
        stops: raises when these scopes, in force, stop the package.
        log_is_free: whether leaves may be written now.

    Raises:
        SuspendedError: they do; the orders are in force, and the log says so.
        OperationalError: log, state or disk refused; the orders still wait.
    """
    waiting = list(orders.waiting())
    if not waiting:
        return
    now = clock.now()
    try:
        stops(in_force_after(waiting, state.holds()), now)
    except NarrowgateError:
        carry_out(orders, state, log, now)
        raise
    if log_is_free:
        carry_out(orders, state, log, now)


def carry_out(orders: HoldOrders, state: StateStore, log: LogStore, now: datetime) -> None:
    """Every waiting order is in the log and in force; done again after a crash it changes nothing.

    An order that changes nothing, such as a second hold of the same scope, leaves no entry.

    Raises:
        OperationalError: log, state or disk refused; the order still waits.
    """
    for order in orders.waiting():
        log_begun(state, log)
        if (order.scope in state.holds()) is order.lift:
            if _last_logged(log, state.log_size(), order.scope) != (HOLD_LIFTED if order.lift else HOLD):
                log.append([HoldChanged(order.scope, order.lift, order.ordered, now).leaf()])
                log.integrate()
            (state.lift_hold if order.lift else state.place_hold)(order.scope)
        orders.done(order)


def _last_logged(log: LogStore, start: int, scope: str) -> str | None:
    """What the log last said of holds of this scope, as far as the state may not yet know it."""
    last = None
    for index, leaf in enumerate(log.leaves(min(start, log.size()), log.size()), start):
        fields = parse_leaf(leaf, f"leaf {index}")
        if fields["type"] in {HOLD, HOLD_LIFTED} and fields["scope"] == scope:
            last = str(fields["type"])
    return last
