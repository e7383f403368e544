from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from narrowgate.core.agreement.model import Agreement, Release
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.receipt import parse_receipt
from narrowgate.core.base.errors import SuspendedError
from narrowgate.core.intake.documents import Ending
from narrowgate.gate.ports import ReleaseStage
from narrowgate.gate.work import Worked, work_once
from support.gate_world import SilentProgress, gate_over, house, signed_package
from support.handed_over import arrivals_of, hand_over, notice_of, unwatched
from support.index_worlds import KEY, LIMIT
from support.requests import NOW, eligible_item
from support.simulated_index import SimulatedIndex

INDEX = SimulatedIndex([], KEY, LIMIT)
SLOT = NOW + timedelta(hours=6)


def scheduled() -> Agreement:
    """The house's agreement with two slots a day."""
    agreement = replace(house().agreement, release=Release(("06:00", "18:00"), 30, "UTC", 2))
    return parse_agreement(render_agreement(agreement).encode(), "agreement.toml")


def package(home: Path, name: str, agreement: Agreement | None = None) -> Path:
    """A signed package of two items."""
    items = [eligible_item(item=f"{name}{number}") for number in range(2)]
    signed_package(items, home / name, agreement, seed=name.encode())
    return home / name


class CutOff(Exception):  # noqa: N818 - not an error of ours: a crash
    """The machine stops."""


class Stops(SilentProgress):
    """Stops at a step."""

    def __init__(self, step: str) -> None:
        self._step = step

    def begin(self, step: str) -> None:
        if step.startswith(self._step):
            raise CutOff


def test_packages_are_decided_in_the_order_of_their_arrival_each_once(tmp_path: Path) -> None:
    first, second = (hand_over(tmp_path, package(tmp_path, name), NOW) for name in ("b", "a"))
    arrivals = arrivals_of(tmp_path)
    with gate_over(tmp_path, lambda: INDEX) as gate:
        assert work_once(gate, arrivals, unwatched) == Worked(first.package_id, Ending.DECIDED)
        assert [one.package_id for one in arrivals.waiting()] == [second.package_id]
        assert work_once(gate, arrivals, unwatched) == Worked(second.package_id, Ending.DECIDED)
        size = gate.log.size()
        assert work_once(gate, arrivals, unwatched) is None
        assert gate.log.size() == size


def test_a_package_that_is_refused_is_told_with_its_rules_from_its_slot_on_and_stops_no_other(
    tmp_path: Path,
) -> None:
    agreement = scheduled()
    refused = package(tmp_path, "refused", agreement)
    (refused / "manifest.json.p7s").write_bytes(b"no signature")
    one, other = (
        hand_over(tmp_path, path, NOW, SLOT) for path in (refused, package(tmp_path, "good", agreement))
    )
    with gate_over(tmp_path, lambda: INDEX, agreement) as gate:
        assert work_once(gate, arrivals_of(tmp_path), unwatched) == Worked(one.package_id, Ending.REFUSED)
        assert work_once(gate, arrivals_of(tmp_path), unwatched) == Worked(other.package_id, Ending.DECIDED)
    told = notice_of(tmp_path, one)
    assert told is not None
    assert told.problem is not None
    assert (told.problem.id, len(told.problem.rules), told.shown_from) == ("envelope", 1, SLOT)
    assert str(tmp_path) not in told.problem.what + told.problem.why + told.problem.next_step


def test_the_slot_counts_from_the_arrival_and_not_from_when_the_gate_came_to_it(tmp_path: Path) -> None:
    agreement = scheduled()
    arrival = hand_over(tmp_path, package(tmp_path, "early", agreement), NOW, SLOT)
    late = NOW + timedelta(hours=5)
    with gate_over(tmp_path, lambda: INDEX, agreement, now=late) as gate:
        work_once(gate, arrivals_of(tmp_path), unwatched)
        (waiting,) = gate.state.releases(ReleaseStage.WAITING)
        stored = gate.state.stored_receipt(arrival.package_id)
    assert waiting.slot == SLOT, "two hours of processing from the arrival, not from now"
    assert stored is not None
    assert parse_receipt(stored.receipt, "here").slot == SLOT
    told = notice_of(tmp_path, arrival)
    assert told is not None
    assert (told.shown_from, told.expires) == (SLOT, waiting.expires)


def test_a_package_whose_slot_has_passed_before_the_gate_came_to_it_takes_the_next(tmp_path: Path) -> None:
    agreement = scheduled()
    arrival = hand_over(tmp_path, package(tmp_path, "late", agreement), NOW, SLOT)
    with gate_over(tmp_path, lambda: INDEX, agreement, now=SLOT + timedelta(minutes=1)) as gate:
        work_once(gate, arrivals_of(tmp_path), unwatched)
        (waiting,) = gate.state.releases(ReleaseStage.WAITING)
    assert waiting.slot == SLOT + timedelta(hours=12)
    told = notice_of(tmp_path, arrival)
    assert told is not None
    assert told.shown_from == waiting.slot.astimezone(UTC)


@pytest.mark.parametrize("step", ["1", "4", "6", "9", "11", "13"])
def test_cut_off_anywhere_the_next_turn_goes_on_and_decides_once(step: str, tmp_path: Path) -> None:
    one, other = (hand_over(tmp_path, package(tmp_path, name), NOW) for name in ("one", "other"))
    arrivals = arrivals_of(tmp_path)
    with gate_over(tmp_path, lambda: INDEX) as gate, pytest.raises(CutOff):
        work_once(gate, arrivals, lambda *_: Stops(step))
    with gate_over(tmp_path, lambda: INDEX, now=NOW + timedelta(minutes=3)) as gate:
        endings = [work_once(gate, arrivals, unwatched) for _ in range(3)]
    assert endings == [Worked(each.package_id, Ending.DECIDED) for each in (one, other)] + [None]
    assert sorted(path.name for path in (tmp_path / "answers").iterdir()) == sorted(
        each.package_id for each in (one, other)
    )


def test_what_was_decided_and_not_told_of_is_told_by_the_next_turn(tmp_path: Path) -> None:
    arrival = hand_over(tmp_path, package(tmp_path, "one"), NOW)
    arrivals = arrivals_of(tmp_path)
    arrivals.tell = lambda notice: (_ for _ in ()).throw(CutOff)  # type: ignore[method-assign]  # power fails here
    with gate_over(tmp_path, lambda: INDEX) as gate, pytest.raises(CutOff):
        work_once(gate, arrivals, unwatched)
    with gate_over(tmp_path, lambda: INDEX) as gate:
        size = gate.log.size()
        assert work_once(gate, arrivals_of(tmp_path), unwatched) == Worked(arrival.package_id, Ending.DECIDED)
        assert gate.log.size() == size


def test_a_hold_on_the_package_under_way_keeps_the_others_waiting_until_it_is_lifted(tmp_path: Path) -> None:
    one, other = (hand_over(tmp_path, package(tmp_path, name), NOW) for name in ("one", "other"))
    arrivals = arrivals_of(tmp_path)
    with gate_over(tmp_path, lambda: INDEX) as gate:
        with pytest.raises(CutOff):
            work_once(gate, arrivals, lambda *_: Stops("6"))
        gate.state.place_hold("all")
        for _ in range(2):
            with pytest.raises(SuspendedError):
                work_once(gate, arrivals, unwatched)
        assert notice_of(tmp_path, one) is None
        gate.state.lift_hold("all")
        assert work_once(gate, arrivals, unwatched) == Worked(one.package_id, Ending.DECIDED)
        assert work_once(gate, arrivals, unwatched) == Worked(other.package_id, Ending.DECIDED)


def test_a_package_that_was_ended_for_good_is_told_so(tmp_path: Path) -> None:
    arrival = hand_over(tmp_path, package(tmp_path, "one"), NOW)
    with gate_over(tmp_path, lambda: INDEX) as gate:
        with pytest.raises(CutOff):
            work_once(gate, arrivals_of(tmp_path), lambda *_: Stops("6"))
        gate.state.abandon_package(arrival.package_id, gate.log.size())
        assert work_once(gate, arrivals_of(tmp_path), unwatched) == Worked(
            arrival.package_id, Ending.ABANDONED
        )
