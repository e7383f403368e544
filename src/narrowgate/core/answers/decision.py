"""From findings and membership to an outcome."""

from __future__ import annotations

from collections.abc import Sequence

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import UnavailableError


def decide(findings: Sequence[str], member: bool | None) -> Outcome:
    """Exactly one outcome for every pair of arguments that can occur; nothing else is answered.

    Args:
        findings: ids of the rules the item does not meet; any one of them refuses it.
        member: whether a token of the item is in the index; None when the index was not asked.

    Returns:
        ``REFUSED`` for an item with findings, and otherwise the index's bit.

    Raises:
        UnavailableError: the item is admitted and the index gave no answer; absence of an answer is never
            ``NOT_CONFIRMED``.
    """
    if findings:
        return Outcome.REFUSED
    if member is None:
        raise UnavailableError(
            "An admitted item has no answer from the index.",
            why="The probe ended before every item was asked.",
            next_step="Check the index with 'narrowgate index verify' and run the package again.",
        )
    return Outcome.CONFIRMED if member else Outcome.NOT_CONFIRMED
