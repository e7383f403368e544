"""Answers that were released and lost: the same command releases the same answers, but not while a hold is in force."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from support.attacked_world import AttackedWorld


def released_of(world: AttackedWorld) -> Path:
    identifier = json.loads((world.home / "asked" / "manifest.json").read_bytes())["package_id"]
    return world.home / "world" / "answers" / str(identifier)


def test_the_same_package_again_brings_lost_answers_back(world: AttackedWorld) -> None:
    world.package("asked")
    assert world.gate("asked")[0] == 0
    answers = released_of(world)
    before = {path.name: path.read_bytes() for path in answers.iterdir()}
    leaves = world.verify()
    shutil.rmtree(answers)
    assert world.gate("asked")[0] == 0
    assert {path.name: path.read_bytes() for path in answers.iterdir()} == before
    assert world.verify() == leaves


def test_lost_answers_do_not_leave_again_while_a_hold_is_in_force(world: AttackedWorld) -> None:
    world.package("asked")
    assert world.gate("asked")[0] == 0
    answers = released_of(world)
    shutil.rmtree(answers)
    assert world.hold().code == 0
    code, message = world.gate("asked")
    assert (code, "suspended by a hold" in message) == (15, True)
    assert not answers.exists()
    assert world.lift().code == 0
    assert world.gate("asked")[0] == 0
    assert answers.exists()
