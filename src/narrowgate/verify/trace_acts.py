"""Which acts a package met on its way: those it was decided under, those that stopped it, those that name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from narrowgate.core.base.errors import ActRefusedError, LogInconsistentError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.in_force import (
    AGREEMENT,
    FACILITIES,
    INDEX,
    REGISTER,
    RULES,
    InForce,
    after,
    founded,
)
from narrowgate.core.governance.incident import incident_of
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, governance_of
from narrowgate.core.log.leaf import ANSWERS_EXPIRED, PACKAGE_DECIDED, PACKAGE_RECEIVED, PACKAGE_RELEASED

_ENDS: Final = (PACKAGE_RELEASED, ANSWERS_EXPIRED)
"""What no hold stops any more: answers that left; or those that expired and never did."""
_LIFTS: Final = {Kind.HOLD_LIFTED: Kind.HOLD, Kind.OFFICE_ON: Kind.OFFICE_OFF}
_STOPS: Final = frozenset(_LIFTS.values())
_ABOUT_INCIDENT: Final = frozenset({Kind.INCIDENT_REPORTED, Kind.INCIDENT_CLOSED})
_WITHDRAWALS: Final = frozenset({Kind.AGREEMENT_WITHDRAWN, Kind.INDEX_WITHDRAWN})
_AT_RECEIPT: Final = (AGREEMENT, REGISTER)
_AT_DECISION: Final = (RULES, INDEX, FACILITIES)

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Acted:
    """One act, where its leaf is, and what is in force after it.

    Args:
        at: index of its leaf.
        act: the act.
        state: after it.
    """

    at: int
    act: LoggedAct
    state: InForce


def acts_met(package: str, acts: Mapping[int, Fields], own: Mapping[int, Fields]) -> set[int]:
    """Returns the leaves of the acts that a package, or an item of it, met.

    Args:
        package: its id.
        acts: every leaf of charter and acts, by index.
        own: the leaves of the package but its items', at least one, by index; for an item those that touch it.

    Raises:
        LogInconsistentError: the acts do not follow one another.
    """
    history = acts_in_order(acts)
    begin = min(own)
    received = next((at for at, fields in own.items() if fields["type"] == PACKAGE_RECEIVED), begin)
    decided = next((at for at, fields in own.items() if fields["type"] == PACKAGE_DECIDED), received)
    ends = {
        kind: max((at for at, each in own.items() if each["type"] == kind), default=None) for kind in _ENDS
    }
    end = next((at for at in ends.values() if at is not None), None)
    met = _in_force(history, received, own[received], _AT_RECEIPT)
    met |= _in_force(history, decided, own[decided], _AT_DECISION)
    office, signer = (str(own[received].get(name, "")) for name in ("office", "signer_key_sha256"))
    numbers = {fields["act_number"] for fields in own.values() if "act_number" in fields}
    scopes = {
        ALL,
        f"office:{office}",
        f"package:{package}",
        f"index:{own[decided].get('index_snapshot', '')}",
    }
    met |= _stops(history, scopes, office, begin, end)
    incidents: set[str] = set()
    for each in history:
        if each.act.kind is Kind.INCIDENT and incident_of(each.act.subject)[0] in scopes:
            incidents.add(str(each.act.number))
            met.add(each.at)
        under_way = begin < each.at and (end is None or each.at < end)
        if (
            (each.act.kind is Kind.PACKAGE_ABANDONED and each.act.subject == package)
            or (each.act.kind in _ABOUT_INCIDENT and each.act.subject in incidents)
            or (each.act.kind in _WITHDRAWALS and under_way)
            or (each.act.kind is Kind.KEY_REVOKED and each.act.subject == signer)
            or each.act.number in numbers
        ):
            met.add(each.at)
    return met


def acts_in_order(acts: Mapping[int, Fields]) -> list[Acted]:
    """Returns every act with what is in force after it.

    Args:
        acts: every leaf of charter and acts, by index.

    Raises:
        LogInconsistentError: the acts do not follow one another.
    """
    history: list[Acted] = []
    state: InForce | None = None
    for at, fields in sorted(acts.items()):
        logged = governance_of(fields)
        if isinstance(logged, LoggedCharter):
            state = founded(logged)
            continue
        if state is None:
            raise LogInconsistentError("An act stands in a log without a charter.", where=f"leaf {at}")
        try:
            state = after(state, logged)
        except ActRefusedError as error:
            raise LogInconsistentError(
                "The log holds an act that could not be applied.", why=error.what, where=f"leaf {at}"
            ) from error
        history.append(Acted(at, logged, state))
    return history


def _in_force(history: list[Acted], at: int, fields: Fields, what: tuple[str, ...]) -> set[int]:
    """The acts that had put something in force when the leaf ``at`` was written."""
    before = [each for each in history if each.at < at]
    if not before:
        return set()
    leaves = {each.act.number: each.at for each in before}
    placed = (before[-1].state.current(each, parse_time(fields["time"])) for each in what)
    return {leaves[each.number] for each in placed if each is not None}


def _stops(history: list[Acted], scopes: set[str], office: str, begin: int, end: int | None) -> set[int]:
    """The acts that placed and lifted what stopped the package between its first leaf and its last.

    No leaf names the statutes of a package: a hold of a statute is among them, and may not have touched it.
    """
    open_: dict[tuple[Kind, str], int] = {}
    met: set[int] = set()
    for each in history:
        kind, subject = each.act.kind, each.act.subject
        if kind in _STOPS:
            touches = (
                subject == office
                if kind is Kind.OFFICE_OFF
                else subject in scopes or subject.startswith("statute:")
            )
            if touches and (end is None or each.at < end):
                open_[kind, subject] = each.at
        elif (
            kind in _LIFTS
            and (placed := open_.pop((_LIFTS[kind], subject), None)) is not None
            and each.at > begin
        ):
            met |= {placed, each.at}
    return met | set(open_.values())
