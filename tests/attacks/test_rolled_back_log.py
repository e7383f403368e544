"""Attack: the log is put back to an older copy, with its state or without it, and evidence is to vanish (item 8)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from support.attacked_world import AttackedWorld

WORLD = Path("world")


def keep(names: Sequence[str], place: str) -> None:
    for name in names:
        source = WORLD / name
        target = Path(place) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def put_back(names: Sequence[str], place: str) -> None:
    for name in names:
        target = WORLD / name
        if target.is_dir():
            shutil.rmtree(target)
            shutil.copytree(Path(place) / name, target)
        else:
            shutil.copyfile(Path(place) / name, target)


def tiles() -> dict[str, bytes]:
    return {
        path.name + path.parent.as_posix(): path.read_bytes()
        for path in (WORLD / "log" / "tile").rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "names", [["log"], ["log", "state.sqlite"], ["log", "state.sqlite", "answers", "vault"]]
)
def test_a_log_put_back_is_not_gone_on_with(names: list[str], world: AttackedWorld) -> None:
    keep(names, "old")
    world.package("first")
    assert world.gate("first")[0] == 0
    put_back(names, "old")
    world.package("second")
    for command in (
        "gate run second --config world",
        "state rebuild --config world",
        "doctor --config world",
    ):
        result = world.narrowgate(*command.split())
        assert result.code in {1, 14}, result
        assert "where its second place knows" in result.err + result.out
    assert world.gate("second")[0] == 14


def test_a_second_place_put_back_alone_is_not_gone_on_with(world: AttackedWorld) -> None:
    keep(["checkpoints"], "old")
    world.package("first")
    assert world.gate("first")[0] == 0
    put_back(["checkpoints"], "old")
    world.package("second")
    code, message = world.gate("second")
    assert (code, "put back or exchanged" in message) == (14, True)


def test_an_old_checkpoint_with_newer_tiles_deletes_nothing_and_ends_where_it_was(
    world: AttackedWorld,
) -> None:
    keep(["log/checkpoint"], "old")
    world.package("first")
    assert world.gate("first")[0] == 0
    before, newest = tiles(), (WORLD / "log" / "checkpoint").read_bytes()
    put_back(["log/checkpoint"], "old")
    verified = world.narrowgate("log", "verify", "world/log")
    assert (verified.code, "FINDING: " in verified.out) == (0, True)
    assert "lie beyond the checkpoint" in verified.out
    compared = world.narrowgate("log", "verify", "world/log", "--earlier", "world/checkpoints")
    assert (compared.code, "It was rolled back" in compared.err) == (14, True)
    doctor = world.narrowgate("doctor", "--config", "world")
    assert (doctor.code, "cut off is completed" in doctor.err) == (0, True)
    assert (WORLD / "log" / "checkpoint").read_bytes() == newest
    assert tiles() == before
    world.next_honest_package_is_answered()


def test_everything_put_back_at_once_leaves_the_tiles_as_evidence(world: AttackedWorld) -> None:
    """No place of the gate's knows better then; a witness would. What is there is kept all the same."""
    names = ["log/checkpoint", "checkpoints", "state.sqlite"]
    keep(names, "old")
    world.package("first")
    assert world.gate("first")[0] == 0
    before = tiles()
    put_back(names, "old")
    doctor = world.narrowgate("doctor", "--config", "world")
    assert (doctor.code, "are set aside in" in doctor.err) == (0, True)
    kept = {
        path.name + path.parent.as_posix().replace("/aside/1", ""): path.read_bytes()
        for path in (WORLD / "log" / "aside").rglob("*")
        if path.is_file()
    }
    assert kept.items() <= before.items()
    assert tiles().items() | kept.items() == before.items()
    report = json.loads(world.narrowgate("log", "verify", "world/log", "--json").out)
    assert report["log"]["set_aside"] == len(kept) > 0
    assert len(report["log"]["findings"]) == 1


def test_a_clock_put_back_writes_nothing(world: AttackedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.package("first")
    earlier = SystemClock().now() - timedelta(minutes=30)
    before = (WORLD / "log" / "checkpoint").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: earlier)
        result = world.hold()
        assert (result.code, "The clock is behind" in result.err) == (1, True)
    assert (WORLD / "log" / "checkpoint").read_bytes() == before
