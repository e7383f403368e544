"""How well a duration tells two classes apart: the area under the ROC curve, with a bootstrap interval."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

Stratum = tuple[Sequence[float], Sequence[float]]
"""Durations of hits and of misses that are comparable with each other."""


@dataclass(frozen=True, slots=True)
class Area:
    """An area under the ROC curve and its 95 % interval.

    Args:
        value: 0.5 when durations tell nothing, 1 or 0 when they tell everything.
        low: lower end of the interval.
        high: upper end.
    """

    value: float
    low: float
    high: float

    @property
    def tells_nothing(self) -> bool:
        """Whether 0.5 is inside the interval."""
        return self.low <= 0.5 <= self.high

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def area(hits: Sequence[float], misses: Sequence[float]) -> float:
    """The probability that a hit takes longer than a miss, ties counting half (Mann-Whitney U over its maximum)."""
    ordered = sorted(misses)
    above = sum(bisect_left(ordered, hit) + bisect_right(ordered, hit) for hit in hits)
    return above / (2 * len(hits) * len(misses))


def mean_area(strata: Sequence[Stratum]) -> float:
    """The mean of the areas of the strata: what differs between strata, and not within one, cannot hide a leak."""
    return sum(area(hits, misses) for hits, misses in strata) / len(strata)


def estimate(strata: Sequence[Stratum], seed: int = 1, resamples: int = 2_000) -> Area:
    """The mean area with its percentile bootstrap interval; runs are drawn anew within each stratum and class."""
    source = random.Random(seed)  # noqa: S311 - a bootstrap, nothing secret
    drawn = sorted(
        mean_area(
            [
                (source.choices(hits, k=len(hits)), source.choices(misses, k=len(misses)))
                for hits, misses in strata
            ]
        )
        for _ in range(resamples)
    )
    return Area(mean_area(strata), drawn[int(0.025 * resamples)], drawn[int(0.975 * resamples)])
