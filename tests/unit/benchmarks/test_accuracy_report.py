"""The scoring of the accuracy report counts what it says and bounds what it cannot see."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[3]))

from benchmarks.accuracy.data import Address, Label, Pair
from benchmarks.accuracy.scoring import Share, beaten_by, by_class, score, upper_bound

PAIRS = [
    Pair("s", cls, label, Address("1 A ST"), Address("2 B ST"))
    for cls, label in (
        ("P-human-cluster", Label.SAME),
        ("P-suffix-form", Label.SAME),
        ("N-unit-diff", Label.DIFFERENT),
        ("N-random-same-zip", Label.DIFFERENT),
        ("A-unit-missing", Label.AMBIGUOUS),
        ("A-suffix-missing", Label.AMBIGUOUS),
    )
]


def test_every_label_is_counted_under_its_own_figure() -> None:
    found = score(PAIRS, [True, False, True, False, False, True])
    assert found.same == Share(1, 2)
    assert found.human == Share(1, 1)
    assert found.different == Share(1, 2)
    assert found.hard == Share(1, 1)
    assert found.ambiguous == Share(1, 2)
    assert found.never == Share(0, 1)


def test_precision_leaves_ambiguous_pairs_out() -> None:
    assert score(PAIRS, [True, True, True, False, True, True]).precision == pytest.approx(2 / 3)


def test_precision_of_a_method_that_confirms_nothing_is_unknown() -> None:
    assert math.isnan(score(PAIRS, [False] * 6).precision)


def test_classes_are_listed_by_name_with_their_own_counts() -> None:
    found = by_class(PAIRS, [True] * 5 + [False])
    assert list(found) == sorted(pair.cls for pair in PAIRS)
    assert found["A-suffix-missing"] == Share(0, 1)
    assert found["N-unit-diff"] == Share(1, 1)


def test_verdicts_for_other_pairs_are_not_scored() -> None:
    with pytest.raises(ValueError, match="shorter"):
        score(PAIRS, [True])


@pytest.mark.parametrize(
    ("wrong", "total", "bound"),
    [
        (0, 12_176, 1 - 0.05 ** (1 / 12_176)),
        (0, 1, 0.95),
        (1, 10, 0.3942),  # tables of Clopper and Pearson, one-sided 95 %
        (5, 100, 0.1023),
        (10, 10, 1.0),
    ],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(wrong: int, total: int, bound: float) -> None:
    assert upper_bound(wrong, total) == pytest.approx(bound, abs=5e-5)


@given(st.integers(1, 150), st.data())
def test_the_upper_bound_lies_above_the_rate_and_grows_with_it(total: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, total - 1))
    assert wrong / total < upper_bound(wrong, total) <= upper_bound(wrong + 1, total)


def test_a_peer_is_better_only_with_as_much_recall_and_no_more_errors() -> None:
    ours = score(PAIRS, [True, False, False, False, False, False])
    peers = {
        "reckless": score(PAIRS, [True, True, True, True, False, False]),
        "timid": score(PAIRS, [False] * 6),
        "equal": score(PAIRS, [False, True, False, False, False, False]),
        "better": score(PAIRS, [True, True, False, False, True, True]),
    }
    assert beaten_by(ours, peers) == ["equal", "better"]
