"""Step 7: what the history allows: subjects, addresses, officers and reasons, before any index read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from narrowgate.core.agreement.model import Limits
from narrowgate.core.agreement.term import term_of
from narrowgate.core.eligibility.history.budgets import BudgetLedger
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.core.eligibility.history.keys import QUESTION_COLUMN, HistoryKeys
from narrowgate.core.eligibility.ruleset import RULE_IDS
from narrowgate.gate.ports import StateStore
from narrowgate.gate.types import ExaminedBatch, JudgedPackage, LoggedPackage

ROWS_AT_ONCE = 40_000
"""Items whose history is in memory at one time."""


@dataclass(frozen=True, slots=True)
class HistoryVerdict:
    """What step 7 decides.

    Args:
        findings: ordinal to rule ids, for exactly the items that the history refuses.
        remembered: ordinal to the answer of the first time, for admitted items whose very question was answered before.
        charges: what the others add to the history when the package is committed, and not before.
    """

    findings: Mapping[int, tuple[str, ...]]
    remembered: Mapping[int, bool]
    charges: Charges


def judge_package(
    logged: LoggedPackage, batches: Sequence[ExaminedBatch], state: StateStore
) -> JudgedPackage:
    """Every item of the package admitted or refused, with all its findings in the order of the rules.

    Args:
        logged: from step 5.
        batches: from step 6.
        state: read only.

    Raises:
        UnavailableError: the history cannot be read; never answered as an empty one.
    """
    keys = HistoryKeys()
    findings: dict[int, tuple[str, ...]] = {}
    for batch in batches:
        findings.update(batch.findings)
        officers, first = batch.officers, batch.first
        keys.extend(batch.ordinals, batch.history, [officers[ordinal - first] for ordinal in batch.ordinals])
    verdict = examine_history(keys, logged.agreement.limits, term_of(logged.agreement).digest, state)
    findings.update(verdict.findings)
    in_order = {ordinal: _in_order(found) for ordinal, found in findings.items()}
    # The charges hold the digests, too.
    judged = [replace(batch, history=()) for batch in batches]
    return JudgedPackage(logged, judged, in_order, verdict.remembered, verdict.charges)


@cache
def _in_order(found: tuple[str, ...]) -> tuple[str, ...]:
    """Kept, because the refused items of a package have few different findings."""
    return tuple(rule for rule in RULE_IDS if rule in found)


def examine_history(keys: HistoryKeys, limits: Limits, term: str, state: StateStore) -> HistoryVerdict:
    """The same verdict for the same items in the same order over the same history; nothing is charged yet.

    Args:
        keys: the items admitted by step 6, in item order.
        limits: the agreement's budgets.
        term: digest of the agreement's term, whose history counts (``core.agreement.term``).
        state: read only.

    Raises:
        UnavailableError: the history cannot be read; never answered as an empty one.
    """
    ledger = BudgetLedger(keys, limits)
    findings: dict[int, tuple[str, ...]] = {}
    remembered: dict[int, bool] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        rows = range(start, min(start + ROWS_AT_ONCE, len(keys)))
        past = state.recall(term, keys, rows, limits)
        refused = ledger.judge_all(rows, past)
        findings.update((keys.ordinals[row], found) for row, found in refused.items())
        if answers := past.answers:
            for row in rows:
                sealed = answers.get(keys.digest(row, QUESTION_COLUMN))
                if sealed is not None and row not in refused:
                    remembered[keys.ordinals[row]] = bool(sealed ^ keys.mask(row))
    return HistoryVerdict(findings, remembered, ledger.charges())
