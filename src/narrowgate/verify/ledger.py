"""What the leaves of a log say together: every row of every package decided exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from narrowgate.core.base.errors import ActRefusedError, EnvelopeError, LogInconsistentError
from narrowgate.core.governance.in_force import InForce, Placed, after, founded
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, governance_of
from narrowgate.core.log.carried import HistoryCarried
from narrowgate.core.log.leaf import (
    ACT,
    ANSWERS_EXPIRED,
    CHARTER,
    ITEM_DECIDED,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_REFUSED,
    PACKAGE_RELEASED,
    RELEASE_DELAYED,
    parse_leaf,
)
from narrowgate.core.log.leaf_forms import (
    ANSWERS_RECALLED,
    DATA_KEY_DESTROYED,
    DISPOSAL_RECEIPT,
    HISTORY_CARRIED,
)
from narrowgate.verify.conditions import (
    conditions,
    is_signer_revoked,
    problems_of_decision,
    problems_of_receipt,
    scopes_of,
)
from narrowgate.verify.contents import LogContents
from narrowgate.verify.item_runs import ItemRun, UnreadLeaf, summed_up
from narrowgate.verify.log_files import Complain, raise_it
from narrowgate.verify.recall_ledger import RECALL_KINDS, PackageRecalls, RecallLedger


@dataclass(slots=True)
class PackageLedger:
    """What the log holds of one package so far."""

    received: dict[str, Any]
    received_at: int
    answered: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    first_leaf: int = -1
    last_leaf: int = -1
    decided: dict[str, Any] | None = None
    decided_at: int = -1
    abandoned: bool = False
    slot: str = ""
    released: bool = False
    released_at: int = -1
    expired: bool = False
    destroyed: bool = False
    delays: int = 0
    next_row: int = 0
    recalls: PackageRecalls = field(default_factory=PackageRecalls)
    versions: set[tuple[str, str]] = field(default_factory=set)
    refusals_digest: Any = field(default_factory=sha256)
    at_receipt: Mapping[str, Placed | None] = field(default_factory=dict)
    at_decision: Mapping[str, Placed | None] = field(default_factory=dict)

    @property
    def rows_decided(self) -> int:
        """Rows decided so far, which are the first ones."""
        return self.answered + self.refused


class Ledger:
    """Reads leaves in order and finds any that contradicts those before it.

    Args:
        complain: told of each that does; raises it, or notes it and goes on.
    """

    def __init__(self, complain: Complain = raise_it) -> None:
        self.packages: dict[str, PackageLedger] = {}
        self.packages_refused = 0
        self.contents = LogContents()
        self.holds_placed = 0
        self.carried: HistoryCarried | None = None
        self.in_force: InForce | None = None
        self.acts: list[LoggedAct] = []
        self.governance: list[tuple[int, LoggedCharter | LoggedAct]] = []
        self._complain = complain
        self._last_time = ""
        self._recalls = RecallLedger()
        self._takes: dict[str, Callable[[dict[str, Any], int, str], None]] = {
            PACKAGE_RECEIVED: self._take_receipt,
            PACKAGE_DECIDED: self._take_decision,
            **dict.fromkeys((PACKAGE_RELEASED, RELEASE_DELAYED, ANSWERS_EXPIRED), self._take_release),
            **dict.fromkeys(RECALL_KINDS, self._take_recall),
            DATA_KEY_DESTROYED: self._take_destruction,
            HISTORY_CARRIED: self._take_history,
        }

    @property
    def holds(self) -> frozenset[str]:
        """The scopes of the holds in force."""
        return frozenset(self.in_force.holds) if self.in_force else frozenset()

    def take_run(self, start: int, leaves: Sequence[bytes]) -> None:
        """Account for leaves that follow one another.

        Args:
            start: index of the first.
            leaves: their bytes.

        Raises:
            LogInconsistentError: as ``take``.
        """
        self.take_summed_up(summed_up(start, leaves))

    def take_summed_up(self, found: Iterable[ItemRun | UnreadLeaf]) -> None:
        """Account for leaves that ``summed_up`` read, perhaps in another process.

        Raises:
            LogInconsistentError: as ``take``.
        """
        for each in found:
            if isinstance(each, ItemRun):
                self._take_items(each)
            else:
                self._take_other(each.index, each.leaf)

    def take(self, index: int, leaf: bytes) -> None:
        """Account for one leaf.

        Raises:
            LogInconsistentError: the leaf is malformed, or contradicts an earlier one.
        """
        self.take_run(index, (leaf,))

    def _take_other(self, index: int, leaf: bytes) -> None:
        where = f"leaf {index}"
        try:
            fields = parse_leaf(leaf, where)
        except EnvelopeError as error:
            self._complain(LogInconsistentError(error.what, why=error.why, where=where))
            return
        time = fields.get("time", self._last_time)
        self._require(time >= self._last_time, "The times of the log go backwards.", where)
        self._last_time = max(time, self._last_time)
        self.contents.take(fields)
        kind = fields["type"]
        if kind != ANSWERS_RECALLED:
            self._require_recall_told(where)
        if (take := self._takes.get(kind)) is not None:
            take(fields, index, where)
        elif kind == PACKAGE_REFUSED:
            self.packages_refused += 1
        elif kind in {CHARTER, ACT}:
            self._take_governance(governance_of(fields), index, where)
        elif kind == ITEM_DECIDED:
            # Every other leaf of an item was summed up.
            self._require(False, "A refusal without a rule, or a rule without a refusal.", where)
        else:
            self._complain(
                LogInconsistentError(
                    "The verifier does not know what a leaf of this type says of the others.",
                    why=f"Its type is {kind}.",
                    next_step="Verify with the version of Narrowgate that wrote the log, or a newer one.",
                    where=where,
                )
            )

    def _take_receipt(self, fields: dict[str, Any], index: int, where: str) -> None:
        if not self._require(fields["package"] not in self.packages, "A package was received twice.", where):
            return
        package = PackageLedger(fields, index, slot=fields["slot"])
        self.packages[fields["package"]] = package
        if self.in_force is not None:
            package.at_receipt = conditions(self.in_force, fields["time"])
            for problem in problems_of_receipt(self.in_force, fields):
                self._require(False, problem, where)

    def _take_governance(self, entry: LoggedCharter | LoggedAct, index: int, where: str) -> None:
        """The charter is leaf 0 and no other; the acts follow one another without a gap or a contradiction."""
        if isinstance(entry, LoggedCharter):
            if self._require(index == 0, "A charter stands in the log that is not its first leaf.", where):
                self.governance.append((index, entry))
                self.in_force = founded(entry)
            return
        if self.in_force is None:
            self._require(False, "An act stands in a log without a charter.", where)
            return
        self.governance.append((index, entry))
        try:
            self.in_force = after(self.in_force, entry)
        except ActRefusedError as error:
            self._complain(
                LogInconsistentError(
                    f"An act contradicts those before it. {error.what}", why=error.why, where=where
                )
            )
            return
        self.acts.append(entry)
        self.holds_placed += entry.kind is Kind.HOLD
        if entry.kind is Kind.PACKAGE_ABANDONED:
            self._abandon(entry.subject, where)
        elif entry.kind is Kind.RECALL:
            self._recalls.begin(entry.number, int(entry.subject))

    def _require_recall_told(self, where: str) -> None:
        told = not self._recalls.is_incomplete()
        self._require(told, "A recall does not say which answers it is about.", where)
        self._recalls.give_up()

    def _take_recall(self, fields: dict[str, Any], _index: int, where: str) -> None:
        package = self.packages.get(fields["package"])
        if package is None or package.decided is None or package.abandoned:
            problems = self._recalls.problems(fields, None, 0, 0)
        else:
            rows = package.received["rows"]
            problems = self._recalls.problems(fields, package.recalls, package.answered, rows)
        for problem in problems:
            self._require(False, problem, where)
        if fields["type"] == DISPOSAL_RECEIPT and self.in_force is not None:
            counts = bool(self.in_force.counting([fields["signer_key_sha256"]]))
            self._require(counts, "A receipt is signed by a revoked key.", where)

    def _abandon(self, package_id: str, where: str) -> None:
        # Decided or not: it is the answers that never leave.
        package = self.packages.get(package_id)
        if package is None or package.abandoned:
            self._require(False, "A package was abandoned that was not there to end.", where)
        else:
            package.abandoned = True

    def _in_progress(self, package_id: str, where: str) -> PackageLedger | None:
        package = self.packages.get(package_id)
        if package is None or package.decided is not None or package.abandoned:
            self._require(False, "A leaf belongs to no package in progress.", where)
            return None
        return package

    def _take_items(self, run: ItemRun) -> None:
        where = f"leaf {run.first_leaf}"
        self._require_recall_told(where)
        self.contents.take_items(run.rows, run.refused, run.findings)
        package = self._in_progress(run.package, where)
        if package is None:
            return
        self._require(
            run.first_row == package.next_row, "A row was decided twice, or one was left out.", where
        )
        package.next_row = run.first_row + run.rows
        self._require(
            package.next_row <= package.received["rows"], "A row was decided that was not received.", where
        )
        if package.first_leaf < 0:
            package.first_leaf = run.first_leaf
        package.last_leaf = run.last_leaf
        package.refused += run.refused
        package.answered += run.rows - run.refused
        package.refusals.update(run.findings)
        package.versions.add((run.canonical_form, run.rule_set))
        package.refusals_digest.update(run.refusal_lines)

    def _take_decision(self, fields: dict[str, Any], index: int, where: str) -> None:
        package = self._in_progress(fields["package"], where)
        if package is None:
            return
        counts = (fields["answered"], fields["refused"], fields["refusals_by_rule"])
        self._require(
            package.rows_decided == package.received["rows"]
            and counts == (package.answered, package.refused, dict(package.refusals)),
            "The counts of a decided package are not those of its items.",
            where,
        )
        package.decided = fields
        package.decided_at = index
        if self.in_force is not None:
            package.at_decision = conditions(self.in_force, fields["time"])
            rule_sets = {rule_set for _, rule_set in package.versions}
            for problem in problems_of_decision(
                self.in_force, package.at_receipt, package.at_decision, package.received, fields, rule_sets
            ):
                self._require(False, problem, where)

    def _take_destruction(self, fields: dict[str, Any], _index: int, where: str) -> None:
        package = self.packages.get(fields["package"])
        if package is None:
            self._require(False, "A data key was destroyed of a package that was not received.", where)
            return
        ended = package.released or package.expired or package.abandoned
        self._require(ended and not package.destroyed, "A data key was destroyed too early, or twice.", where)
        on_its_day = package.slot <= fields["due"] <= fields["time"]
        self._require(on_its_day, "A data key was destroyed before its day.", where)
        held = self.holds & scopes_of(package.received)
        self._require(not held, "A data key was destroyed while a hold covered its package.", where)
        package.destroyed = True

    def _take_history(self, fields: dict[str, Any], _index: int, where: str) -> None:
        first = self.carried is None and not self.packages and not self.packages_refused
        if self._require(first, "A history was carried over twice, or after the first package.", where):
            self.carried = HistoryCarried.of(fields)

    def _take_release(self, fields: dict[str, Any], index: int, where: str) -> None:
        package = self.packages.get(fields["package"])
        if package is None or package.decided is None or package.abandoned or package.expired:
            self._require(False, "A release is of no package that waits for one.", where)
            return
        if fields["type"] == ANSWERS_EXPIRED:
            package.expired = True
            return
        self._require(
            fields["slot"] == package.slot, "A release is for another slot than the package's.", where
        )
        self._require(
            fields["time"] >= package.slot, "A package was released or delayed before its slot.", where
        )
        if fields["type"] == PACKAGE_RELEASED:
            self._require(not package.released, "A package was released twice.", where)
            recalled = bool(package.recalls.answers)
            self._require(not recalled, "A package was released whose answers were recalled.", where)
            held = self.holds & scopes_of(package.received)
            self._require(not held, "A package was released while it was held.", where)
            revoked = self.in_force is not None and is_signer_revoked(self.in_force, package.received)
            self._require(not revoked, "A package was released that a revoked key signed.", where)
            package.released, package.released_at = True, index
        else:
            # A release that was cut off before the answers were in place may be delayed, and made at the next slot.
            self._require(
                fields["next_slot"] > package.slot, "A release was delayed to an earlier slot.", where
            )
            package.slot, package.released = fields["next_slot"], False
            package.delays += 1

    def _require(self, holds: bool, what: str, where: str) -> bool:
        if not holds:
            self._complain(LogInconsistentError(what, where=where))
        return holds


def refusal_line(row: int, findings: Sequence[str]) -> bytes:
    """What a package's digest of refusals holds of one refused item."""
    return f"{row} {' '.join(findings)}\n".encode()
