"""What the thirteen steps need from outside, as narrow protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from narrowgate.core.agreement.model import Limits
from narrowgate.core.agreement.term import Term
from narrowgate.core.eligibility.history.budgets import Past
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.core.eligibility.history.keys import HistoryKeys
from narrowgate.core.log.tiles import BundledLeaves
from narrowgate.core.matching.guard_facts import GuardFacts
from narrowgate.gate.gathering import Gathering
from narrowgate.governance.ports import Remembered

Input = TypeVar("Input")
Output = TypeVar("Output")


class Clock(Protocol):
    """The current time, asked a few times a package."""

    def now(self) -> datetime:
        """An aware time in UTC, whole seconds."""
        ...


class Entropy(Protocol):
    """Randomness that nobody outside can guess; a seeded one in tests."""

    def draw(self, size: int) -> bytes:
        """``size`` bytes."""
        ...


class Workers(Protocol):
    """All cores, for pure functions of a batch."""

    def map(self, function: Callable[[Input], Output], batches: Iterable[Input]) -> Iterator[Output]:
        """The results in the order of the batches, holding only a few batches in memory."""
        ...


class Attendant(Protocol):
    """Sees to slow work, and looks up from it several times a second.

    ``look`` raises when the work is to stop; what was under way then ends by itself and its result is dropped. The
    work runs beside ``look``: it writes neither log nor state.
    """

    def wait(self, work: Callable[[], Output], look: Callable[[], None]) -> Output:
        """The result of the work, or what it or ``look`` raises."""
        ...

    def each(self, items: Iterable[Output], look: Callable[[], None]) -> Iterator[Output]:
        """The items in order, each made as ``wait`` does."""
        ...


@dataclass(frozen=True, slots=True)
class IndexSnapshot:
    """What may be said of an index: an opaque id and a date leave; the digest stays, committed.

    Args:
        snapshot_id: opaque; says nothing of the content.
        data_as_of: ISO date of the records.
        canonical_form_version: must equal the code's.
        key_id: id of the index key (not the key).
        digest: SHA-256 of the index manifest; leaves only as a salted commitment.
        created: when the newest layer was made, ISO 8601 in UTC; tells an older index from a newer one.
        has_street_reference: whether the index knows streets by a reference; without one, no edit is allowed for.
    """

    snapshot_id: str
    data_as_of: str
    canonical_form_version: str
    key_id: str
    digest: bytes
    created: str
    has_street_reference: bool


@dataclass(frozen=True, slots=True)
class IndexInUse:
    """Which index was read last.

    Args:
        created: ISO 8601 time in UTC.
        digest: SHA-256 of its manifest.
    """

    created: str
    digest: bytes


class ConfirmationIndex(Protocol):
    """A set of keyed tokens: all it can be asked is whether a token is in it."""

    def snapshot(self) -> IndexSnapshot:
        """The index's description, read from its verified manifest."""
        ...

    def guards(self, batches: Sequence[bytes]) -> Sequence[GuardFacts]:
        """For each batch of distinct tokens, side by side, what is kept under each; one set-based pass for all.

        As much comes back for a token that is not held as for one that is.

        Raises:
            UnavailableError: the index cannot be read; never answered as absence.
        """
        ...

    def gather(self) -> Gathering:
        """Where the rows of a package come together, so that the set is read once for all of them."""
        ...

    def members(self, rows: bytes, years: Sequence[int]) -> Sequence[bool]:
        """For each row, as a question of its own, what a ``Gathering`` answers.

        Args:
            rows: the ``row_digest`` of each (``core.matching.token.ROW_KEY_SIZE``), side by side.
            years: beside each a mask of tax years.

        Raises:
            UnavailableError: the index cannot be read; never answered as absence.
        """
        ...


class LogStore(Protocol):
    """An append-only tile log: leaves are part of it, durably and all together, when ``integrate`` returns."""

    def size(self) -> int:
        """Number of integrated leaves."""
        ...

    def append(self, leaves: Iterable[bytes]) -> range:
        """The indexes the leaves will have once ``integrate`` has returned; few are held in memory."""
        ...

    def append_bundled(self, bundled: Iterable[BundledLeaves]) -> range:
        """``append`` of leaves that were encoded and hashed before; each of these begins where a bundle has room."""
        ...

    def integrate(self) -> str:
        """The signed checkpoint over all leaves appended; all of them, or none, are in the log from now on."""
        ...

    def checkpoint(self) -> str:
        """The last signed checkpoint."""
        ...

    def proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Inclusion proof of leaf ``index`` in the first ``size`` leaves; without it in the last checkpoint."""
        ...

    def peaks(self, size: int) -> tuple[bytes, ...]:
        """The peaks of the tree of the first ``size`` integrated leaves (``core.log.multi_proof``)."""
        ...

    def read_leaf(self, index: int) -> bytes:
        """The integrated leaf ``index``."""
        ...

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The integrated leaves ``start`` to ``end - 1``, in order."""
        ...


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """The receipt of a finished package and the manifest it answers.

    Args:
        manifest_sha256: digest of the manifest under which the package was begun.
        receipt: the receipt's bytes, the same at every request.
    """

    manifest_sha256: bytes
    receipt: bytes


@dataclass(frozen=True, slots=True)
class PackageStart:
    """What must be known of a package to run it again after a crash with the same result.

    Args:
        package_id: id of the package.
        manifest_sha256: digest of its manifest.
        office: id of the office that signed it.
        items: number of rows.
        received_on: the day it counts for.
        resume: what the gate needs to repeat the run byte for byte.
    """

    package_id: str
    manifest_sha256: bytes
    office: str
    items: int
    received_on: date
    resume: bytes


class ReleaseStage(StrEnum):
    """Where the answers of a decided package are."""

    WAITING = "waiting"
    RELEASED = "released"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PlannedRelease:
    """When the sealed answers of a decided package leave.

    Args:
        package_id: id of the package.
        office: id of the office that signed it, which a hold may stop.
        agreement_sha256: hex digest of the agreement that it began under.
        slot: aware UTC time at which they leave, or left.
        ready: aware UTC time at which they were sealed and logged.
        expires: aware UTC time after which they are released no more, and taken away.
        stage: where they are.
        leaf: where the last leaf about the release is, or was to be written when a crash came; -1 before the first.
    """

    package_id: str
    office: str
    agreement_sha256: str
    slot: datetime
    ready: datetime
    expires: datetime
    stage: ReleaseStage = ReleaseStage.WAITING
    leaf: int = -1


@dataclass(frozen=True, slots=True)
class Usage:
    """What an office has used of its quotas in a period."""

    packages: int
    items: int


class StateStore(Remembered, Protocol):
    """What the gate remembers between packages; every method is durable when it returns, or raises.

    One process holds the store at a time, and one package is in progress at a time: budgets are read in
    step 7 and charged with the receipt, and nothing may come between. Any number wait for their release.

    Raises:
        UnavailableError: the store cannot be read or written now.
    """

    def stored_receipt(self, package_id: str) -> StoredReceipt | None:
        """The receipt of a finished package, or nothing (step 3)."""
        ...

    def known_package(self, package_id: str) -> PackageStart | None:
        """The start of the package with this id, finished or not (step 2)."""
        ...

    def package_in_progress(self) -> PackageStart | None:
        """The package begun, not finished and not abandoned, which must end before any other begins (step 3)."""
        ...

    def refusal_leaf(self, digest: bytes) -> int | None:
        """Where the leaf of this refusal is, or was to be written when a crash came; nothing before the first."""
        ...

    def place_refusal(self, digest: bytes, leaf: int) -> None:
        """The leaf of this refusal is the one with this index; a later place takes the place of an earlier one."""
        ...

    def is_abandoned(self, package_id: str) -> bool:
        """Whether the package with this id was ended for good (step 3)."""
        ...

    def abandon_package(self, package_id: str, log_size: int) -> None:
        """End a package whose answers have not left; done again it changes nothing.

        One in progress charges nothing; one that waits for its release stays charged.

        Args:
            package_id: the package in progress, or one that waits.
            log_size: leaves of the log, the one that ends it included.

        Raises:
            EnvelopeError: it was not begun, or its answers have left.
        """
        ...

    def begin_package(self, start: PackageStart) -> PackageStart:
        """The durable start of this package: ``start``, or after a crash the one stored then (before step 5).

        Raises:
            EnvelopeError: the id belongs to another manifest, or to a finished package.
            UnavailableError: another package is in progress.
        """
        ...

    def usage(self, office: str, first_day: date, last_day: date, *, apart_from: str = "") -> Usage:
        """Packages begun by an office on those days, both included, without the one named (step 4)."""
        ...

    def holds(self) -> frozenset[str]:
        """The scopes of the holds in force: ``all``, an office's id, or a statute (step 4)."""
        ...

    def place_hold(self, scope: str) -> None:
        """Put a hold in force; one in force stays."""
        ...

    def lift_hold(self, scope: str) -> None:
        """End a hold; one not in force stays so."""
        ...

    def history_key_check(self) -> bytes | None:
        """The check value of the history key that the budgets are kept with, or nothing before the first package."""
        ...

    def terms(self) -> tuple[Term, ...]:
        """The terms of the agreements that packages were taken in under (step 5)."""
        ...

    def keep_term(self, key_check: bytes, term: Term) -> None:
        """Record the history key's check value and a term; a known term gets the new last day (step 5)."""
        ...

    def index_in_use(self) -> IndexInUse | None:
        """The index that was read last, or nothing before the first."""
        ...

    def put_in_use(self, index: IndexInUse) -> None:
        """Record the index that is read from now on (step 9)."""
        ...

    def recall(self, term: str, keys: HistoryKeys, rows: range, limits: Limits) -> Past:
        """What the history of an agreement's term holds about some items' keys (step 7)."""
        ...

    def forget_answers(self, questions: Iterable[bytes] | None) -> None:
        """The first answers to these questions are not remembered any more; budgets stay charged.

        Args:
            questions: their digests (``core.eligibility.history.keys``); ``None`` for every question.
        """
        ...

    def log_size(self) -> int:
        """Leaves the log had when the state last followed it: a package was committed, abandoned, released or delayed.

        0 before the first (step 3).
        """
        ...

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
        """Record receipt, charges, release and the log's size in one transaction, exactly once (step 13).

        Done again with the same manifest it changes nothing.

        Raises:
            EnvelopeError: the package was not begun, or with another manifest.
        """
        ...

    def releases(self, stage: ReleaseStage) -> tuple[PlannedRelease, ...]:
        """The releases at a stage, in the order of their slots, then of the packages' ids."""
        ...

    def keep_release(self, release: PlannedRelease, log_size: int) -> None:
        """Record a changed release of a committed package, and that the state followed the log so far.

        Raises:
            EnvelopeError: the package was not committed.
        """
        ...
