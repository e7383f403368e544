"""The state in memory: what the gate remembers, with one place where it can be made to fail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from narrowgate.core.agreement.model import Limits
from narrowgate.core.agreement.term import Term
from narrowgate.core.base.errors import EnvelopeError, UnavailableError
from narrowgate.core.eligibility.history.budgets import Past
from narrowgate.core.eligibility.history.charges import Charges, Facts
from narrowgate.core.eligibility.history.keys import (
    ADDRESS_COLUMN,
    QUESTION_COLUMN,
    REASON_COLUMN,
    HistoryKeys,
)
from narrowgate.gate.ports import (
    IndexInUse,
    PackageStart,
    PlannedRelease,
    ReleaseStage,
    StoredReceipt,
    Usage,
)


@dataclass
class SimulatedState:
    """A ``StateStore`` in memory, for tests of the gate; ``available = False`` makes every method fail."""

    available: bool = True
    _starts: dict[str, PackageStart] = field(default_factory=dict)
    _receipts: dict[str, bytes] = field(default_factory=dict)
    _abandoned: set[str] = field(default_factory=set)
    _refusals: dict[bytes, int] = field(default_factory=dict)
    _holds: set[str] = field(default_factory=set)
    _governance: tuple[int, tuple[bytes, ...]] = (0, ())
    _subjects: defaultdict[bytes, set[int]] = field(default_factory=lambda: defaultdict(set))
    _facts: dict[int, Facts] = field(default_factory=dict)
    _answers: dict[bytes, int] = field(default_factory=dict)
    _key_check: bytes | None = None
    _terms: dict[str, Term] = field(default_factory=dict)
    _index: IndexInUse | None = None
    _addresses: defaultdict[int, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    _open_items: Counter[tuple[str, str]] = field(default_factory=Counter)
    _reasons: Counter[bytes] = field(default_factory=Counter)
    _last: int = 0
    _log_size: int = 0
    _releases: dict[str, PlannedRelease] = field(default_factory=dict)

    def stored_receipt(self, package_id: str) -> StoredReceipt | None:
        self._require_available()
        if package_id not in self._receipts:
            return None
        return StoredReceipt(self._starts[package_id].manifest_sha256, self._receipts[package_id])

    def known_package(self, package_id: str) -> PackageStart | None:
        self._require_available()
        return self._starts.get(package_id)

    def package_in_progress(self) -> PackageStart | None:
        self._require_available()
        ended = self._receipts.keys() | self._abandoned
        begun = [start for package_id, start in self._starts.items() if package_id not in ended]
        return begun[0] if begun else None

    def refusal_leaf(self, digest: bytes) -> int | None:
        self._require_available()
        return self._refusals.get(digest)

    def place_refusal(self, digest: bytes, leaf: int) -> None:
        self._require_available()
        self._refusals[digest] = leaf

    def is_abandoned(self, package_id: str) -> bool:
        self._require_available()
        return package_id in self._abandoned

    def abandon_package(self, package_id: str, log_size: int) -> None:
        if package_id in self._abandoned:
            return
        begun = self.package_in_progress()
        if begun is None or begun.package_id != package_id:
            planned = self._releases.get(package_id)
            if planned is None or planned.stage is not ReleaseStage.WAITING:
                raise EnvelopeError(
                    "The answers of the package have left, or it was not begun.",
                    next_step="Ask the simulator's test.",
                )
            self._releases[package_id] = replace(planned, stage=ReleaseStage.ENDED)
        self._abandoned.add(package_id)
        self._log_size = max(self._log_size, log_size)

    def begin_package(self, start: PackageStart) -> PackageStart:
        begun = self.package_in_progress()
        if begun is not None and begun.package_id != start.package_id:
            raise UnavailableError("Another package is in progress.", next_step="Ask the simulator's test.")
        if begun is not None and begun.manifest_sha256 == start.manifest_sha256:
            return begun
        if begun is not None or start.package_id in self._starts:
            raise EnvelopeError("The package id is taken.", next_step="Ask the simulator's test.")
        self._starts[start.package_id] = start
        return start

    def usage(self, office: str, first_day: date, last_day: date, *, apart_from: str = "") -> Usage:
        self._require_available()
        counted = [
            start.items
            for start in self._starts.values()
            if start.office == office
            and first_day <= start.received_on <= last_day
            and start.package_id != apart_from
        ]
        return Usage(len(counted), sum(counted))

    def governance(self) -> tuple[int, tuple[bytes, ...]]:
        """See ``governance.ports.Remembered``."""
        return self._governance

    def keep_governance(self, looked_through: int, leaves: Sequence[bytes]) -> None:
        """See ``governance.ports.Remembered``."""
        self._governance = (looked_through, (*self._governance[1], *leaves))

    def forget_governance(self) -> None:
        """See ``governance.ports.Remembered``."""
        self._governance = (0, ())

    def holds(self) -> frozenset[str]:
        self._require_available()
        return frozenset(self._holds)

    def place_hold(self, scope: str) -> None:
        self._require_available()
        self._holds.add(scope)

    def lift_hold(self, scope: str) -> None:
        self._require_available()
        self._holds.discard(scope)

    def recall(self, term: str, keys: HistoryKeys, rows: range, limits: Limits) -> Past:
        self._require_available()
        digests = {digest for row in rows for digest in keys.subject_digests(row)}
        subjects = {digest: self._subjects[digest] for digest in digests if digest in self._subjects}
        known = set().union(*subjects.values())
        occupants: defaultdict[bytes, set[int]] = defaultdict(set)
        for subject, addresses in self._addresses.items():
            for address in addresses:
                occupants[address].add(subject)
        return Past(
            subjects,
            {subject: self._facts[subject] for subject in known},
            {subject: self._addresses[subject] for subject in known},
            {keys.digest(row, ADDRESS_COLUMN): occupants[keys.digest(row, ADDRESS_COLUMN)] for row in rows},
            {officer: count for (of, officer), count in self._open_items.items() if of == term},
            {keys.digest(row, REASON_COLUMN): self._reasons[keys.digest(row, REASON_COLUMN)] for row in rows},
            {
                digest: self._answers[digest]
                for row in rows
                if (digest := keys.digest(row, QUESTION_COLUMN)) in self._answers
            },
        )

    def history_key_check(self) -> bytes | None:
        self._require_available()
        return self._key_check

    def terms(self) -> tuple[Term, ...]:
        self._require_available()
        return tuple(sorted(self._terms.values(), key=lambda term: term.effective))

    def keep_term(self, key_check: bytes, term: Term) -> None:
        self._require_available()
        self._key_check = self._key_check or key_check
        self._terms[term.id] = term

    def index_in_use(self) -> IndexInUse | None:
        self._require_available()
        return self._index

    def put_in_use(self, index: IndexInUse) -> None:
        self._require_available()
        self._index = index

    def forget_answers(self, questions: Iterable[bytes] | None) -> None:
        self._require_available()
        for question in list(self._answers) if questions is None else questions:
            self._answers.pop(question, None)

    def log_size(self) -> int:
        self._require_available()
        return self._log_size

    def commit_package(
        self,
        package_id: str,
        manifest_sha256: bytes,
        receipt: bytes,
        term: str,
        charges: Charges,
        log_size: int,
        release: PlannedRelease,
    ) -> None:
        self._require_available()
        start = self._starts.get(package_id)
        if start is None or start.manifest_sha256 != manifest_sha256:
            raise EnvelopeError(
                "The package was not begun with this manifest.", next_step="Ask the simulator's test."
            )
        if package_id in self._receipts:
            return
        merged = dict(charges.merged())
        last = self._last

        def number(subject: int) -> int:
            subject = subject if subject > 0 else last - subject
            self._last = max(self._last, subject)
            return subject

        for digest, subjects in self._subjects.items():
            self._subjects[digest] = {merged.get(subject, subject) for subject in subjects}
        for subject, root in merged.items():
            self._addresses[root] |= self._addresses.pop(subject, set())
        for digests, subject in charges.subjects():
            for digest in digests:
                self._subjects[digest].add(number(subject))
        self._facts.update((number(subject), Facts(*facts)) for subject, *facts in charges.facts())
        for digest, sealed in charges.answers():
            self._answers.setdefault(digest, sealed)
        for subject, address in charges.addresses():
            self._addresses[number(subject)].add(address)
        self._open_items.update({(term, name): count for name, count in charges.open_items().items()})
        self._reasons.update(charges.reasons())
        self._receipts[package_id] = receipt
        self._releases[package_id] = release
        self._log_size = max(self._log_size, log_size)

    def releases(self, stage: ReleaseStage) -> tuple[PlannedRelease, ...]:
        self._require_available()
        found = [release for release in self._releases.values() if release.stage is stage]
        return tuple(sorted(found, key=lambda release: (release.slot, release.package_id)))

    def keep_release(self, release: PlannedRelease, log_size: int) -> None:
        self._require_available()
        if release.package_id not in self._releases:
            raise EnvelopeError("The package was not committed.", next_step="Ask the simulator's test.")
        self._releases[release.package_id] = release
        self._log_size = max(self._log_size, log_size)

    def _require_available(self) -> None:
        if not self.available:
            raise UnavailableError(
                "The simulated state is switched off.", next_step="Ask the simulator's test."
            )
