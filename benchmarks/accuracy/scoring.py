"""What a list of verdicts is worth: recall, precision, false confirmations and how sure that figure is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.accuracy.data import Label, Pair

CONFIDENCE = 0.95
HARD = frozenset(
    {
        "N-number-1digit",
        "N-number-transposed",
        "N-directional-real",
        "N-directional-flip",
        "N-suffix-real-samezip",
        "N-street-similar-real",
        "N-unit-diff",
        "N-zip-real",
    }
)
"""Real neighbors: what one slip of a pen turns one address into."""
HUMAN = "P-human-cluster"
NEVER_CONFIRMED = frozenset({"A-directional-missing", "A-unit-missing", "A-no-locality"})
"""Ambiguous classes in which even a complete file does not say which delivery point is meant."""


def upper_bound(wrong: int, total: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided Clopper-Pearson upper bound of a rate: with ``wrong`` = 0 it is near 3 / ``total``.

    The largest rate under which ``wrong`` or fewer of ``total`` still have the chance 1 - ``confidence``
    (Clopper and Pearson, Biometrika 26, 1934).

    Args:
        wrong: events seen, 0 to ``total``.
        total: trials.
        confidence: 0 to 1, both excluded.
    """
    if wrong >= total:
        return 1.0
    low, high = wrong / total, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if _at_most(wrong, total, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, total: int, rate: float) -> float:
    """The binomial chance of ``wrong`` or fewer."""
    log_rate, log_rest = math.log(rate), math.log1p(-rate)
    fixed = math.lgamma(total + 1)
    return math.fsum(
        math.exp(
            fixed - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * log_rate + (total - k) * log_rest
        )
        for k in range(wrong + 1)
    )


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    @property
    def rate(self) -> float:
        """Between 0 and 1; nan of nothing."""
        return self.hits / self.total if self.total else math.nan


@dataclass(frozen=True, slots=True)
class Score:
    """What one method did with the labeled pairs.

    Args:
        same: same pairs confirmed, the recall.
        human: same pairs of human writers confirmed.
        different: different pairs confirmed, every one of them wrong.
        hard: those among real neighbors.
        ambiguous: ambiguous pairs confirmed.
        never: those in which a unit, a directional or the place is missing.
    """

    same: Share
    human: Share
    different: Share
    hard: Share
    ambiguous: Share
    never: Share

    @property
    def precision(self) -> float:
        """Of the confirmed same and different pairs, the share that is the same."""
        return Share(self.same.hits, self.same.hits + self.different.hits).rate


def score(pairs: Sequence[Pair], confirmed: Sequence[bool]) -> Score:
    """The figures of one method.

    Args:
        pairs: labeled.
        confirmed: the method's verdict on each, in the same order.
    """
    verdicts = list(zip(pairs, confirmed, strict=True))

    def share(kept: Iterable[bool]) -> Share:
        found = list(kept)
        return Share(sum(found), len(found))

    return Score(
        same=share(yes for pair, yes in verdicts if pair.label is Label.SAME),
        human=share(yes for pair, yes in verdicts if pair.cls == HUMAN),
        different=share(yes for pair, yes in verdicts if pair.label is Label.DIFFERENT),
        hard=share(yes for pair, yes in verdicts if pair.cls in HARD),
        ambiguous=share(yes for pair, yes in verdicts if pair.label is Label.AMBIGUOUS),
        never=share(yes for pair, yes in verdicts if pair.cls in NEVER_CONFIRMED),
    )


def by_class(pairs: Sequence[Pair], confirmed: Sequence[bool]) -> dict[str, Share]:
    """Pairs confirmed in each class, classes in order of name."""
    counts: dict[str, list[int]] = {}
    for pair, yes in zip(pairs, confirmed, strict=True):
        count = counts.setdefault(pair.cls, [0, 0])
        count[0] += yes
        count[1] += 1
    return {cls: Share(*counts[cls]) for cls in sorted(counts)}


def beaten_by(ours: Score, peers: dict[str, Score]) -> list[str]:
    """The peers that confirm as many same pairs with no more wrong confirmations: there should be none."""
    return [
        name
        for name, peer in peers.items()
        if peer.same.hits >= ours.same.hits and peer.different.hits <= ours.different.hits
    ]
