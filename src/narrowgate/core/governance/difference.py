"""What an act changes, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.in_force import (
    AGREEMENT,
    DELAYS,
    FACILITIES,
    INDEX,
    REGISTER,
    RULES,
    InForce,
    Placed,
)
from narrowgate.core.governance.kinds import KINDS

_SLOTS = (AGREEMENT, INDEX, REGISTER, FACILITIES, RULES, DELAYS)


def effect_in_words(act: Act) -> str:
    """Returns what the act does, from when and until when, in one sentence for each."""
    sentences = [KINDS[act.kind].effect.format(subject=act.subject, sha256=f"SHA-256 {act.sha256}")]
    sentences.append(
        f"It holds from {format_time(act.start)}." if act.start else "It holds from its entry in the log on."
    )
    if act.until:
        sentences.append(f"It ends by itself at {format_time(act.until)}.")
    return " ".join(sentences)


def difference(before: InForce, later: InForce, at: datetime) -> tuple[str, ...]:
    """Returns what is in force of ``later`` and was not of ``before``, and the other way round, a sentence each.

    Args:
        before: what is in force.
        later: what would be.
        at: aware UTC time at which both are looked at.
    """
    return tuple(_differences(before, later, at))


def _differences(before: InForce, later: InForce, at: datetime) -> Iterator[str]:
    if before.charter_sha256 != later.charter_sha256:
        yield f"Charter: {before.charter_sha256} -> {later.charter_sha256}"
    for what in _SLOTS:
        old, new = before.current(what, at), later.current(what, at)
        if old != new:
            yield f"{what.capitalize()}: {_named(old)} -> {_named(new)}"
        coming = set(later.scheduled(what, at)) - set(before.scheduled(what, at))
        for placed in sorted(coming, key=lambda each: each.start):
            yield f"{what.capitalize()}: {_named(placed)} from {format_time(placed.start)} on"
        for placed in set(before.scheduled(what, at)) - set(later.scheduled(what, at)):
            yield f"{what.capitalize()}: {_named(placed)} will not come in force at {format_time(placed.start)}"
    yield from _sets("Hold", before.holds, later.holds, "begins", "ends")
    yield from _sets("Office switched off", before.offices_off, later.offices_off, "off", "on again")
    yield from _sets("Key revoked", before.keys_revoked, later.keys_revoked, "for good", "")
    yield from _sets("Package abandoned", before.abandoned, later.abandoned, "for good", "")
    yield from _sets("Incident", before.incidents_reported, later.incidents_reported, "reported", "")
    yield from _sets("Incident", before.incidents_closed, later.incidents_closed, "closed", "")
    for name, old_records, new_records in (
        ("Suppression", before.suppressions, later.suppressions),
        ("Incident", before.incidents, later.incidents),
        ("Recall", before.recalls, later.recalls),
    ):
        for placed in new_records[len(old_records) :]:
            yield f"{name}: {placed.subject} is on record"


def _sets(
    name: str, before: Mapping[str, Placed], later: Mapping[str, Placed], gained: str, lost: str
) -> Iterator[str]:
    for subject in sorted(later.keys() - before.keys()):
        yield f"{name}: {subject}, {gained}"
    for subject in sorted(before.keys() - later.keys()):
        yield f"{name}: {subject}, {lost}"


def _named(placed: Placed | None) -> str:
    if placed is None:
        return "nothing"
    end = f", until {format_time(placed.until)}" if placed.until else ""
    return f"{placed.subject} ({placed.sha256[:16]}..., act {placed.number}{end})"
