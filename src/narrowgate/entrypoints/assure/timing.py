"""The check of time: a requester who looks at the clock learns nothing, and would from a gate that leaks."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta

from narrowgate.adapters.clock import FixedClock
from narrowgate.core.agreement.model import Release
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.broken_parts import IndexOver, over_index
from narrowgate.entrypoints.assure.check import Size, Tried
from narrowgate.entrypoints.assure.stage import Stage, TriedGate
from narrowgate.entrypoints.assure.statistics import estimate
from narrowgate.entrypoints.bootstrap import opened_release_desk
from narrowgate.gate.release import release_due

_SLEEPS = (0.1, 0.5, 2.0)

SCHEDULE = Release(schedule=("18:00",), answers_expire_days=30, time_zone="UTC", processing_hours=1)


def timing(stage: Stage, size: Size, planted: bool) -> Tried:
    """When answers appear does not tell hits from misses, even where the gate takes longer for a hit.

    Every run is of a gate that sleeps for each hit. Seen by the requester, under a schedule, that shows nothing; seen
    inside the gate, by how long it worked, it shows everything: the positive control, without which the first figure
    would prove nothing. Where a busy machine hides the sleep, it sleeps longer. The planted fault is an agreement that
    lets answers leave at once.
    """
    for seconds_a_hit in _SLEEPS:
        tried, is_proof = _tried(stage, size, planted, seconds_a_hit)
        if is_proof:
            break
    return tried


def _tried(stage: Stage, size: Size, planted: bool, seconds_a_hit: float) -> tuple[Tried, bool]:
    """What came of it, and whether the positive control told hits from misses."""
    count = min(8, len(stage.confirmed))
    hits = list(stage.confirmed[:count])
    misses = [_elsewhere(item, number) for number, item in enumerate(hits)]
    release = stage.agreement().release if planted else SCHEDULE
    seen: tuple[list[float], list[float]] = ([], [])
    worked: tuple[list[float], list[float]] = ([], [])
    founded = [stage.gate(f"timed-{side}", replace(stage.agreement(), release=release)) for side in (0, 1)]
    ids = [gate.package("timed", items) for gate, items in zip(founded, (hits, misses), strict=True)]
    for number in range(2 * max(3, size.rounds)):
        side = number % 2
        gate, package_id = founded[side].copied("timing"), ids[side]
        began = time.perf_counter()
        gate.run("timed", change=over_index(lambda index: IndexOver(index, seconds_a_hit=seconds_a_hit)))
        took = time.perf_counter() - began
        worked[side].append(took)
        seen[side].append(_seen(gate, package_id, stage.now, took))
    by_requester, inside = estimate([seen]), estimate([worked])
    broken = []
    if not by_requester.tells_nothing:
        broken.append(f"What the requester sees tells hits from misses: {by_requester}.")
    if inside.tells_nothing:
        broken.append(f"The positive control tells nothing, so the figure proves nothing: {inside}.")
    figures: dict[str, int | float | str] = {
        "AUC seen by the requester [95 %]": str(by_requester),
        "AUC inside the leaking gate [95 %]": str(inside),
        "packages": len(seen[0]) + len(seen[1]),
        "items each": count,
        "seconds that the leaking gate sleeps for a hit": seconds_a_hit,
    }
    samples = {
        "seen by the requester: hits": seen[0],
        "seen by the requester: misses": seen[1],
        "inside the gate: hits": worked[0],
        "inside the gate: misses": worked[1],
    }
    return Tried(len(seen[0]) + len(seen[1]), broken, figures, samples), not inside.tells_nothing


def _seen(gate: TriedGate, package_id: str, now: datetime, took: float) -> float:
    """Seconds from handing over to the first moment at which a requester who looks all the time sees answers."""
    if (gate.settings.answers / package_id).exists():
        return took  # they were there when the run ended
    for hours in range(1, 49):
        moment = (now + timedelta(hours=hours)).replace(minute=0, second=0)
        with opened_release_desk(gate.settings, FixedClock(moment)) as desk:
            release_due(desk)
        if (gate.settings.answers / package_id).exists():
            return (moment - now).total_seconds()
    return float("inf")


def _elsewhere(item: Item, number: int) -> Item:
    """The same question with another number on the house: of one form with the first, and not confirmed."""
    digits, _, street = item.address_line_1.partition(" ")
    other = f"{int(digits) + 4}" if digits.isdigit() else f"{number + 1}00"
    return item._replace(address_line_1=f"{other} {street}")
