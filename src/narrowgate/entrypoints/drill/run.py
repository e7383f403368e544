"""The drill from its first page to its last; this file is its table of contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from narrowgate.adapters.clock import FixedClock
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.august_file import AugustFile, write_august_file
from narrowgate.entrypoints.drill.demo_gate import DemoGate, World, found_gate
from narrowgate.entrypoints.drill.exercise import decide_item_by_item
from narrowgate.entrypoints.drill.refused_whole import ceilings_for, hand_over_whole
from narrowgate.entrypoints.drill.report import report_page
from narrowgate.entrypoints.drill.second_act import ActTwo, play_second_act, second_act_text
from narrowgate.entrypoints.drill.summary import ActOne, measures_json, refused_text, tally_text
from narrowgate.entrypoints.sandbox.agreement import LIFTED
from narrowgate.entrypoints.sandbox.measure import Measures
from narrowgate.gate.ports import Clock, Entropy

SUMMARY = "summary.json"
MEASURES = "measures.json"
PAGE = "report.html"

_CEILINGS = "Drill agreement: throw-away keys, the limits of a real one, refused outside the sandbox"
_LIFTED = "Drill agreement: throw-away keys, limits lifted, refused outside the sandbox"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a drill is played on.

    Args:
        home: an empty directory.
        clock: of this machine.
        entropy: of this machine; every key of the drill is new.
        workers: processes.
        say: shows a paragraph when it is known.
        report: shows progress.
    """

    home: Path
    clock: Clock
    entropy: Entropy
    workers: int
    say: Callable[[str], None]
    report: Report
    measures: Measures = field(default_factory=Measures)


@dataclass(frozen=True, slots=True)
class Played:
    """Both acts.

    Args:
        one: the file refused whole, then item by item.
        two: the wrong answer.
    """

    one: ActOne
    two: ActTwo

    def as_json(self) -> dict[str, Any]:
        """``summary.json`` and what ``measures.json`` says of act two."""
        return {**self.one.as_json(), "act_two": self.two.as_json()}


def play(stage: Stage, items: int, seed: int) -> Played:
    """The drill, with its gates, its page and its figures in ``stage.home``.

    Args:
        stage: what it is played on.
        items: of the file, at least 2.
        seed: another seed, another file.

    Raises:
        NarrowgateError: whatever any part refuses that it should not have refused.
    """
    began = stage.clock.now()
    with stage.measures.step("write the file"):
        random = Random(seed)  # noqa: S311 a file that can be drawn again holds no secret
        file = write_august_file(stage.home, items, random, began.date(), stage.report)
    gate, one = _act_one(stage, file, seed, began)
    _write(stage.home / SUMMARY, one.as_json())
    with stage.measures.step("act two"):
        two = play_second_act(gate, file.second, stage.home, stage.workers, stage.report)
    stage.say(second_act_text(two))
    _write(stage.home / MEASURES, {**measures_json(stage.measures), "act_two": two.as_json()})
    (stage.home / PAGE).write_bytes(report_page(one, two))
    return Played(one, two)


def _act_one(stage: Stage, file: AugustFile, seed: int, began: datetime) -> tuple[DemoGate, ActOne]:
    world = World(file, file.officers, stage.clock, stage.entropy, stage.workers)
    gate = _founded(stage, "gate", world, items=file.items)
    whole = hand_over_whole(file, gate, stage.measures, stage.report)
    stage.say(refused_text(whole))
    # The day is that of the file: what is true of an item must not change at midnight, while a million are decided.
    exercise = _founded(stage, "exercise", replace(world, clock=FixedClock(began)), items=None)
    tally = decide_item_by_item(file, exercise, stage.measures, stage.report)
    stage.say(tally_text(tally))
    return gate, ActOne(file, seed, whole, tally)


def _founded(stage: Stage, name: str, world: World, items: int | None) -> DemoGate:
    """A gate with the ceilings for a file of so many items, or with limits lifted."""
    limits = LIFTED if items is None else ceilings_for(items)
    title = _LIFTED if items is None else _CEILINGS
    with stage.measures.step(f"found the gate: {name}"):
        return found_gate(stage.home / name, title, limits, world, stage.report)


def _write(path: Path, value: object) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
