"""One package through the thirteen steps, in order; this file is their table of contents."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import Protocol

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.schedule import Schedule
from narrowgate.core.agreement.term import term_of
from narrowgate.core.base.errors import SuspendedError
from narrowgate.core.eligibility.history.charges import keeps_subjects
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.gate.continuity import continue_history, put_index_in_use
from narrowgate.gate.holds import HoldOrders
from narrowgate.gate.package_ports import (
    OfficerDirectory,
    Outbox,
    PackageSource,
    SignatureVerifier,
    Vault,
)
from narrowgate.gate.ports import (
    Attendant,
    Clock,
    ConfirmationIndex,
    LogStore,
    ReleaseStage,
    StateStore,
    Workers,
)
from narrowgate.gate.refusal import log_refusal
from narrowgate.gate.release import (
    CosignedCheckpoint,
    ReleaseDesk,
    ReleaseEvent,
    release_due,
    require_not_recalled,
)
from narrowgate.gate.step_01_envelope import open_envelope
from narrowgate.gate.step_02_signature import (
    OfficeSwitchedOffError,
    UnauthenticPackageError,
    authenticate,
    authenticated_before,
)
from narrowgate.gate.step_03_replay import recall_receipt, require_common_past
from narrowgate.gate.step_04_agreement import PackageRefusedError, permit, require_not_held, resume
from narrowgate.gate.step_05_receive import receive
from narrowgate.gate.step_06_eligibility import Terms, examine_package
from narrowgate.gate.step_07_history import judge_package
from narrowgate.gate.step_08_tokens import Asker, in_groups
from narrowgate.gate.step_09_probe import gather, look_up
from narrowgate.gate.step_10_decide import decide_package
from narrowgate.gate.step_11_seal import LogBefore, seal_answers
from narrowgate.gate.step_12_log import log_decisions
from narrowgate.gate.step_13_release import plan_release
from narrowgate.gate.token_ports import TokenMaker
from narrowgate.gate.types import (
    AuthenticatedPackage,
    Bits,
    ExaminedBatch,
    JudgedPackage,
    LoggedPackage,
    PermittedPackage,
    RawPackage,
)
from narrowgate.gate.watch import Watch, WatchedVault

GROUP_ITEMS = 220_000
"""Admitted items whose questions are held at a time: those of a group look for their guards in one pass over these."""


@dataclass(frozen=True, slots=True)
class GateKeys:
    """The secrets of the steps, each for one purpose.

    Args:
        tokens: holds the index key and makes tokens with it (step 8).
        history: makes the digests of the budgets (step 6).
        commitment: wraps the data keys of packages (step 5).
    """

    tokens: TokenMaker
    history: bytes = field(repr=False)
    commitment: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything one gate works with.

    ``open_keys`` is called after step 4 and ``open_index`` (with the id of the index key) after step 7: for
    no package that is refused whole. ``agreement_in_force`` is asked again before the release: the custodian may have
    withdrawn the agreement meanwhile. ``attendant`` looks for holds while slow work is done; ``time_zone`` knows the
    rules of a zone by its name.
    """

    clock: Clock
    agreement: Agreement
    agreement_in_force: Callable[[], Agreement]
    verifier: SignatureVerifier
    officers: OfficerDirectory
    facilities: frozenset[str]
    state: StateStore
    log: LogStore
    log_origin: str
    vault: Vault
    hold_orders: HoldOrders
    outbox: Outbox
    workers: Workers
    open_keys: Callable[[], GateKeys]
    open_index: Callable[[str], ConfirmationIndex]
    attendant: Attendant
    time_zone: Callable[[str], tzinfo]
    cosigned: Callable[[], CosignedCheckpoint | None]
    recalled: Callable[[], frozenset[str]]

    def release_desk(self) -> ReleaseDesk:
        """The part of the gate that answers leave by."""
        return ReleaseDesk(
            clock=self.clock,
            state=self.state,
            log=self.log,
            outbox=self.outbox,
            hold_orders=self.hold_orders,
            agreement_in_force=self.agreement_in_force,
            time_zone=self.time_zone,
            cosigned=self.cosigned,
            recalled=self.recalled,
        )

    def schedule(self) -> Schedule:
        """When packages of the agreement leave."""
        return self.release_desk().schedule(self.agreement)


class Progress(Protocol):
    """Told when a step begins and how far it is."""

    def begin(self, step: str) -> None:
        """A step begins; the one before it has ended."""
        ...

    def advance(self, done: int, total: int) -> None:
        """So many items of the current step are done."""
        ...


def run_package(
    gate: Gate, source: PackageSource, progress: Progress, arrived: datetime | None = None
) -> bytes:
    """The receipt of the package: every item decided once, logged and sealed, to leave at its slot, or nothing at all.

    Args:
        gate: the custodian's gate.
        source: the package.
        progress: watches; it learns nothing that leaves.
        arrived: when the package was handed over, from which its slot counts; None where that is now.

    Returns:
        The canonical receipt (``core.answers.receipt``), the same for the same package however often it is run.

    Raises:
        EnvelopeError: steps 1 to 3 and 5: malformed, changed, wrongly signed, or an id used twice.
        PackageRefusedError: step 4: refused whole, which the log shows.
        SuspendedError: from step 4 on: a hold, or another agreement than it began under, stops it for now.
        UnavailableError: the index or the state cannot answer; nothing was decided.
        OperationalError, LogInconsistentError: the machine failed; run the package again.
    """
    with _without_search_for_cycles():
        return _walk(gate, source, progress, arrived)


@contextmanager
def _without_search_for_cycles() -> Iterator[None]:
    """The steps leave no cycles; looking for some among a million items took half the time of the probe."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _walk(gate: Gate, source: PackageSource, progress: Progress, arrived: datetime | None) -> bytes:
    """The thirteen steps."""
    desk = gate.release_desk()
    now = gate.clock.now()
    progress.begin("1 envelope")
    raw = open_envelope(source)
    progress.begin("2 signature")
    package = authenticated_before(raw, gate.state) or _authenticated(gate, raw, now)
    progress.begin("3 replay")
    require_common_past(gate.state, gate.log)
    if (receipt := recall_receipt(package, gate.state)) is not None:
        require_not_stopped(package.manifest.package_id, release_due(desk))
        _release_what_was_lost(gate, package)
        return receipt
    progress.begin("4 agreement")
    release_due(desk)
    now = gate.clock.now()  # not before the leaves of what was due
    permitted = _permitted(gate, package, now, arrived)
    watch = Watch(desk, gate.attendant, package, gate.agreement)
    progress.begin("5 receive")
    keys = watch.wait(gate.open_keys)
    continue_history(gate.state, keys.history, gate.agreement)
    logged = _receive(gate, permitted, watch, keys, now)
    watch.log_is_free = True
    progress.begin("6 eligibility")
    batches = _examine(gate, logged, keys, watch, progress)
    progress.begin("7 history")
    judged = watch.wait(lambda: judge_package(logged, batches, gate.state))
    batches.clear()  # a hundred megabytes of digests that the charges hold too
    index = _index_in_use(gate, keys, watch)
    asked_at = gate.clock.now()
    judged, bits = _ask(gate, judged, keys.tokens, index, watch, progress)
    progress.begin("10 decide")
    watch.log_is_free = False
    decided = decide_package(judged, bits, gate.log, asked_at)
    snapshot = index.snapshot()
    progress.begin("11 seal")
    staging = gate.outbox.stage(logged.manifest.package_id)
    before = LogBefore(gate.log_origin, gate.log.peaks(decided.first_item_leaf))
    sealed = watch.wait(
        lambda: seal_answers(decided, snapshot, before, logged.officers, staging, gate.workers)
    )
    progress.begin("12 log")
    watch.look()
    concluded = log_decisions(decided, sealed, snapshot, gate.log, gate.workers)
    progress.begin("13 release")
    receipt, release = plan_release(decided, concluded, gate.log_origin, staging, gate.clock.now())
    gate.state.commit_package(
        logged.manifest.package_id,
        package.manifest_sha256,
        receipt,
        term_of(logged.agreement).digest,
        judged.charges,
        concluded.decided_leaf + 1,
        release,
    )
    require_not_stopped(release.package_id, release_due(desk))
    return receipt


def _release_what_was_lost(gate: Gate, package: AuthenticatedPackage) -> None:
    """Answers that were released and lost leave again, to the same officers, unless a hold covers the office."""
    package_id, office = package.manifest.package_id, package.manifest.office
    released = {release.package_id for release in gate.state.releases(ReleaseStage.RELEASED)}
    if package_id in released and not gate.outbox.is_complete(package_id):
        require_not_recalled(package_id, gate.recalled())
        agreement = gate.agreement_in_force()
        require_not_held(package_id, office, agreement, gate.state.holds(), gate.clock.now())
        gate.outbox.release_again(package_id)


def require_not_stopped(package_id: str, events: Sequence[ReleaseEvent]) -> None:
    """Return only if the answers of this package have left, or wait for their slot and for nothing else.

    Raises:
        SuspendedError: a hold stopped them at their slot.
        OperationalError: they could not be put in place.
    """
    for event in events:
        if event.release.package_id == package_id and event.reason is not None:
            raise event.reason


def _receive(
    gate: Gate, permitted: PermittedPackage, watch: Watch, keys: GateKeys, now: datetime
) -> LoggedPackage:
    """Step 5; a hold that comes while the copy is made refuses a package that has not begun."""
    vault = WatchedVault(gate.vault, watch)
    try:
        return receive(permitted, vault, gate.officers, gate.state, gate.log, keys.commitment, now)
    except SuspendedError:
        if permitted.begun is None:
            _permitted(gate, permitted.package, gate.clock.now())
        raise


def _index_in_use(gate: Gate, keys: GateKeys, watch: Watch) -> ConfirmationIndex:
    """The index, which is not older than the one read last; nothing of it is read yet."""
    index = watch.wait(lambda: gate.open_index(keys.tokens.key_id()))
    put_index_in_use(gate.state, index.snapshot())
    return index


def _examine(
    gate: Gate, logged: LoggedPackage, keys: GateKeys, watch: Watch, progress: Progress
) -> list[ExaminedBatch]:
    """Step 6 for the whole package, reporting as it goes."""
    terms = Terms(
        agreement=gate.agreement,
        today=logged.today,
        officers=logged.officers.registered(),
        facilities=gate.facilities,
        digester=HistoryDigester(
            keys.history,
            term_of(gate.agreement).digest.encode(),
            subjects=keeps_subjects(gate.agreement.limits),
        ),
        salts=logged.salts,
    )
    batches = []
    for batch in watch.each(examine_package(logged, terms, gate.workers)):
        batches.append(batch)
        progress.advance(batch.first + batch.count, logged.manifest.rows.count)
    return batches


def _authenticated(gate: Gate, raw: RawPackage, now: datetime) -> AuthenticatedPackage:
    """Step 2 for a package that has not begun; the log says that it was handed over when no office signed it."""
    try:
        return authenticate(raw, gate.verifier, gate.agreement, now)
    except (OfficeSwitchedOffError, UnauthenticPackageError) as error:
        log_refusal(raw, error.signer, [error.rule or "R-21"], gate.state, gate.log, now)
        raise


def _permitted(
    gate: Gate, package: AuthenticatedPackage, now: datetime, arrived: datetime | None = None
) -> PermittedPackage:
    """Step 4 for a package that has begun, or for a new one, whose refusal is logged."""
    if (begun := gate.state.package_in_progress()) is not None:
        return resume(package, begun, gate.agreement, gate.state, now)
    try:
        return permit(package, gate.agreement, gate.schedule(), gate.state, now, arrived)
    except PackageRefusedError as refusal:
        log_refusal(package.raw, package.signer, refusal.rules, gate.state, gate.log, now)
        raise


def _ask(
    gate: Gate,
    judged: JudgedPackage,
    tokens: TokenMaker,
    index: ConfirmationIndex,
    watch: Watch,
    progress: Progress,
) -> tuple[JudgedPackage, Bits]:
    """Steps 8 and 9, which take turns until the rows are known; an item of which no question can be made is refused."""
    bits = Bits(judged.items, judged.remembered)
    progress.begin("8 tokens")
    asker = Asker(judged, index.snapshot(), tokens)
    faulty: list[int] = []
    asked = array("Q")
    with index.gather() as rows:
        for group in in_groups(watch.each(asker.ask()), GROUP_ITEMS):
            progress.begin("9 probe")
            watch.wait(partial(gather, group, index, rows, gate.workers))
            for batch in group:
                faulty += batch.faulty
                asked += batch.ordinals
            progress.advance(len(asked), judged.items - len(judged.findings) - len(judged.remembered))
            progress.begin("8 tokens")
        progress.begin("9 probe")
        found = watch.wait(partial(look_up, asked, rows))
    for ordinal, is_member in found.items():
        bits[ordinal] = is_member
    return judged.refusing(faulty), bits
