"""What a check is: a promise, an attempt to break it on real parts, and a fault that makes it fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from narrowgate.entrypoints.assure.stage import Stage

Figure = int | float | str


@dataclass(frozen=True, slots=True)
class Size:
    """How much is tried.

    Args:
        people: filers of the synthetic world, at least 100.
        items: of its case file, at least 10.
        cases: texts, persons or positions that each check tries.
        rounds: runs of a whole gate, where a check needs several.
    """

    people: int
    items: int
    cases: int
    rounds: int


SMALL = Size(people=400, items=80, cases=10, rounds=1)
QUICK = Size(people=3_000, items=400, cases=150, rounds=4)
FULL = Size(people=20_000, items=4_000, cases=3_000, rounds=30)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one check came to.

    Args:
        tried: attempts to break the promise.
        broken: one sentence for each that succeeded, without personal data.
        figures: measured, by name.
        samples: single measurements in seconds, by ``what they are of: which``; a picture of each shows them.
    """

    tried: int
    broken: Sequence[str] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether something was tried and nothing broke."""
        return self.tried > 0 and not self.broken


@dataclass(frozen=True, slots=True)
class Check:
    """A promise and how it is tried.

    Args:
        name: for the command line.
        promise: in one sentence.
        source: where it is made.
        fault: what is planted to show that the check can fail.
        unit: of what the number of attempts counts.
        run: tries it on a stage, with the fault or without.
    """

    name: str
    promise: str
    source: str
    fault: str
    unit: str
    run: Callable[[Stage, Size, bool], Tried]


def every(values: Sequence[object], most: int) -> int:
    """The step with which at most ``most`` of the values are taken, spread over all of them."""
    return max(1, -(-len(values) // max(1, most)))


def processor_seconds() -> float:
    """Processor seconds so far, of this process and of those that it waited for."""
    return sum(os.times()[:4])
