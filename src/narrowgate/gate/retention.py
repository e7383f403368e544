"""Destroy the data keys of packages on their day: the leaf first, then the key; nothing early, nothing while held.

The day is that of the agreement which the package began under: so many days after the slot that it was given at its
receipt. A hold that covers a package, or an open incident, keeps it: what may be evidence is not destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.log.leaf_forms import DATA_KEY_DESTROYED
from narrowgate.core.log.releases import DataKeyDestroyed
from narrowgate.gate.package_ports import CopyState, Outbox, Retention
from narrowgate.gate.ports import Clock, LogStore, PackageStart, ReleaseStage, StateStore
from narrowgate.gate.start import parse_start
from narrowgate.gate.step_05_receive import find_leaf, log_begun


@dataclass(frozen=True, slots=True)
class RetentionDesk:
    """What retention needs: no key, no index, and nothing of an answer.

    ``agreement`` gives the agreement of a digest; ``abandoned`` the packages that acts ended; ``kept_by`` says what
    keeps a package of an office and id from being destroyed, and nothing where nothing does.
    """

    clock: Clock
    state: StateStore
    log: LogStore
    outbox: Outbox
    vault: Retention
    agreement: Callable[[str], Agreement]
    abandoned: Callable[[], Collection[str]]
    kept_by: Callable[[str, str], str]


class Fate(StrEnum):
    """What becomes of a copy now."""

    DESTROYED = "destroyed"
    KEPT = "kept"
    """Its day has come, and something keeps it."""
    WAITS = "waits"
    """Its day lies ahead."""
    MISSING = "missing"
    """It is not in the vault, and nothing says that it was destroyed."""


@dataclass(frozen=True, slots=True)
class Retained:
    """A package that has ended, and its day.

    Args:
        start: of the package.
        due: aware UTC time at which its data key is to be destroyed, or was.
        fate: what becomes of it.
        kept_by: what keeps it beyond its day; empty where nothing does.
    """

    start: PackageStart
    due: datetime
    fate: Fate
    kept_by: str = ""


def look_through(desk: RetentionDesk) -> Iterator[Retained]:
    """Yields every ended package whose data key is not destroyed yet, in the order of their ids; changes nothing."""
    now = desk.clock.now()
    for package_id in sorted(_ended(desk)):
        start = desk.state.known_package(package_id)
        if start is None:
            continue
        state = desk.vault.state(start.manifest_sha256)
        if state is CopyState.DESTROYED:
            continue
        due = _due(desk, start)
        if state is CopyState.MISSING:
            yield Retained(start, due, Fate.MISSING)
        elif due > now:
            yield Retained(start, due, Fate.WAITS)
        else:
            kept_by = desk.kept_by(start.office, package_id)
            yield Retained(start, due, Fate.KEPT if kept_by else Fate.DESTROYED, kept_by)


def destroy_due(desk: RetentionDesk) -> list[Retained]:
    """Every data key whose day has come is destroyed, and the log says so; cut off anywhere, the next run goes on.

    Returns:
        The packages whose day has come, with what became of them, and those that are missing.

    Raises:
        OperationalError: log, state or disk refused; run it again.
    """
    found = []
    for each in look_through(desk):
        if each.fate is Fate.DESTROYED:
            _destroy(desk, each)
        if each.fate is not Fate.WAITS:
            found.append(each)
    return found


def _destroy(desk: RetentionDesk, each: Retained) -> None:
    package_id, copy = each.start.package_id, each.start.manifest_sha256
    log_begun(desk.state, desk.log)
    place = desk.vault.announce(copy, desk.log.size())
    if find_leaf(desk.log, place, DATA_KEY_DESTROYED, package_id) is None:
        desk.log.append([DataKeyDestroyed(package_id, each.due, desk.clock.now()).leaf()])
        desk.log.integrate()
    desk.outbox.prune(package_id)
    desk.vault.destroy(copy)


def _ended(desk: RetentionDesk) -> set[str]:
    stages = (ReleaseStage.RELEASED, ReleaseStage.ENDED)
    return {release.package_id for stage in stages for release in desk.state.releases(stage)} | set(
        desk.abandoned()
    )


def _due(desk: RetentionDesk, start: PackageStart) -> datetime:
    begun = parse_start(start.resume)
    days = desk.agreement(begun.agreement_sha256).retention.package_days
    return begun.slot + timedelta(days=days)
