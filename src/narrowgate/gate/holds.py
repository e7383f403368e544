"""Holds: ordered at any moment, in force before anything leaves, each in the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from narrowgate.core.log.acts import HoldChanged
from narrowgate.core.log.leaf import HOLD, HOLD_LIFTED, parse_leaf
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import LogStore, StateStore
from narrowgate.gate.step_05_receive import log_begun

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
