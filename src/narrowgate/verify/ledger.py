"""What the leaves of a log say together: every row of every package decided exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from narrowgate.core.base.errors import ActRefusedError, EnvelopeError, LogInconsistentError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.in_force import AGREEMENT, REGISTER, InForce, after, founded
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, governance_of
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
from narrowgate.verify.contents import LogContents


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
    expired: bool = False
    delays: int = 0
    versions: set[tuple[str, str]] = field(default_factory=set)
    refusals_digest: Any = field(default_factory=sha256)

    @property
    def rows_decided(self) -> int:
        """Rows decided so far, which are the first ones."""
        return self.answered + self.refused


class Ledger:
    """Reads leaves in order and finds any that contradicts those before it."""

    def __init__(self) -> None:
        self.packages: dict[str, PackageLedger] = {}
        self.packages_refused = 0
        self.contents = LogContents()
        self.holds_placed = 0
        self.in_force: InForce | None = None
        self.acts: list[LoggedAct] = []
        self._last_time = ""

    @property
    def holds(self) -> frozenset[str]:
        """The scopes of the holds in force."""
        return frozenset(self.in_force.holds) if self.in_force else frozenset()

    def take(self, index: int, leaf: bytes) -> None:
        """Account for one leaf.

        Raises:
            LogInconsistentError: the leaf is malformed, or contradicts an earlier one.
        """
        where = f"leaf {index}"
        try:
            fields = parse_leaf(leaf, where)
        except EnvelopeError as error:
            raise LogInconsistentError(error.what, why=error.why, where=where) from error
        time = fields.get("time", self._last_time)
        _require(time >= self._last_time, "The times of the log go backwards.", where)
        self._last_time = time
        self.contents.take(fields)
        kind = fields["type"]
        if kind == PACKAGE_RECEIVED:
            _require(fields["package"] not in self.packages, "A package was received twice.", where)
            self._require_in_force(fields, where)
            self.packages[fields["package"]] = PackageLedger(fields, index, slot=fields["slot"])
        elif kind in {ITEM_DECIDED, PACKAGE_DECIDED}:
            package = self.packages.get(fields["package"])
            if package is None or package.decided is not None or package.abandoned:
                raise LogInconsistentError("A leaf belongs to no package in progress.", where=where)
            (_take_item if kind == ITEM_DECIDED else _take_decision)(package, fields, index, where)
        elif kind == PACKAGE_REFUSED:
            self.packages_refused += 1
        elif kind in {CHARTER, ACT}:
            self._take_governance(governance_of(fields), index, where)
        elif kind in {PACKAGE_RELEASED, RELEASE_DELAYED, ANSWERS_EXPIRED}:
            self._take_release(fields, where)
        else:
            raise LogInconsistentError(
                "The verifier does not know what a leaf of this type says of the others.",
                why=f"Its type is {kind}.",
                next_step="Verify with the version of Narrowgate that wrote the log, or a newer one.",
                where=where,
            )

    def _take_governance(self, entry: LoggedCharter | LoggedAct, index: int, where: str) -> None:
        """The charter is leaf 0 and no other; the acts follow one another without a gap or a contradiction."""
        if isinstance(entry, LoggedCharter):
            _require(index == 0, "A charter stands in the log that is not its first leaf.", where)
            self.in_force = founded(entry)
            return
        if self.in_force is None:
            raise LogInconsistentError("An act stands in a log without a charter.", where=where)
        try:
            self.in_force = after(self.in_force, entry)
        except ActRefusedError as error:
            raise LogInconsistentError(
                f"An act contradicts those before it. {error.what}", why=error.why, where=where
            ) from error
        self.acts.append(entry)
        self.holds_placed += entry.kind is Kind.HOLD
        if entry.kind is Kind.PACKAGE_ABANDONED:
            self._abandon(entry.subject, where)

    def _require_in_force(self, received: dict[str, Any], where: str) -> None:
        """A package was received under the agreement and the register that acts had put in force, and under no hold."""
        if self.in_force is None:
            return
        at = parse_time(received["time"])
        for what, name in ((AGREEMENT, "agreement_sha256"), (REGISTER, "officers_sha256")):
            placed = self.in_force.current(what, at)
            _require(
                placed is not None and placed.sha256 == received[name],
                f"A package was received under another {what} than the one in force.",
                where,
            )
        office = received["office"]
        _require(
            office not in self.in_force.offices_off
            and self.in_force.stopping({f"office:{office}", f"package:{received['package']}"}) is None,
            "A package was received that a hold stops, or of an office that is switched off.",
            where,
        )

    def _abandon(self, package_id: str, where: str) -> None:
        # Decided or not: it is the answers that never leave.
        package = self.packages.get(package_id)
        if package is None or package.abandoned:
            raise LogInconsistentError("A package was abandoned that was not there to end.", where=where)
        package.abandoned = True

    def _take_release(self, fields: dict[str, Any], where: str) -> None:
        package = self.packages.get(fields["package"])
        if package is None or package.decided is None or package.abandoned or package.expired:
            raise LogInconsistentError("A release is of no package that waits for one.", where=where)
        if fields["type"] == ANSWERS_EXPIRED:
            package.expired = True
            return
        _require(fields["slot"] == package.slot, "A release is for another slot than the package's.", where)
        _require(fields["time"] >= package.slot, "A package was released or delayed before its slot.", where)
        if fields["type"] == PACKAGE_RELEASED:
            _require(not package.released, "A package was released twice.", where)
            office = package.received["office"]
            scopes = {ALL, f"office:{office}", f"package:{fields['package']}"}
            _require(not self.holds & scopes, "A package was released while it was held.", where)
            package.released = True
        else:
            # A release that was cut off before the answers were in place may be delayed, and made at the next slot.
            _require(fields["next_slot"] > package.slot, "A release was delayed to an earlier slot.", where)
            package.slot, package.released = fields["next_slot"], False
            package.delays += 1


def refusal_line(row: int, findings: Sequence[str]) -> bytes:
    """What a package's digest of refusals holds of one refused item."""
    return f"{row} {' '.join(findings)}\n".encode()


def _take_item(package: PackageLedger, fields: dict[str, Any], index: int, where: str) -> None:
    _require(fields["row"] == package.rows_decided, "A row was decided twice, or one was left out.", where)
    _require(fields["row"] < package.received["rows"], "A row was decided that was not received.", where)
    refused = fields["class"] == "refused"
    _require(
        refused == bool(fields["findings"]), "A refusal without a rule, or a rule without a refusal.", where
    )
    if package.first_leaf < 0:
        package.first_leaf = index
    package.last_leaf = index
    package.refused += refused
    package.answered += not refused
    package.refusals.update(fields["findings"])
    package.versions.add((fields["canonical_form"], fields["rule_set"]))
    if refused:
        package.refusals_digest.update(refusal_line(fields["row"], fields["findings"]))


def _take_decision(package: PackageLedger, fields: dict[str, Any], index: int, where: str) -> None:
    counts = (fields["answered"], fields["refused"], fields["refusals_by_rule"])
    _require(
        package.rows_decided == package.received["rows"]
        and counts == (package.answered, package.refused, dict(package.refusals)),
        "The counts of a decided package are not those of its items.",
        where,
    )
    package.decided = fields
    package.decided_at = index


def _require(holds: bool, what: str, where: str) -> None:
    if not holds:
        raise LogInconsistentError(what, where=where)
