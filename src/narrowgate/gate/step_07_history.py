"""Step 7: what the history allows: subjects, addresses, officers and reasons, before any index read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.budgets import Charges, Ledger
from narrowgate.core.eligibility.history.keys import HistoryKeys
from narrowgate.gate.ports import StateStore

ROWS_AT_ONCE = 40_000
"""Items whose history is in memory at one time."""


@dataclass(frozen=True, slots=True)
class HistoryVerdict:
    """What step 7 decides.

    Args:
        findings: ordinal to rule ids, for exactly the items that the history refuses.
        charges: what the others add to the history when the package is committed, and not before.
    """

    findings: Mapping[int, tuple[str, ...]]
    charges: Charges


def examine_history(keys: HistoryKeys, limits: Limits, term: str, state: StateStore) -> HistoryVerdict:
    """The same verdict for the same items in the same order over the same history; nothing is charged yet.

    Args:
        keys: the items admitted by step 6, in item order.
        limits: the agreement's budgets.
        term: the agreement term whose history counts.
        state: read only.

    Raises:
        UnavailableError: the history cannot be read; never answered as an empty one.
    """
    ledger = Ledger(keys, limits)
    findings: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        rows = range(start, min(start + ROWS_AT_ONCE, len(keys)))
        past = state.recall(term, keys, rows, limits)
        for row in rows:
            if found := ledger.judge(row, past):
                findings[keys.ordinals[row]] = found
    return HistoryVerdict(findings, ledger.charges())
