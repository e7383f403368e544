"""The acts that wait for a gate at work, as the orders it looks for; each is in the log before it has an effect."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from narrowgate.core.base.errors import ActRefusedError, EnvelopeError
from narrowgate.core.governance.act import Act, parse_act
from narrowgate.core.governance.incident import incident_of
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.gate.holds import HoldOrder
from narrowgate.governance.acts import apply_act
from narrowgate.governance.books import Books

_OFFICE: Final = "office:"
_NO_PACKAGE: Final = "package:"
"""The scope of what only records: no package has an empty id."""


class ActOrders:
    """``gate.holds.HoldOrders`` over the acts that wait.

    Args:
        books: of the gate at work.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def waiting(self) -> list[HoldOrder]:
        """Every act that waits, in the sequence of their numbers; one that cannot be read is set aside."""
        orders = []
        for number in self._books.files.waiting():
            try:
                act = parse_act(self._books.files.waiting_act(number).data, f"act {number}")
            except EnvelopeError:
                self._books.files.set_aside(number)
                continue
            orders.append(HoldOrder(number, _scope(act), lift=False, ordered=act.issued))
        return orders

    def carry_out(self, order: HoldOrder, now: datetime) -> None:
        """The act is in the log; one that cannot be applied is set aside, and changes nothing."""
        try:
            apply_act(self._books, self._books.files.waiting_act(order.number), now)
        except (ActRefusedError, EnvelopeError):
            self._books.files.set_aside(order.number)

    def holds(self) -> frozenset[str]:
        """The scopes of the holds that the log says are in force."""
        return frozenset(scope.removeprefix(_OFFICE) for scope in self._books.in_force().holds)


def _scope(act: Act) -> str:
    """What an act that brakes stops of a package under way: what it names, or everything until the next run."""
    if act.kind in {Kind.HOLD, Kind.OFFICE_OFF}:
        return act.subject.removeprefix(_OFFICE)
    if act.kind is Kind.INCIDENT:
        return incident_of(act.subject)[0].removeprefix(_OFFICE)
    if act.kind is Kind.INCIDENT_REPORTED:
        return _NO_PACKAGE
    return ALL
