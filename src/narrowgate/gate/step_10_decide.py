"""Step 10: findings and bits become outcomes."""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.answers.decision import decide
from narrowgate.core.base.closed_document import Fields
from narrowgate.core.base.times import parse_time
from narrowgate.core.log.leaf import ITEM_DECIDED, parse_leaf, time_in_leaf
from narrowgate.gate.ports import LogStore
from narrowgate.gate.step_05_receive import find_leaf
from narrowgate.gate.types import Bits, DecidedPackage, JudgedPackage


def decide_package(judged: JudgedPackage, bits: Bits, log: LogStore, asked_at: datetime) -> DecidedPackage:
    """One outcome for every item of the package, in request order, with the time and the place of the decision.

    A package whose decisions are in the log was decided then and there; any other one is decided at the time at which
    the index was about to be read, and its leaves come next. How long the index took is in no document that leaves.
    The charges learn the answers, for the same questions later.

    Args:
        judged: the package after every rule.
        bits: the index's answer by ordinal, for the admitted items.
        log: in which nothing is written before the leaves of this package.
        asked_at: aware UTC time before the index was read.

    Raises:
        UnavailableError: an admitted item has no bit.
    """
    findings = judged.findings
    outcomes = tuple(decide(findings.get(ordinal, ()), bits.get(ordinal)) for ordinal in range(judged.items))
    judged.charges.answer(bits.get)
    logged = judged.logged
    first = find_leaf(log, logged.received_leaf + 1, ITEM_DECIDED, logged.manifest.package_id)
    if first is None:
        return DecidedPackage(judged, outcomes, max(asked_at, _last_time(log)), log.size())
    last = parse_leaf(log.read_leaf(first + judged.items), "log")
    return DecidedPackage(judged, outcomes, Fields(last, "log").time("time"), first)


def _last_time(log: LogStore) -> datetime:
    """The time of the last leaf: its package's own, or that of a hold or release since."""
    return parse_time(time_in_leaf(log.read_leaf(log.size() - 1)).decode())
