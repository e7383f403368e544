"""Release what is due: the leaf first, then one rename; nothing early, nothing twice, nothing while it is held.

``gate run`` does this when a package is done and while it works on another one, ``release run`` by a timer. Both call
``release_due``, so that there is one way out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.schedule import GRACE, Schedule, schedule_of
from narrowgate.core.answers.receipt import parse_receipt
from narrowgate.core.base.errors import NarrowgateError, OperationalError, SuspendedError
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.log.leaf import ANSWERS_EXPIRED, PACKAGE_RELEASED, RELEASE_DELAYED, parse_leaf
from narrowgate.core.log.proof import LogProof
from narrowgate.core.log.releases import AnswersExpired, PackageReleased, ReleaseDelayed
from narrowgate.gate.holds import HoldOrders, carry_out
from narrowgate.gate.package_ports import Outbox
from narrowgate.gate.ports import Clock, LogStore, PlannedRelease, ReleaseStage, StateStore
from narrowgate.gate.step_04_agreement import require_not_suspended, signer_of


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """A checkpoint of the log that a quorum of witnesses vouches for.

    Args:
        size: its leaves; 0 as long as too few have cosigned any.
        text: the signed note with the cosignatures; empty while ``size`` is 0.
    """

    size: int
    text: str


@dataclass(frozen=True, slots=True)
class ReleaseDesk:
    """What a release needs: neither index nor index key, no vault and no package.

    ``agreement_in_force`` is asked at every run: the custodian may have withdrawn it meanwhile. ``time_zone`` knows the
    rules of a zone by its name. ``cosigned`` is the newest checkpoint that a quorum of the charter's witnesses
    cosigned, and nothing where the charter names no witness. ``recalled`` names the packages of which an answer was
    recalled.
    """

    clock: Clock
    state: StateStore
    log: LogStore
    outbox: Outbox
    hold_orders: HoldOrders
    agreement_in_force: Callable[[], Agreement]
    time_zone: Callable[[str], tzinfo]
    cosigned: Callable[[], CosignedCheckpoint | None]
    recalled: Callable[[], frozenset[str]]

    def schedule(self, agreement: Agreement) -> Schedule:
        """When packages of an agreement leave."""
        return schedule_of(agreement.release, self.time_zone(agreement.release.time_zone))


class Event(StrEnum):
    """What became of one release."""

    RELEASED = "released"
    DELAYED = "delayed"
    SUSPENDED = "suspended"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ReleaseEvent:
    """What a run did about one package.

    Args:
        release: as it is now.
        event: what became of it.
        reason: why it is suspended, or what failed.
    """

    release: PlannedRelease
    event: Event
    reason: NarrowgateError | None = None


def release_due(desk: ReleaseDesk) -> list[ReleaseEvent]:
    """Every package whose slot has come is in place, or waits for the next slot, which the log says; the rest waits.

    Cut off anywhere and called again, it goes on where it was: a leaf is written once, and nothing is in place without
    its leaf. Answers past their expiry are taken away, or never leave.

    Returns:
        What was done, in the order of the slots; a package whose slot lies ahead is not among it.

    Raises:
        OperationalError: log, state or disk refused; run it again.
    """
    now = desk.clock.now()
    carry_out(desk.hold_orders, desk.state, desk.log, now)
    past = _Past(desk.log, desk.state.log_size())
    events = [
        _expire(desk, past, release)
        for release in desk.state.releases(ReleaseStage.RELEASED)
        if release.expires <= now
    ]
    for release in desk.state.releases(ReleaseStage.WAITING):
        if release.expires <= now:
            events.append(_expire(desk, past, release))
        elif release.slot <= now:
            events.append(_take(desk, past, release))
    return events


def is_late(release: PlannedRelease, now: datetime) -> bool:
    """Whether a package that waits should have left: its slot came, and so did the end of its grace."""
    return now > release.slot + GRACE


def _take(desk: ReleaseDesk, past: _Past, release: PlannedRelease) -> ReleaseEvent:
    """A package whose slot has come leaves, or takes the next slot, or is suspended."""
    agreement = desk.agreement_in_force()
    schedule = desk.schedule(agreement)
    at_once = schedule.is_at_once
    now = desk.clock.now()
    cosigned = desk.cosigned()
    held = _suspension(desk, release, agreement, now) or _unwitnessed(desk, release, cosigned)
    if held is None and (at_once or (release.ready < release.slot and not is_late(release, now))):
        # The copies are made first: when the leaf is written, all that is left to do is one rename.
        try:
            desk.outbox.prepare(release.package_id, release.slot, _cosigned_proof(desk, release, cosigned))
        except OperationalError as error:
            return ReleaseEvent(release, Event.FAILED, error)  # of no concern to the others
        now = desk.clock.now()
        carry_out(desk.hold_orders, desk.state, desk.log, now)
        held = _suspension(desk, release, desk.agreement_in_force(), now)
        if held is None:
            return _release(desk, past, release, now)
    if desk.outbox.is_released(release.package_id) and past.says_released(release):
        return _release(desk, past, release, now)
    if not at_once and agreement.digest == release.agreement_sha256:
        release = _delay(desk, past, release, schedule, now)
    return ReleaseEvent(release, Event.SUSPENDED if held else Event.DELAYED, held)


def _suspension(
    desk: ReleaseDesk, release: PlannedRelease, agreement: Agreement, now: datetime
) -> SuspendedError | None:
    try:
        require_not_recalled(release.package_id, desk.recalled())
        require_not_suspended(
            release.package_id,
            release.office,
            release.agreement_sha256,
            agreement,
            desk.state.holds(),
            now,
            signer_of(release.package_id, desk.state),
        )
    except SuspendedError as error:
        return error
    return None


def require_not_recalled(package_id: str, recalled: frozenset[str]) -> None:
    """Return only if no answer of the package is recalled.

    Raises:
        SuspendedError: one is; a package leaves whole or not at all (R-43).
    """
    if package_id in recalled:
        raise SuspendedError(
            f"Answers of the package {package_id} are recalled; none of it leaves.",
            why="Two officers recalled them, and the log says so; what is sealed cannot be parted.",
            next_step="End the package for good with 'narrowgate act propose package-abandoned'.",
            rule="R-43",
        )


def _unwitnessed(
    desk: ReleaseDesk, release: PlannedRelease, cosigned: CosignedCheckpoint | None
) -> SuspendedError | None:
    """Why a package waits for witnesses; nothing where enough have cosigned its last decision, or none need to."""
    if cosigned is None or _decided_leaf(desk, release) < cosigned.size:
        return None
    return SuspendedError(
        f"The package {release.package_id} waits for cosignatures.",
        why="The charter lets no answer leave before a quorum of its witnesses has seen the log with the decisions.",
        next_step="Hand the witnesses a request ('narrowgate log request'), add what they answer "
        "('narrowgate log cosign'), and run 'narrowgate release run' again.",
    )


def _decided_leaf(desk: ReleaseDesk, release: PlannedRelease) -> int:
    """The place of the package's last decision; beyond every log where no receipt tells it."""
    stored = desk.state.stored_receipt(release.package_id)
    return sys.maxsize if stored is None else parse_receipt(stored.receipt, release.package_id).decided_leaf


def _cosigned_proof(
    desk: ReleaseDesk, release: PlannedRelease, cosigned: CosignedCheckpoint | None
) -> bytes | None:
    """The proof that leaves beside the answers: it leads to the checkpoint that the witnesses cosigned.

    Nothing where no witness needs to: the proof that waits leads to the checkpoint of the last decision.
    """
    if cosigned is None:
        return None
    index = _decided_leaf(desk, release)
    hashes = desk.log.proof(index, cosigned.size)
    return str(LogProof(index, hashes, cosigned.text, desk.log.read_leaf(index))).encode()


def _release(desk: ReleaseDesk, past: _Past, release: PlannedRelease, now: datetime) -> ReleaseEvent:
    if not past.says_released(release):
        release = _log(desk, release, PackageReleased(release.package_id, release.slot, now).leaf())
    desk.outbox.release(release.package_id)
    released = replace(release, stage=ReleaseStage.RELEASED)
    desk.state.keep_release(released, desk.log.size())
    return ReleaseEvent(released, Event.RELEASED)


def _delay(
    desk: ReleaseDesk, past: _Past, release: PlannedRelease, schedule: Schedule, now: datetime
) -> PlannedRelease:
    next_slot = past.next_slot(release)
    if next_slot is None:
        next_slot = schedule.next_slot(max(now, release.slot))
        leaf = ReleaseDelayed(release.package_id, release.slot, next_slot, now).leaf()
        release = _log(desk, release, leaf)
    delayed = replace(release, slot=next_slot)
    desk.state.keep_release(delayed, desk.log.size())
    return delayed


def _expire(desk: ReleaseDesk, past: _Past, release: PlannedRelease) -> ReleaseEvent:
    if not past.says_expired(release):
        release = _log(desk, release, AnswersExpired(release.package_id, desk.clock.now()).leaf())
    desk.outbox.withdraw(release.package_id)
    ended = replace(release, stage=ReleaseStage.ENDED)
    desk.state.keep_release(ended, desk.log.size())
    return ReleaseEvent(ended, Event.EXPIRED)


def _log(desk: ReleaseDesk, release: PlannedRelease, leaf: bytes) -> PlannedRelease:
    """The leaf is in the log; its place comes first, so that after a crash the next run finds it or writes it."""
    placed = replace(release, leaf=desk.log.size())
    desk.state.keep_release(placed, desk.state.log_size())
    desk.log.append([leaf])
    desk.log.integrate()
    return placed


class _Past:
    """What the log last said of a package's release: at its place, or beyond what a state put back knows of."""

    def __init__(self, log: LogStore, start: int) -> None:
        self._log = log
        self._beyond: dict[str, Mapping[str, object]] = {}
        for index, leaf in enumerate(log.leaves(min(start, log.size()), log.size()), start):
            fields = parse_leaf(leaf, f"leaf {index}")
            if fields["type"] in {PACKAGE_RELEASED, RELEASE_DELAYED, ANSWERS_EXPIRED}:
                self._beyond[fields["package"]] = fields

    def says_released(self, release: PlannedRelease) -> bool:
        """Whether the leaf of this release at its slot is in the log."""
        return self._is(release, PACKAGE_RELEASED, slot=format_time(release.slot))

    def says_expired(self, release: PlannedRelease) -> bool:
        """Whether the leaf of the expiry is in the log."""
        return self._is(release, ANSWERS_EXPIRED)

    def next_slot(self, release: PlannedRelease) -> datetime | None:
        """The slot that takes the place of this one, if the log says so already."""
        if not self._is(release, RELEASE_DELAYED, slot=format_time(release.slot)):
            return None
        return parse_time(str(self._last(release)["next_slot"])).astimezone(UTC)

    def _is(self, release: PlannedRelease, kind: str, **fields: str) -> bool:
        return self._last(release).items() >= {"type": kind, "package": release.package_id, **fields}.items()

    def _last(self, release: PlannedRelease) -> Mapping[str, object]:
        if release.package_id not in self._beyond and 0 <= release.leaf < self._log.size():
            return parse_leaf(self._log.read_leaf(release.leaf), f"leaf {release.leaf}")
        return self._beyond.get(release.package_id, {})
