"""The budgets go on under one history key, and no older index is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.gate.continuity import continue_history, put_index_in_use
from narrowgate.gate.ports import IndexSnapshot
from support.requests import example_agreement
from support.simulated_state import SimulatedState

SNAPSHOT = IndexSnapshot(
    "id", "2026-01-31", "2", "key", b"first", "2026-02-01T00:00:00+00:00", has_street_reference=False
)


def test_the_same_key_and_agreement_go_on() -> None:
    state = SimulatedState()
    for _ in range(2):
        continue_history(state, b"k" * 32, example_agreement())
    assert len(state.terms()) == 1


def test_another_history_key_is_refused_and_nothing_is_recorded() -> None:
    state = SimulatedState()
    continue_history(state, b"k" * 32, example_agreement())
    known = state.history_key_check()
    later = replace(example_agreement(), id="later")
    with pytest.raises(ConfigurationError, match="history key"):
        continue_history(state, b"j" * 32, later)
    assert (state.history_key_check(), len(state.terms())) == (known, 1)


def test_a_state_that_does_not_answer_is_no_new_one() -> None:
    with pytest.raises(UnavailableError):
        continue_history(SimulatedState(available=False), b"k" * 32, example_agreement())
    with pytest.raises(UnavailableError):
        put_index_in_use(SimulatedState(available=False), SNAPSHOT)


def test_the_same_and_a_newer_index_are_put_in_use_and_an_older_one_is_not() -> None:
    state = SimulatedState()
    newer = replace(SNAPSHOT, digest=b"second", created="2026-02-01T00:00:01+00:00")
    for index in (SNAPSHOT, SNAPSHOT, newer, newer):
        put_index_in_use(state, index)
    for refused in (SNAPSHOT, replace(newer, digest=b"third")):
        with pytest.raises(ConfigurationError, match="older"):
            put_index_in_use(state, refused)
    assert state.index_in_use().digest == b"second"  # type: ignore[union-attr]  # it was put in use
