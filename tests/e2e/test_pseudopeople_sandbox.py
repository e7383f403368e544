"""Simulated tax returns with noise, through the whole sandbox: no wrong confirmation, and few missed."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.entrypoints.sandbox.directory import new_world
from narrowgate.entrypoints.sandbox.world import Sources, build_world
from support.pseudopeople_world import World, build

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=[False, True], ids=["clean file", "noised file"])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, dict[str, str], Path]:
    """The simulated file, every item's outcome, and the world it was decided in."""
    home = tmp_path_factory.mktemp("pseudopeople")
    source = home / "source"
    source.mkdir()
    world = build(source, people=3000, items=3000, seed=11, today=NOW.date(), noise=request.param)
    with new_world(home / "world") as directory:
        sources = Sources(world.records, world.mapping, world.cases, streets=world.streets)
        build_world(directory, sources, FixedClock(NOW), SeededEntropy(b"e2e"), 1, lambda *_: None)
    with (home / "world" / "answers.csv").open(newline="") as file:
        return world, {row["item"]: row["outcome"] for row in csv.DictReader(file)}, home / "world"


def test_every_item_is_answered_exactly_once(run: tuple[World, dict[str, str], Path]) -> None:
    world, outcomes, directory = run
    assert len(outcomes) == len(world.expectations)
    summary = json.loads((directory / "summary.json").read_text())
    assert summary["items"] == sum(summary["outcomes"].values()) == len(outcomes)


def test_nobody_is_confirmed_wrongly(run: tuple[World, dict[str, str], Path]) -> None:
    world, outcomes, _ = run
    wrong = Counter(
        expectation.kind
        for expectation in world.expectations
        if expectation.must_not_confirm and outcomes[expectation.item] == "CONFIRMED"
    )
    assert wrong == Counter()


def test_true_addresses_in_other_spellings_are_confirmed(run: tuple[World, dict[str, str], Path]) -> None:
    """Nearly all: what is missed is refused because some word of the noised address is not understood."""
    world, outcomes, _ = run
    due = [expectation for expectation in world.expectations if expectation.should_confirm]
    confirmed = sum(outcomes[expectation.item] == "CONFIRMED" for expectation in due)
    assert len(due) > 1000
    assert confirmed >= 0.95 * len(due)
