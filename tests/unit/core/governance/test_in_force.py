"""What is in force follows from the acts alone, and an act that contradicts them is refused."""

from __future__ import annotations

import pytest

from narrowgate.core.base.errors import ActRefusedError
from narrowgate.core.governance.difference import difference
from narrowgate.core.governance.in_force import NEEDED, after, require_next, require_signed
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct
from support.governance import (
    FIRST,
    FIRST_AGAIN,
    HOUR,
    NOON,
    SECOND,
    THIRD,
    act,
    applied,
    charter,
    nothing_in_force,
)


def test_nothing_is_in_force_until_every_needed_act_is_applied() -> None:
    state = nothing_in_force()
    assert state.missing(NOON) == NEEDED
    for kind in (Kind.AGREEMENT_IN_FORCE, Kind.INDEX_IN_FORCE, Kind.REGISTER_IN_FORCE, Kind.RULES_IN_FORCE):
        state = applied(state, kind)
    assert state.missing(NOON) == ()


def test_a_later_agreement_takes_the_place_of_the_earlier_one_when_its_time_has_come() -> None:
    state = applied(nothing_in_force(), Kind.AGREEMENT_IN_FORCE, sha256="1" * 64)
    state = applied(state, Kind.AGREEMENT_IN_FORCE, sha256="2" * 64, start=NOON + HOUR)
    assert state.current("agreement", NOON).sha256 == "1" * 64
    assert state.current("agreement", NOON + HOUR).sha256 == "2" * 64
    assert [placed.number for placed in state.scheduled("agreement", NOON)] == [2]


def test_what_has_ended_brings_back_nothing_earlier() -> None:
    state = applied(nothing_in_force(), Kind.INDEX_IN_FORCE, sha256="1" * 64)
    state = applied(state, Kind.INDEX_IN_FORCE, sha256="2" * 64, until=NOON + HOUR)
    assert state.current("index", NOON).number == 2
    assert state.current("index", NOON + HOUR) is None


def test_a_withdrawal_ends_what_is_in_force_and_what_was_to_come() -> None:
    state = applied(nothing_in_force(), Kind.AGREEMENT_IN_FORCE, sha256="1" * 64)
    state = applied(state, Kind.AGREEMENT_IN_FORCE, sha256="2" * 64, start=NOON + HOUR)
    withdrawn = applied(state, Kind.AGREEMENT_WITHDRAWN, sha256="1" * 64)
    assert withdrawn.current("agreement", NOON) is None
    assert withdrawn.current("agreement", NOON + HOUR).sha256 == "2" * 64
    never = applied(withdrawn, Kind.AGREEMENT_WITHDRAWN, sha256="2" * 64)
    assert never.current("agreement", NOON + HOUR) is None
    with pytest.raises(ActRefusedError, match="neither in force"):
        applied(never, Kind.AGREEMENT_WITHDRAWN, sha256="1" * 64)


def test_a_hold_stops_its_scope_until_it_is_lifted() -> None:
    held = applied(nothing_in_force(), Kind.HOLD, subject="package:p-20260101-abcdef")
    assert held.stopping({"package:p-20260101-abcdef"}) is not None
    assert held.stopping({"office:acting_director_of_ice"}) is None
    everything = applied(held, Kind.HOLD)
    assert everything.stopping({"office:acting_director_of_ice"}).subject == "all"
    lifted = applied(everything, Kind.HOLD_LIFTED)
    assert set(lifted.holds) == {"package:p-20260101-abcdef"}


@pytest.mark.parametrize(
    ("kind", "twice"),
    [(Kind.HOLD, True), (Kind.OFFICE_OFF, True), (Kind.KEY_REVOKED, True), (Kind.PACKAGE_ABANDONED, True),
     (Kind.HOLD_LIFTED, False), (Kind.OFFICE_ON, False), (Kind.INDEX_WITHDRAWN, False)],
)  # fmt: skip
def test_an_act_that_changes_nothing_is_refused(kind: Kind, twice: bool) -> None:
    state = applied(nothing_in_force(), kind) if twice else nothing_in_force()
    with pytest.raises(ActRefusedError):
        applied(state, kind)


def test_a_gap_in_the_numbers_is_refused() -> None:
    state = nothing_in_force()
    with pytest.raises(ActRefusedError, match="the next one is 1"):
        after(state, LoggedAct.of(act(state, Kind.HOLD, number=2), (FIRST,), NOON))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"gate": "gate-2"}, "another gate"),
        ({"number": 2}, "next one is 1"),
        ({"previous": "9" * 64}, "last act"),
        ({"start": NOON - HOUR}, "in the past"),
        ({"until": NOON}, "ended already"),
        ({"issued": NOON + HOUR}, "in the future"),
    ],
)
def test_an_act_that_does_not_follow_is_refused(changes: dict[str, object], problem: str) -> None:
    state = nothing_in_force()
    with pytest.raises(ActRefusedError, match=problem):
        require_next(state, act(state, Kind.INDEX_IN_FORCE, **changes), NOON)


def test_a_charter_for_another_gate_is_refused() -> None:
    with pytest.raises(ActRefusedError, match="another gate"):
        applied(nothing_in_force(), Kind.CHARTER_REPLACED, subject="gate-2")
    assert applied(nothing_in_force(), Kind.CHARTER_REPLACED).charter_sha256 == "1" * 64


@pytest.mark.parametrize(
    ("kind", "keys", "persons"),
    [
        (Kind.HOLD, [SECOND], ("custody-2",)),
        (Kind.HOLD_LIFTED, [FIRST, SECOND], ("custody-1", "custody-2")),
        (Kind.HOLD_LIFTED, [FIRST, FIRST_AGAIN, THIRD], ("custody-1", "custody-3")),
    ],
)
def test_enough_persons_sign(kind: Kind, keys: list[str], persons: tuple[str, ...]) -> None:
    assert require_signed(charter(), nothing_in_force(), kind, keys) == persons


@pytest.mark.parametrize(
    ("kind", "keys", "problem"),
    [
        (Kind.HOLD, [], "0 of the 1"),
        (Kind.HOLD_LIFTED, [FIRST], "1 of the 2"),
        (Kind.HOLD_LIFTED, [FIRST, FIRST_AGAIN], "1 of the 2"),
        (Kind.HOLD_LIFTED, [FIRST, "9" * 64], "no officer"),
    ],
)
def test_too_few_persons_or_a_stranger_do_not(kind: Kind, keys: list[str], problem: str) -> None:
    with pytest.raises(ActRefusedError, match=problem):
        require_signed(charter(), nothing_in_force(), kind, keys)


def test_a_revoked_key_signs_nothing_more() -> None:
    state = applied(nothing_in_force(), Kind.KEY_REVOKED, subject=FIRST)
    with pytest.raises(ActRefusedError, match="revoked"):
        require_signed(charter(), state, Kind.HOLD, [FIRST])


def test_the_difference_says_in_words_what_changes() -> None:
    before = nothing_in_force()
    later = applied(before, Kind.AGREEMENT_IN_FORCE)
    later = applied(later, Kind.INDEX_IN_FORCE, start=NOON + HOUR)
    for kind in (Kind.HOLD, Kind.OFFICE_OFF, Kind.RECALL, Kind.CHARTER_REPLACED):
        later = applied(later, kind)
    words = difference(before, later, NOON)
    assert "Agreement: nothing -> first (1111111111111111..., act 1)" in words
    assert "Index: first (1111111111111111..., act 2) from 2026-01-02T13:00:00Z on" in words
    assert "Hold: all, begins" in words
    assert "Office switched off: acting_director_of_ice, off" in words
    assert "Recall: 10 is on record" in words
    assert any(sentence.startswith("Charter: ") for sentence in words)
    assert "Hold: all, ends" in difference(later, before, NOON)
    assert difference(later, later, NOON) == ()
