"""What the check of an item rule is: a function of the item's facts, which may say how little of them it looks at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from narrowgate.core.eligibility.facts import ItemFacts

ItemCheck = Callable[[ItemFacts], str]
"""A check of one item: empty when the rule is met, otherwise the sentence that says in which way it is not."""


@dataclass(frozen=True, slots=True)
class SharedCheck:
    """A check that finds the same in all items of a package with equal ``reads``: it is made once for them.

    Args:
        check: looks at what ``reads`` returns, and at agreement, day and officers; at nothing else of the item.
        reads: returns that part of an item's facts.
    """

    check: ItemCheck
    reads: Callable[[ItemFacts], Hashable]

    def __call__(self, facts: ItemFacts) -> str:
        """What the check finds in one item."""
        return self.check(facts)


def shared_by(reads: Callable[[ItemFacts], Hashable]) -> Callable[[ItemCheck], SharedCheck]:
    """Returns a decorator that makes a ``SharedCheck`` of a check.

    Args:
        reads: what the check looks at of an item; a test compares.
    """
    return lambda check: SharedCheck(check, reads)
