"""Each package of a log from its receipt to its end, and what contradicts the order of its steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from narrowgate.core.log.leaf import PACKAGE_RELEASED
from narrowgate.verify.conditions import Conditions
from narrowgate.verify.conformance.evidence import Topic
from narrowgate.verify.item_runs import ItemRun

Find = Callable[[Topic, int], None]
NOTHING_IN_FORCE: Final[Conditions] = MappingProxyType({})
_NO_FINDINGS: Final[Counter[str]] = Counter()
_NO_RULE_SETS: Final[frozenset[str]] = frozenset()
"""What packages share before their first item and after their decision: there may be millions of them."""


@dataclass(slots=True)
class Package:
    """What the log holds of one package so far.

    Args:
        received_at: index of the leaf of its receipt.
        office: that signed it.
        rows: received.
        first_slot: that was fixed at the receipt.
        slot: in force now.
        decided_rows: rows decided so far.
        refused: how many of them were refused.
        findings: items that each rule refused, until the package is decided.
        decided_at: index of the leaf of its decision.
        released: time of its last release.
        delays: slots missed.
        expired: whether its answers expired.
        abandoned: whether an act ended it.
        destroyed: whether its data key is destroyed.
        at_receipt: what was in force then.
        rule_sets: versions that its items name.
        recalled: whether answers of it were recalled.
        signer: hex SHA-256 of the key that signed it.
    """

    received_at: int
    office: str
    rows: int
    first_slot: str
    slot: str
    decided_rows: int = 0
    refused: int = 0
    findings: Counter[str] = field(default_factory=lambda: _NO_FINDINGS)
    decided_at: int = -1
    released: str = ""
    delays: int = 0
    expired: bool = False
    abandoned: bool = False
    recalled: bool = False
    destroyed: bool = False
    at_receipt: Conditions = field(default_factory=lambda: NOTHING_IN_FORCE)
    rule_sets: frozenset[str] = _NO_RULE_SETS
    signer: str = ""

    def take_items(self, run: ItemRun, find: Find) -> None:
        """Account for items."""
        if self.abandoned:
            find(Topic.ABANDONED, run.first_leaf)
        if self.decided_at >= 0 or run.first_row != self.decided_rows or run.first_row + run.rows > self.rows:
            find(Topic.ORDER, run.first_leaf)
        self.decided_rows = max(self.decided_rows, run.first_row + run.rows)
        self.refused += run.refused
        self.findings = self.findings + Counter(run.findings)
        self.rule_sets |= {run.rule_set}

    def take_decision(self, fields: Mapping[str, Any], leaf: int, find: Find) -> None:
        """Account for the decision."""
        if self.decided_at >= 0:
            find(Topic.AGAIN, leaf)
            return
        if self.abandoned:
            find(Topic.ABANDONED, leaf)
        said = (fields["answered"], fields["refused"], fields["refusals_by_rule"])
        if self.decided_rows != self.rows or said != (
            self.rows - self.refused,
            self.refused,
            dict(self.findings),
        ):
            find(Topic.COUNTS, leaf)
        self.decided_at = leaf
        self.findings = _NO_FINDINGS

    def end(self) -> None:
        """Forget what only the decision needed."""
        self.at_receipt, self.rule_sets = NOTHING_IN_FORCE, _NO_RULE_SETS

    def take_release(self, fields: Mapping[str, Any], leaf: int, find: Find) -> None:
        """Account for a release or a delay."""
        if self.decided_at < 0:
            find(Topic.UNRECEIVED, leaf)
        if fields["slot"] != self.slot or fields["time"] < self.slot:
            find(Topic.SLOT, leaf)
        if fields["type"] != PACKAGE_RELEASED:
            if fields["next_slot"] <= self.slot:
                find(Topic.SLOT, leaf)
            self.slot, self.released = fields["next_slot"], ""
            self.delays += 1
            return
        if self.released:
            find(Topic.AGAIN, leaf)
        for ended, topic in (
            (self.expired, Topic.EXPIRED),
            (self.abandoned, Topic.ABANDONED),
            (self.recalled, Topic.RECALLED),
            (self.destroyed, Topic.DESTROYED),
        ):
            if ended:
                find(topic, leaf)
        self.released = fields["time"]
