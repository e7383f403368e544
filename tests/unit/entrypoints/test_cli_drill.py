"""``narrowgate drill``: the file of August 2025 is refused whole, and item by item nothing untrue is confirmed."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import OperationalError
from narrowgate.entrypoints.drill.august_file import Known
from narrowgate.entrypoints.drill.exercise import Tally
from narrowgate.entrypoints.sandbox.synthetic_cases import Truth
from narrowgate.entrypoints.sandbox.world import Answer
from narrowgate.verify.world import verify_world
from support.command_line import CommandLine

ITEMS, SEED = 150, 7
CALL = ("drill", "--items", str(ITEMS), "--seed", str(SEED), "--workers", "1")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The directory of a drill, and what it printed."""
    directory = tmp_path_factory.mktemp("drill") / "drill"
    result = subprocess.run(
        [sys.executable, "-m", "narrowgate", *CALL, "--dir", directory],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return directory, result.stdout


@pytest.fixture(scope="module")
def summary(played: tuple[Path, str]) -> dict[str, Any]:
    """Its ``summary.json``."""
    loaded: dict[str, Any] = json.loads((played[0] / "summary.json").read_bytes())
    return loaded


def test_the_whole_file_is_refused_before_a_row_of_it_is_read(
    played: tuple[Path, str], summary: dict[str, Any]
) -> None:
    assert "refused whole" in played[1]
    assert "more items than the agreement allows in one" in played[1]
    refused = summary["refused_whole"]
    assert (refused["items"], refused["rules"]) == (ITEMS, ["R-26"])
    assert (refused["rows_read"], refused["index_opened"], refused["items_decided"]) == (0, 0, 0)
    world = verify_world(played[0] / "gate")
    assert world.packages_refused == 1
    assert sum(package.rows for package in world.packages) == 0


def test_every_item_comes_out_once_and_none_is_confirmed_wrongly(
    played: tuple[Path, str], summary: dict[str, Any]
) -> None:
    assert summary["items_in"] == ITEMS == summary["items_answered"] + summary["items_refused"]
    assert sum(summary["outcomes"].values()) == ITEMS
    assert summary["wrong_confirmations"] == 0
    assert summary["outcomes"]["CONFIRMED"] > ITEMS // 5
    with (played[0] / "truth.csv").open(newline="") as file:
        truths = Counter(row["truth"] for row in csv.DictReader(file))
    assert {truth: sum(found.values()) for truth, found in summary["by_truth"].items()} == truths
    assert summary["by_truth"]["refused"]["REFUSED"] == truths["refused"] > 0
    decided = verify_world(played[0] / "exercise").packages
    assert sum(package.answered for package in decided) == summary["items_answered"]
    assert sum(package.refused for package in decided) == summary["items_refused"]


def test_the_test_of_2025_would_have_answered_what_is_refused_here(summary: dict[str, Any]) -> None:
    passed = summary["test_of_2025"]
    assert passed["would_have_answered"] == sum(passed["outcomes"].values())
    assert passed["outcomes"]["REFUSED"] + passed["outcomes"]["NOT_CONFIRMED"] > 0
    assert passed["must_not_be_confirmed"] <= passed["would_have_answered"] - passed["outcomes"]["CONFIRMED"]


def test_the_same_seed_gives_the_same_summary(
    played: tuple[Path, str], tmp_path: Path, narrowgate: CommandLine
) -> None:
    again = narrowgate(*CALL, "--dir", tmp_path / "again", "--json")
    assert again.code == 0
    data = (tmp_path / "again" / "summary.json").read_bytes()
    assert data == (played[0] / "summary.json").read_bytes()
    assert json.loads(again.out) == json.loads(data)


@pytest.mark.parametrize("items", ["0", "1", "-5", "many", "1e6"])
def test_a_number_of_items_that_is_none_is_a_usage_error(
    items: str, tmp_path: Path, narrowgate: CommandLine
) -> None:
    result = narrowgate("drill", "--dir", tmp_path / "drill", "--items", items)
    assert result.code == 2
    assert "--items" in result.err
    assert not (tmp_path / "drill").exists()


def test_a_directory_with_something_in_it_is_left_alone(tmp_path: Path, narrowgate: CommandLine) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    result = narrowgate("drill", "--dir", tmp_path, "--items", "20")
    assert result.code == 2
    assert "not empty" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def _known(item: str, truth: Truth) -> Known:
    return Known(item, truth, "block", passes_test_of_2025=False)


@pytest.mark.parametrize("truth", [Truth.MUST_NOT_CONFIRM, Truth.REFUSED])
def test_a_confirmation_of_anything_but_the_persons_address_is_counted_as_wrong(truth: Truth) -> None:
    tally = Tally()
    tally.add([Answer("C1", Outcome.CONFIRMED, ())], iter([_known("C1", truth)]))
    assert tally.wrong == ["C1"]


def test_an_address_that_is_the_persons_and_not_confirmed_is_counted_as_missed() -> None:
    tally = Tally()
    known = iter([_known("C1", Truth.MUST_CONFIRM), _known("C2", Truth.MUST_CONFIRM)])
    tally.add([Answer("C1", Outcome.CONFIRMED, ()), Answer("C2", Outcome.REFUSED, ("R-62d",))], known)
    assert (tally.missed, tally.wrong, tally.refused, tally.answered) == (1, [], 1, 1)


def test_an_answer_at_another_item_than_its_truth_stops_the_drill() -> None:
    with pytest.raises(OperationalError, match="another item"):
        Tally().add([Answer("C1", Outcome.CONFIRMED, ())], iter([_known("C2", Truth.MUST_CONFIRM)]))
