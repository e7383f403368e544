"""Holds: ordered at any moment, in force before anything leaves, each in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from narrowgate.core.base.errors import NarrowgateError
from narrowgate.gate.ports import Clock, LogStore, StateStore
from narrowgate.gate.step_05_receive import log_begun

Stops = Callable[[frozenset[str], datetime], None]
"""Raises when a package may not go on under these scopes at that time."""


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """An order that waits to be carried out.

    Args:
        number: orders are carried out in this sequence.
        scope: ``all``, the id of an office, or ``package:`` and the id of a package.
        lift: whether the hold ends, rather than begins.
        ordered: aware UTC time.
    """

    number: int
    scope: str
    lift: bool
    ordered: datetime


class HoldOrders(Protocol):
    """Where orders wait; giving one needs neither log nor state, so that it is possible while a gate is at work."""

    def waiting(self) -> Iterable[HoldOrder]:
        """Every order not yet carried out, in sequence."""
        ...

    def carry_out(self, order: HoldOrder, now: datetime) -> None:
        """The order is in the log, and waits no more."""
        ...

    def holds(self) -> frozenset[str]:
        """The scopes of the holds that the log says are in force."""
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

    Raises:
        OperationalError: log, state or disk refused; the order still waits.
    """
    waiting = list(orders.waiting())
    for order in waiting:
        log_begun(state, log)
        orders.carry_out(order, now)
    if waiting:
        take_effect(orders, state)


def take_effect(orders: HoldOrders, state: StateStore) -> None:
    """The state holds what the log says is held, and nothing else: done whenever a gate opens, and after every act."""
    held, known = orders.holds(), state.holds()
    for scope in held - known:
        state.place_hold(scope)
    for scope in known - held:
        state.lift_hold(scope)
