"""What is in force at a gate: a fold of the charter and the acts in the order of their leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from narrowgate.core.base.errors import ActRefusedError
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.charter import Charter
from narrowgate.core.governance.incident import incident_of
from narrowgate.core.governance.kinds import ALL, KINDS, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter

AGREEMENT: Final = "agreement"
INDEX: Final = "index"
REGISTER: Final = "register"
FACILITIES: Final = "facilities"
RULES: Final = "rules"
DELAYS: Final = "delayed accounts"
NEEDED: Final = (AGREEMENT, INDEX, REGISTER, RULES)
"""What must be in force for a package to be decided; a facility list only where the agreement names one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One thing that an act put in force, or withdrew.

    Args:
        subject: of the act.
        sha256: hex digest; empty where something was withdrawn.
        start: aware UTC time from which it holds.
        until: aware UTC time at which it ends by itself; ``None`` where it does not.
        number: of the act.
    """

    subject: str
    sha256: str
    start: datetime
    until: datetime | None
    number: int


@dataclass(frozen=True, slots=True)
class InForce:
    """Everything that the acts so far say.

    Args:
        gate: name.
        charter_sha256: hex digest of the charter in force.
        number: of the last act; 0 before the first.
        last_sha256: hex digest of the last act, which the next one names; of the charter before the first.
        placed: for agreement, index, register, facilities, rules and delayed accounts everything put in force, in the
            acts' order.
        holds: scope to the act that placed it.
        offices_off: office to the act that switched it off.
        keys_revoked: key to the act that revoked it.
        suppressions: exclusions in force.
        abandoned: package to the act that ended it.
        incidents: in the acts' order.
        incidents_reported: number of the act that recorded an incident to the act that says it was reported.
        incidents_closed: the same to the act that closed it.
        recalls: in the acts' order.
    """

    gate: str
    charter_sha256: str
    last_sha256: str
    number: int = 0
    placed: Mapping[str, tuple[Placed, ...]] = field(default_factory=dict)
    holds: Mapping[str, Placed] = field(default_factory=dict)
    offices_off: Mapping[str, Placed] = field(default_factory=dict)
    keys_revoked: Mapping[str, Placed] = field(default_factory=dict)
    suppressions: tuple[Placed, ...] = ()
    abandoned: Mapping[str, Placed] = field(default_factory=dict)
    incidents: tuple[Placed, ...] = ()
    incidents_reported: Mapping[str, Placed] = field(default_factory=dict)
    incidents_closed: Mapping[str, Placed] = field(default_factory=dict)
    recalls: tuple[Placed, ...] = ()

    def current(self, what: str, at: datetime) -> Placed | None:
        """What is in force of agreement, index, register, facilities, rules or delayed accounts.

        The one that began last counts; where that one has ended or was withdrawn, nothing does: an earlier one does
        not come back.
        """
        begun = [placed for placed in self.placed.get(what, ()) if placed.start <= at]
        if not begun:
            return None
        last = max(begun, key=lambda placed: (placed.start, placed.number))
        ended = not last.sha256 or (last.until is not None and last.until <= at)
        return None if ended else last

    def scheduled(self, what: str, at: datetime) -> tuple[Placed, ...]:
        """What is to come in force after ``at``, the next one first."""
        coming = [placed for placed in self.placed.get(what, ()) if placed.start > at]
        return tuple(sorted(coming, key=lambda placed: (placed.start, placed.number)))

    def missing(self, at: datetime) -> tuple[str, ...]:
        """What is not in force at ``at`` and must be before any package is decided."""
        return tuple(what for what in NEEDED if self.current(what, at) is None)

    def stopping(self, scopes: Iterable[str]) -> Placed | None:
        """The hold that stops something of these scopes, the oldest first; ``all`` stops everything."""
        held = [self.holds[scope] for scope in {ALL, *scopes} & set(self.holds)]
        return min(held, key=lambda placed: placed.number, default=None)

    def counting(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys, by their hex SHA-256, that no act revoked: what any other one signs counts no more."""
        return frozenset(keys).difference(self.keys_revoked)


def founded(charter: LoggedCharter) -> InForce:
    """What is in force where there is a charter and no act: nothing."""
    return InForce(charter.gate, charter.charter_sha256, charter.charter_sha256)


def after(before: InForce, act: LoggedAct) -> InForce:
    """What is in force after one more act.

    Raises:
        ActRefusedError: the act is not the next one, or contradicts what is in force.
    """
    if act.number != before.number + 1:
        raise refused(f"The act has the number {act.number}; the next one is {before.number + 1}.")
    placed = Placed(act.subject, act.sha256, act.start or act.time, act.until, act.number)
    changed = _EFFECTS[act.kind](before, placed, act.time)
    return replace(changed, number=act.number, last_sha256=act.act_sha256)


def require_next(before: InForce, act: Act, now: datetime) -> None:
    """Return only if ``act`` follows everything applied so far and does not reach into the past.

    Args:
        before: what is in force.
        act: the act.
        now: the time at which it would be applied.

    Raises:
        ActRefusedError: it is for another gate, another number, names another act before it, begins in the past, or was
            drawn up in the future.
    """
    if act.gate != before.gate:
        raise refused("The act is for another gate.")
    if act.number != before.number + 1:
        raise refused(
            f"The act has the number {act.number}; the next one is {before.number + 1}.",
            "Other acts were applied since it was drawn up, or one before it is missing.",
        )
    if act.previous != before.last_sha256:
        raise refused(
            "The act does not name the last act applied.", "It was drawn up after another sequence of acts."
        )
    if act.start is not None and act.start < now:
        raise refused(
            "The act would begin in the past.", "What was decided then cannot be changed by an act of now."
        )
    if act.until is not None and act.until <= now:
        raise refused("The act would have ended already.")
    if act.issued > now:
        raise refused("The act was drawn up in the future.", "One of two clocks is wrong.")


def require_signed(charter: Charter, in_force: InForce, kind: Kind, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the officers who signed, who are as many different persons as the kind of act needs.

    Args:
        charter: in force before the act.
        in_force: before the act.
        kind: of the act.
        keys: hex SHA-256 of the keys whose signatures verified.

    Raises:
        ActRefusedError: a key belongs to no officer or is revoked; the persons are too few. Two cards of one person
            count once.
    """
    keys = set(keys)
    if keys - charter.keys():
        raise refused("A signature is by a key that the charter gives to no officer.")
    require_no_revoked_key(in_force, keys)
    persons = charter.officers_of(keys)
    needed = KINDS[kind].signatures(charter.quorum)
    if len(persons) < needed:
        raise refused(
            f"The act is signed by {len(persons)} of the {needed} officers it needs.",
            "Two cards of one person count once."
            if len(keys) > len(persons)
            else "One key brakes, two keys release.",
            "Have another custody officer sign it: 'narrowgate act sign'.",
        )
    return persons


def require_no_revoked_key(in_force: InForce, keys: Iterable[str]) -> None:
    """Return only if no act revoked one of the keys.

    Raises:
        ActRefusedError: one did.
    """
    if set(keys) & set(in_force.keys_revoked):
        raise refused("A signature is by a key that is revoked.")


def refused(what: str, why: str = "", next_step: str = "") -> ActRefusedError:
    """The error of an act that cannot be applied."""
    return ActRefusedError(
        what,
        why=why,
        next_step=next_step or "Draw it up again with 'narrowgate act propose', and have that one signed.",
    )


_Effect = Callable[[InForce, Placed, datetime], InForce]


def _put(what: str) -> _Effect:
    def effect(before: InForce, placed: Placed, _now: datetime) -> InForce:
        return replace(before, placed={**before.placed, what: (*before.placed.get(what, ()), placed)})

    return effect


def _withdraw(what: str) -> _Effect:
    def effect(before: InForce, placed: Placed, now: datetime) -> InForce:
        held = before.placed.get(what, ())
        current = before.current(what, now)
        is_current = current is not None and current.sha256 == placed.sha256
        left = tuple(each for each in held if each.start <= now or each.sha256 != placed.sha256)
        if not is_current and left == held:
            raise refused(f"That {what} is neither in force nor to come in force.")
        if is_current:
            left = (*left, replace(placed, sha256=""))
        return replace(before, placed={**before.placed, what: left})

    return effect


def _hold(before: InForce, placed: Placed, _now: datetime) -> InForce:
    if placed.subject in before.holds:
        raise refused(f"A hold of {placed.subject} is in force already.")
    return replace(before, holds={**before.holds, placed.subject: placed})


def _lift(before: InForce, placed: Placed, _now: datetime) -> InForce:
    return replace(before, holds=_without(before.holds, placed.subject, "No such hold is in force."))


def _office_off(before: InForce, placed: Placed, _now: datetime) -> InForce:
    if placed.subject in before.offices_off:
        raise refused("The office is switched off already.")
    return replace(before, offices_off={**before.offices_off, placed.subject: placed})


def _office_on(before: InForce, placed: Placed, _now: datetime) -> InForce:
    left = _without(before.offices_off, placed.subject, "The office is not switched off.")
    return replace(before, offices_off=left)


def _revoke(before: InForce, placed: Placed, _now: datetime) -> InForce:
    if placed.subject in before.keys_revoked:
        raise refused("The key is revoked already.")
    return replace(before, keys_revoked={**before.keys_revoked, placed.subject: placed})


def _abandon(before: InForce, placed: Placed, _now: datetime) -> InForce:
    if placed.subject in before.abandoned:
        raise refused("The package is abandoned already.")
    return replace(before, abandoned={**before.abandoned, placed.subject: placed})


def _incident(before: InForce, placed: Placed, now: datetime) -> InForce:
    try:
        _, discovered = incident_of(placed.subject)
    except ValueError as error:
        raise refused("The time of the incident's discovery is no time.") from error
    if discovered > now:
        raise refused("The incident would be discovered in the future.")
    return replace(before, incidents=(*before.incidents, placed))


def _report_incident(before: InForce, placed: Placed, _now: datetime) -> InForce:
    _require_open(before, placed.subject)
    if placed.subject in before.incidents_reported:
        raise refused("The incident was reported already.")
    reported = {**before.incidents_reported, placed.subject: placed}
    return replace(before, incidents_reported=reported)


def _close_incident(before: InForce, placed: Placed, _now: datetime) -> InForce:
    _require_open(before, placed.subject)
    if placed.subject not in before.incidents_reported:
        raise refused(
            "The incident was not reported, and cannot be closed.",
            "It is reported within 24 hours of its discovery; an inquiry comes after that.",
            "Report it, and record that: 'narrowgate act propose incident-reported'.",
        )
    return replace(before, incidents_closed={**before.incidents_closed, placed.subject: placed})


def _require_open(before: InForce, number: str) -> None:
    if number not in {str(each.number) for each in before.incidents}:
        raise refused("No act of that number recorded an incident.")
    if number in before.incidents_closed:
        raise refused("The incident is closed already.")


def _replace_charter(before: InForce, placed: Placed, _now: datetime) -> InForce:
    if placed.subject != before.gate:
        raise refused("The charter is for another gate.")
    return replace(before, charter_sha256=placed.sha256)


def _without(held: Mapping[str, Placed], name: str, problem: str) -> Mapping[str, Placed]:
    if name not in held:
        raise refused(problem)
    return {key: value for key, value in held.items() if key != name}


_EFFECTS: Final[Mapping[Kind, _Effect]] = {
    Kind.AGREEMENT_IN_FORCE: _put(AGREEMENT),
    Kind.AGREEMENT_WITHDRAWN: _withdraw(AGREEMENT),
    Kind.INDEX_IN_FORCE: _put(INDEX),
    Kind.INDEX_WITHDRAWN: _withdraw(INDEX),
    Kind.REGISTER_IN_FORCE: _put(REGISTER),
    Kind.FACILITIES_IN_FORCE: _put(FACILITIES),
    Kind.RULES_IN_FORCE: _put(RULES),
    Kind.HOLD: _hold,
    Kind.HOLD_LIFTED: _lift,
    Kind.OFFICE_OFF: _office_off,
    Kind.OFFICE_ON: _office_on,
    Kind.KEY_REVOKED: _revoke,
    Kind.SUPPRESSION: lambda before, placed, _: replace(before, suppressions=(*before.suppressions, placed)),
    Kind.ACCOUNTS_DELAYED: _put(DELAYS),
    Kind.PACKAGE_ABANDONED: _abandon,
    Kind.INCIDENT: _incident,
    Kind.INCIDENT_REPORTED: _report_incident,
    Kind.INCIDENT_CLOSED: _close_incident,
    Kind.RECALL: lambda before, placed, _: replace(before, recalls=(*before.recalls, placed)),
    Kind.CHARTER_REPLACED: _replace_charter,
}
