"""Periods of holds, and what was in force at a time, in words and field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.in_force import FACILITIES, NEEDED, InForce, Placed
from narrowgate.verify.in_force import HoldPeriod


def holds_document(periods: Sequence[HoldPeriod]) -> dict[str, Any]:
    """Returns the periods field by field."""
    return {"holds": [asdict(each) for each in periods]}


def holds_text(periods: Sequence[HoldPeriod], marked: Callable[[str], str] = str) -> str:
    """Returns a line for each period.

    Args:
        periods: in the order in which they were placed.
        marked: gives what is still in force its colour.
    """
    return "\n".join(_period(each, marked) for each in periods) or "No hold was ever placed."


def _period(period: HoldPeriod, marked: Callable[[str], str]) -> str:
    end = (
        f"lifted {period.lifted} (leaf {period.lifted_leaf})"
        if period.lifted_leaf is not None
        else marked("in force")
    )
    kept = f"; BROKEN by leaves {', '.join(map(str, period.broken_by))}" if period.broken_by else ""
    return (
        f"{period.scope}: placed {period.placed} (leaf {period.placed_leaf}, act {period.act}), {end}{kept}"
    )


def require_kept(periods: Sequence[HoldPeriod], source: Path) -> None:
    """Returns only if no package was decided or released while a hold covered it.

    Raises:
        LogInconsistentError: one was; the message names the leaves.
    """
    broken = [leaf for period in periods for leaf in period.broken_by]
    if broken:
        raise LogInconsistentError(
            "A package was decided or released while a hold covered it.",
            why=f"Leaves {', '.join(map(str, broken))}.",
            next_step="'narrowgate log show' shows each leaf; report it.",
            where=str(source),
        )


def in_force_document(state: InForce, at: datetime) -> dict[str, Any]:
    """Returns what was in force field by field."""
    return {
        "at": format_time(at),
        "act": state.number,
        "charter_sha256": state.charter_sha256,
        **{what: _described(each) for what, each in _placed(state, at).items()},
        **{
            name: {subject: _described(each) for subject, each in held.items()}
            for name, held in _stopped(state).items()
        },
    }


def in_force_text(state: InForce, at: datetime) -> str:
    """Returns what was in force, a line each."""
    lines = [f"At {format_time(at)}, by act {state.number}", f"charter  {state.charter_sha256}"]
    lines += [
        f"{what}  {each.subject} {each.sha256} (act {each.number})" if each else f"{what}  NOTHING"
        for what, each in _placed(state, at).items()
    ]
    lines += [
        f"{name.replace('_', ' ')}  {subject} (act {each.number})"
        for name, held in _stopped(state).items()
        for subject, each in held.items()
    ]
    return "\n".join(lines)


def _placed(state: InForce, at: datetime) -> dict[str, Placed | None]:
    return {what: state.current(what, at) for what in (*NEEDED, FACILITIES)}


def _stopped(state: InForce) -> dict[str, Mapping[str, Placed]]:
    return {
        "holds": state.holds,
        "offices_off": state.offices_off,
        "keys_revoked": state.keys_revoked,
    }


def _described(placed: Placed | None) -> dict[str, object] | None:
    if placed is None:
        return None
    return {
        "subject": placed.subject,
        "sha256": placed.sha256,
        "from": format_time(placed.start),
        "until": format_time(placed.until) if placed.until else None,
        "act": placed.number,
    }
