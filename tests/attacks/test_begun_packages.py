"""Attack: a package that has begun is cut off, and then a condition changes (issue 9, item 2).

It used to be refused where its decisions were promised, and from then on the gate answered nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.outbox import DirectoryOutbox, DirectoryStaging
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.cli.gate import StepProgress
from support.attacked_world import AttackedWorld
from support.sandbox_acts import commanded, put_in_force

ANSWERS = ["1,,CONFIRMED,", "2,,CONFIRMED,", "3,,NOT_CONFIRMED,", "4,,REFUSED,R-64"]
RESUME = "gate resume --config world"


@contextmanager
def failing(kind: type, method: str) -> Iterator[None]:
    """The machine fails wherever the gate calls this."""

    def fail(*_arguments: object, **_named: object) -> None:
        raise OperationalError("The disk is full.", next_step="Start again.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, method, fail)
        yield


@contextmanager
def killed_after(kind: type, method: str) -> Iterator[None]:
    """The machine fails right after this is done."""
    done = getattr(kind, method)

    def fail(*arguments: object, **named: object) -> None:
        done(*arguments, **named)
        raise OperationalError("The disk is full.", next_step="Start again.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, method, fail)
        yield


@contextmanager
def later(days: int) -> Iterator[None]:
    """The machine's clock is so many days ahead."""
    now = SystemClock().now() + timedelta(days=days)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: now)
        yield


def cut_off_before_its_decisions_are_logged(world: AttackedWorld, name: str) -> Path:
    package = world.package(name)
    index = world.home / "world" / "index"
    index.rename("away")
    assert world.gate(name)[0] == 1
    Path("away").rename(index)
    return package


def cut_off_before_it_is_charged(world: AttackedWorld, name: str) -> Path:
    package = world.package(name)
    with failing(SqlState, "commit_package"):
        assert world.gate(name)[0] == 1
    return package


def cut_off_before_its_answers_are_kept(world: AttackedWorld, name: str) -> Path:
    package = world.package(name)
    with failing(DirectoryStaging, "finish"):
        assert world.gate(name)[0] == 1
    return package


def cut_off_before_its_answers_are_released(world: AttackedWorld, name: str) -> Path:
    package = world.package(name)
    with failing(DirectoryOutbox, "release"):
        assert world.gate(name)[0] == 1
    return package


CUT_OFF = [
    cut_off_before_its_decisions_are_logged,
    cut_off_before_its_answers_are_kept,
    cut_off_before_it_is_charged,
    cut_off_before_its_answers_are_released,
]
"""The last one is finished but for its answers; the others are in progress."""


def identifier(package: Path) -> str:
    return str(json.loads((package / "manifest.json").read_bytes())["package_id"])


def released(world: AttackedWorld) -> set[str]:
    return {path.name for path in (world.home / "world" / "answers").iterdir() if path.name[0] != "."}


@pytest.mark.parametrize("cut_off", CUT_OFF)
def test_a_hold_suspends_a_package_that_has_begun_until_it_is_lifted(
    cut_off: object, world: AttackedWorld
) -> None:
    package = cut_off(world, "begun")  # type: ignore[operator]
    other = world.package("other")
    assert world.hold().code == 0
    for _ in range(2):
        code, message = world.gate("begun")
        assert (code, "suspended by a hold" in message) == (15, True)
        assert world.narrowgate(*RESUME.split()).code == 15
    in_progress = cut_off is not cut_off_before_its_answers_are_released
    assert world.gate("other")[0] == (1 if in_progress else 11)
    assert identifier(package) not in released(world)
    assert "holds placed; in force now: all" in world.verify()
    assert world.lift().code == 0
    assert world.narrowgate(*RESUME.split()).code == 0
    assert world.answers("begun") == ANSWERS
    assert world.gate("other")[0] == 0
    assert world.answers(other.name) == ANSWERS
    assert "none in force now" in world.verify()


@pytest.mark.parametrize("cut_off", CUT_OFF)
def test_a_package_that_has_begun_is_finished_after_its_expiry_and_without_what_was_handed_over(
    cut_off: object, world: AttackedWorld
) -> None:
    package = cut_off(world, "begun")  # type: ignore[operator]
    with later(9):
        code, message = world.gate("begun")
        assert (code, message) == (0, "")
        receipt = world.narrowgate(*["gate", "run", "begun", "--config", "world"])
        (package / "rows.ndjson").unlink()
        assert world.narrowgate(*["gate", "run", "begun", "--config", "world"]) == receipt
        assert world.answers("begun") == ANSWERS
        world.next_honest_package_is_answered()


def test_a_package_is_finished_from_the_gates_own_copy_when_the_one_handed_over_is_gone(
    world: AttackedWorld,
) -> None:
    package = cut_off_before_its_decisions_are_logged(world, "begun")
    package.rename("gone")
    assert world.narrowgate(*RESUME.split()).code == 0
    Path("gone").rename(package)
    assert world.answers("begun") == ANSWERS
    assert world.narrowgate(*RESUME.split()).code == 3
    world.next_honest_package_is_answered()


@pytest.mark.parametrize("cut_off", CUT_OFF)
def test_a_withdrawn_agreement_suspends_a_package_until_it_is_put_back(
    cut_off: object, world: AttackedWorld
) -> None:
    cut_off(world, "begun")  # type: ignore[operator]
    agreement = world.home / "world" / "agreement.toml"
    before = agreement.read_text()
    agreement.write_text(before.replace("open_finding = false", "open_finding = true"))
    put_in_force(world.home / "world", "agreement")
    code, message = world.gate("begun")
    assert (code, "another agreement" in message) == (15, True)
    agreement.write_text(before)
    put_in_force(world.home / "world", "agreement")
    assert world.gate("begun")[0] == 0
    assert world.answers("begun") == ANSWERS
    world.next_honest_package_is_answered()


def test_an_agreement_withdrawn_while_the_gate_is_at_work_stops_what_has_not_left(
    world: AttackedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = str(world.home / "world" / "agreement.toml")
    begin = StepProgress.begin

    def begin_and_withdraw(self: StepProgress, name: str) -> None:
        if name.split(maxsplit=1)[0] == "9":
            withdrawn = commanded(
                world.narrowgate, Kind.AGREEMENT_WITHDRAWN, f"sandbox --document {document}"
            )
            assert (withdrawn.code, "handed to the gate at work" in withdrawn.err) == (0, True)
        begin(self, name)

    package = world.package("withdrawn")
    with monkeypatch.context() as patch:
        patch.setattr(StepProgress, "begin", begin_and_withdraw)
        assert world.gate("withdrawn")[0] == 15
        assert world.gate("withdrawn")[0] == 16
    assert identifier(package) not in released(world)
    put_in_force(world.home / "world", "agreement")
    assert world.narrowgate(*RESUME.split()).code == 0
    assert world.answers("withdrawn") == ANSWERS


@pytest.mark.parametrize("cut_off", CUT_OFF)
def test_an_abandoned_package_is_ended_for_good_and_others_are_answered(
    cut_off: object, world: AttackedWorld
) -> None:
    package = cut_off(world, "begun")  # type: ignore[operator]
    assert world.hold().code == 0
    abandon = (world.narrowgate, Kind.PACKAGE_ABANDONED, identifier(package))
    assert commanded(*abandon).code == 11
    with failing(SqlState, "abandon_package"):
        assert commanded(*abandon, officers=(1, 2)).code == 1
    again = commanded(*abandon, officers=(1, 2))
    assert (again.code, "abandoned already" in again.err) == (11, True)
    assert world.lift().code == 0
    code, message = world.gate("begun")
    assert (code, "was abandoned" in message) == (11, True)
    assert "2 packages received = 1 decided + 1 abandoned + 0 in progress" in world.verify()
    world.next_honest_package_is_answered()
    assert identifier(package) not in released(world)
    staged = (world.home / "world" / "staging").rglob(f"{identifier(package)}*")
    assert not list(staged)


def test_a_package_that_never_came_cannot_be_abandoned_and_the_log_still_verifies(
    world: AttackedWorld,
) -> None:
    refused = commanded(world.narrowgate, Kind.PACKAGE_ABANDONED, "p-20270104-3f8e12ab9c01", (1, 2))
    assert (refused.code, "not in progress" in refused.err) == (11, True)
    world.verify()


def test_answers_that_have_left_cannot_be_abandoned(world: AttackedWorld) -> None:
    """The state does not know yet that they are in place."""
    package = world.package("begun")
    with killed_after(DirectoryOutbox, "release"):
        assert world.gate("begun")[0] == 1
    refused = commanded(world.narrowgate, Kind.PACKAGE_ABANDONED, identifier(package), (1, 2))
    assert (refused.code, "have left already" in refused.err) == (11, True)
    assert world.narrowgate(*RESUME.split()).code == 0
    world.verify()


@pytest.mark.parametrize("step", ["1", "6", "9", "12", "13"])
def test_a_hold_ordered_while_the_gate_is_at_work_stops_what_has_not_left(
    step: str, world: AttackedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = StepProgress.begin
    ordered = []

    def begin_and_hold(self: StepProgress, name: str) -> None:
        if name.split(maxsplit=1)[0] == step and not ordered:
            ordered.append(name)
            hold = world.hold()
            assert (hold.code, "handed to the gate at work" in hold.err) == (0, True)
        begin(self, name)

    package = world.package("held")
    monkeypatch.setattr(StepProgress, "begin", begin_and_hold)
    assert world.gate("held")[0] == (11 if step == "1" else 15)
    assert identifier(package) not in released(world)
    assert "in force now: all" in world.verify()
    assert world.lift().code == 0
    assert world.gate("held")[0] == 0
    assert world.answers("held") == ANSWERS
    world.verify()


def test_a_hold_of_the_other_office_stops_nobody_else(world: AttackedWorld) -> None:
    assert world.hold("office:acting_director_of_ice").code == 0
    world.next_honest_package_is_answered()
    assert world.hold("office:secretary_of_homeland_security").code == 0
    world.package("own")
    code, message = world.gate("own")
    assert (code, "R-52" in message) == (11, True)
