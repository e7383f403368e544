"""The area under the curve, and what its interval must and must not say."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.entrypoints.assure.statistics import area, estimate, mean_area

DURATIONS = st.lists(st.integers(0, 20).map(float), min_size=1, max_size=15)


@given(DURATIONS, DURATIONS)
def test_the_area_is_the_share_of_pairs_in_which_the_hit_takes_longer(
    hits: list[float], misses: list[float]
) -> None:
    pairs = [(hit > miss) + (hit == miss) / 2 for hit in hits for miss in misses]
    assert area(hits, misses) == pytest.approx(sum(pairs) / len(pairs))


def drawn(seed: int, shift: float, count: int = 40) -> list[float]:
    source = random.Random(seed)  # noqa: S311 - durations made up
    return [source.gauss(100 + shift, 1) for _ in range(count)]


def test_a_small_shift_is_found_and_none_is_not() -> None:
    assert estimate([(drawn(1, 1), drawn(2, 0)), (drawn(3, 1), drawn(4, 0))]).low > 0.5
    assert estimate([(drawn(1, 0), drawn(2, 0)), (drawn(3, 0), drawn(4, 0))]).tells_nothing


def test_what_differs_between_packages_does_not_hide_what_differs_within_one() -> None:
    slow = [value + 1_000 for value in drawn(3, 1)], [value + 1_000 for value in drawn(4, 0)]
    quick = drawn(1, 1), drawn(2, 0)
    assert mean_area([slow, quick]) > 0.7
    assert area([*slow[0], *quick[0]], [*slow[1], *quick[1]]) < mean_area([slow, quick])


def test_what_one_index_costs_more_cancels_out_when_the_packages_change_roles() -> None:
    costs_more = 5.0
    first = drawn(1, costs_more), drawn(2, 0)
    second = drawn(3, 0), drawn(4, costs_more)
    assert mean_area([first, second]) == pytest.approx(0.5, abs=0.02)
