"""One pass over a log for its conformance: what bears on each requirement, what contradicts one, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from sys import intern
from typing import Any, Final

from narrowgate.core.base.errors import ActRefusedError, EnvelopeError
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.charter import Charter
from narrowgate.core.governance.in_force import (
    AGREEMENT,
    INDEX,
    REGISTER,
    RULES,
    InForce,
    after,
    founded,
    require_signed,
)
from narrowgate.core.governance.incident import incidents_of
from narrowgate.core.governance.kinds import ALL, KINDS, Kind
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
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, DATA_KEY_DESTROYED, HISTORY_CARRIED
from narrowgate.core.request.office import Office
from narrowgate.verify.conditions import Conditions, conditions
from narrowgate.verify.conformance.documents import Documents
from narrowgate.verify.conformance.evidence import Broken, Evidence, Period, Topic
from narrowgate.verify.conformance.packages import NOTHING_IN_FORCE, Package
from narrowgate.verify.item_runs import ItemRun, OtherLeaf, UnreadLeaf, summed_up

_NEVER: Final = "~"
"""Later than any time as text."""
_LIFTS: Final = {Kind.HOLD_LIFTED: Kind.HOLD, Kind.OFFICE_ON: Kind.OFFICE_OFF}
_STOPS: Final = frozenset(_LIFTS.values())
QUORUM: Final = 2
"""The least that a charter can ask for; where the charter itself lies beside the log, it counts."""


Part = ItemRun | OtherLeaf | UnreadLeaf
"""Items in a run, another leaf, or one that has no form of a leaf or contradicts itself."""


def read(start: int, leaves: Sequence[bytes]) -> list[Part]:
    """Returns what the fold takes of a run of leaves; made where they are read, in any process."""
    parts: list[Part] = []
    for part in summed_up(start, leaves):
        if isinstance(part, ItemRun):
            part.refusal_lines = b""  # a report does not need them, and they would travel
            parts.append(part)
            continue
        try:
            fields = parse_leaf(part.leaf, f"leaf {part.index}")
        except EnvelopeError:
            fields = {"type": ITEM_DECIDED}
        # Every item whose class fits its findings was summed up.
        parts.append(part if fields["type"] == ITEM_DECIDED else OtherLeaf(part.index, fields))
    return parts


class Fold:
    """Takes the leaves of a log in order, in the parts that ``read`` makes of them; it never stops at a finding.

    Args:
        documents: what lies beside the log.
    """

    def __init__(self, documents: Documents) -> None:
        self.evidence: defaultdict[str, Evidence] = defaultdict(Evidence)
        self.broken: defaultdict[Topic, Broken] = defaultdict(Broken)
        self.packages: dict[str, Package] = {}
        self.versions: dict[tuple[str, str], Evidence] = {}
        self.snapshots: dict[tuple[str, str], Evidence] = {}
        self.days: set[str] = set()
        self.state: InForce | None = None
        self.first_time = ""
        self.last_time = ""
        self._documents = documents
        self._charter: Charter | None = None
        self._holds: list[Period] = []
        self._acts: dict[int, int] = {}
        self._known_conditions: tuple[InForce | None, str, str, Conditions] = (None, "", "", NOTHING_IN_FORCE)

    def take(self, part: Part) -> None:
        """Account for a run of items, or for one other leaf."""
        if isinstance(part, ItemRun):
            self._take_items(part)
            return
        self.evidence["entries"].add(part.index)
        if isinstance(part, UnreadLeaf):
            self._find(Topic.FORM, part.index)
            return
        fields = part.fields
        self._take_time(fields, part.index)
        kind = fields["type"]
        if kind in {CHARTER, ACT}:
            self._take_governance(governance_of(fields), part.index)
        elif kind == PACKAGE_RECEIVED:
            self._take_received(fields, part.index)
        elif kind == HISTORY_CARRIED:
            self._count("history-carried", part.index)
        elif kind == PACKAGE_REFUSED:
            self._count("refused-whole", part.index)
            for rule in fields["rules"]:
                self._count(f"whole:{rule}", part.index)
        else:
            self._take_of_package(fields, part.index)

    def holds(self) -> tuple[Period, ...]:
        """Returns every hold and every office that was switched off, in the order in which they were placed."""
        return tuple(self._holds)

    def _take_items(self, run: ItemRun) -> None:
        self.evidence["entries"].add(run.first_leaf, run.rows, run.last_leaf)
        self.evidence["items"].add(run.first_leaf, run.rows, run.last_leaf)
        if run.rows > run.refused:
            self.evidence["answered"].add(run.first_leaf, run.rows - run.refused, run.last_leaf)
        if run.refused:
            self.evidence["refused"].add(run.first_leaf, run.refused, run.last_leaf)
        for rule, items in run.findings.items():
            self.evidence[f"rule:{rule}"].add(run.first_leaf, items, run.last_leaf)
        version = (run.canonical_form, run.rule_set)
        self.versions.setdefault(version, Evidence()).add(run.first_leaf, run.rows, run.last_leaf)
        package = self.packages.get(run.package)
        if package is None:
            self._find(Topic.UNRECEIVED, run.first_leaf)
        else:
            package.take_items(run, self._find)

    def _take_received(self, fields: dict[str, Any], leaf: int) -> None:
        self._count("received", leaf)
        package, office, time = fields["package"], intern(fields["office"]), fields["time"]
        if package in self.packages:
            self._find(Topic.AGAIN, leaf)
            return
        self.packages[package] = Package(leaf, office, fields["rows"], fields["slot"], fields["slot"])
        self.packages[package].signer = intern(fields["signer_key_sha256"])
        if office not in tuple(Office):
            self._find(Topic.OFFICE, leaf)
        agreement, key = fields["agreement_sha256"], fields["signer_key_sha256"]
        if self._documents.bound_key(agreement, office, time, key) is False:
            self._find(Topic.OFFICE_KEY, leaf)
        quota = self._documents.within_quota(agreement, office, time, fields["rows"])
        if quota is not None:
            self._count("within-quota", leaf) if quota else self._find(Topic.QUOTA, leaf)
        current = self._conditions(time)
        self.packages[package].at_receipt = current
        for what, topic, digest in (
            (AGREEMENT, Topic.AGREEMENT, agreement),
            (REGISTER, Topic.REGISTER, fields["officers_sha256"]),
        ):
            placed = current.get(what)
            if placed is None or placed.sha256 != digest:
                self._find(topic, leaf)
        if self.state is None:
            return
        if office in self.state.offices_off:
            self._find(Topic.OFFICE_OFF, leaf)
        self._find_revoked(key, leaf)
        self._find_held(package, office, leaf)

    def _take_of_package(self, fields: dict[str, Any], leaf: int) -> None:
        kind = fields["type"]
        package = self.packages.get(fields.get("package", ""))
        if package is None:
            self._find(Topic.UNRECEIVED, leaf)
            return
        if kind == PACKAGE_DECIDED:
            self._count("decided", leaf)
            package.take_decision(fields, leaf, self._find)
            self._take_conditions(fields, leaf)
            package.end()
            self._find_revoked(package.signer, leaf)
            self._find_held(fields["package"], package.office, leaf)
        elif kind in {PACKAGE_RELEASED, RELEASE_DELAYED}:
            self._count("released" if kind == PACKAGE_RELEASED else "delayed", leaf)
            package.take_release(fields, leaf, self._find)
            if kind == PACKAGE_RELEASED:
                self._find_revoked(package.signer, leaf)
                self._find_held(fields["package"], package.office, leaf)
        elif kind == ANSWERS_EXPIRED:
            self._count("expired", leaf)
            package.expired = True
        elif (
            kind == ITEM_DECIDED
        ):  # its class does not fit its findings, or it is out of any form that items have
            self._find(Topic.FORM, leaf)
        else:
            self._count(kind, leaf)
            package.recalled |= kind == ANSWERS_RECALLED
            if kind == DATA_KEY_DESTROYED and fields["time"] < fields["due"]:
                self._find(Topic.DESTROYED, leaf)
            package.destroyed |= kind == DATA_KEY_DESTROYED

    def _take_conditions(self, fields: dict[str, Any], leaf: int) -> None:
        snapshot = (fields["index_snapshot"], fields["index_data_as_of"])
        self.snapshots.setdefault(snapshot, Evidence()).add(leaf)
        package = self.packages[fields["package"]]
        current = self._conditions(fields["time"])
        # A package that has begun is ended with the index and the rules that it was begun with.
        index, rules = (
            {each.subject for each in (package.at_receipt.get(what), current.get(what)) if each is not None}
            for what in (INDEX, RULES)
        )
        if fields["index_snapshot"] not in index:
            self._find(Topic.INDEX, leaf)
        if not rules or not {f"rules-{version}" for version in package.rule_sets} <= rules:
            self._find(Topic.RULES, leaf)
        began, now = package.at_receipt.get(AGREEMENT), current.get(AGREEMENT)
        if began is None or now is None or now.sha256 != began.sha256:
            self._find(Topic.AGREEMENT, leaf)

    def _conditions(self, time: str) -> Conditions:
        """What was in force; packages of the same conditions share them, for there may be millions."""
        if self.state is None:
            return NOTHING_IN_FORCE
        state, start, end, known = self._known_conditions
        if state is not self.state or not start <= time < end:
            known = conditions(self.state, time)
            moments = (
                format_time(moment)
                for placed in self.state.placed.values()
                for each in placed
                for moment in (each.start, each.until)
                if moment is not None
            )
            end = min((moment for moment in moments if moment > time), default=_NEVER)
            self._known_conditions = (self.state, time, end, known)
        return known

    def _take_governance(self, entry: LoggedCharter | LoggedAct, leaf: int) -> None:
        if isinstance(entry, LoggedCharter):
            if leaf:
                self._find(Topic.SEQUENCE, leaf)
                return
            self._count("charter", leaf)
            self.state = founded(entry)
            self._charter = self._documents.charter(entry.charter_sha256)
            return
        self._count("act", leaf)
        self._acts[entry.number] = leaf
        self._count(f"act:{entry.kind.value}", leaf)
        quorum = self._charter.quorum if self._charter else QUORUM
        if len(set(entry.signers)) < KINDS[entry.kind].signatures(quorum):
            self._find(Topic.SIGNATURES, leaf)
        if self.state is None:
            self._find(Topic.SEQUENCE, leaf)
            return
        if self._charter is not None:
            try:
                require_signed(self._charter, self.state, entry.kind, entry.signers)
            except ActRefusedError:
                self._find(Topic.PERSONS, leaf)
        try:
            self.state = after(self.state, entry)
        except ActRefusedError:
            self._find(Topic.SEQUENCE, leaf)
            return
        if entry.kind is Kind.CHARTER_REPLACED:
            self._charter = self._documents.charter(entry.sha256)
        self._mark(entry, leaf)

    def _mark(self, act: LoggedAct, leaf: int) -> None:
        """What an act says of holds, offices and packages."""
        subject, time = act.subject, format_time(act.time)
        if act.kind in _STOPS:
            self._holds.append(Period(f"{act.kind.value} {subject}", time, "", act.number))
        elif act.kind in _LIFTS:
            what = f"{_LIFTS[act.kind].value} {subject}"
            for number, period in enumerate(self._holds):
                if period.what == what and not period.end:
                    self._holds[number] = replace(period, end=time)
        if act.kind is not Kind.PACKAGE_ABANDONED:
            return
        package = self.packages.get(subject)
        if package is None:
            self._find(Topic.UNRECEIVED, leaf)
        else:
            package.abandoned = True

    @property
    def charter(self) -> Charter | None:
        """The charter in force at the end, where it lies beside the log."""
        return self._charter

    def require_cosigned(self, size: int) -> None:
        """Account for packages that were released, and whose decision no cosigned checkpoint holds.

        Args:
            size: entries that the newest cosigned checkpoint holds.
        """
        for package in self.packages.values():
            if package.released and package.decided_at >= size:
                self._find(Topic.WITNESSES, package.decided_at)

    def conclude(self) -> None:
        """Account for what only the end of the log shows: incidents that were not reported in time."""
        if self.state is None or not self.last_time:
            return
        for each in incidents_of(self.state):
            if (each.reported or parse_time(self.last_time)) > each.due:
                self._find(Topic.INCIDENT, self._acts[each.number])

    def _find_revoked(self, key: str, leaf: int) -> None:
        if self.state and key in self.state.keys_revoked:
            self._find(Topic.REVOKED, leaf)

    def _find_held(self, package: str, office: str, leaf: int) -> None:
        if (
            self.state
            and self.state.holds
            and self.state.stopping({ALL, f"office:{office}", f"package:{package}"}) is not None
        ):
            self._find(Topic.HOLD, leaf)

    def _take_time(self, fields: dict[str, Any], leaf: int) -> None:
        time = fields.get("time", "")
        if not time:
            return
        if time < self.last_time:
            self._find(Topic.TIME, leaf)
        self.first_time = self.first_time or time
        self.last_time = max(self.last_time, time)
        self.days.add(time[:10])

    def _count(self, name: str, leaf: int) -> None:
        self.evidence[name].add(leaf)

    def _find(self, topic: Topic, leaf: int) -> None:
        self.broken[topic].add(leaf)
