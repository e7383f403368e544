"""``narrowgate drill``: the file of August 2025 is refused whole, and item by item nothing untrue is confirmed."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.log.leaf import parse_leaf
from narrowgate.entrypoints.drill.august_file import Known
from narrowgate.entrypoints.drill.exercise import Tally
from narrowgate.entrypoints.drill.timeline import COURT_TOLD, RECIPIENT_TOLD, in_words
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
    assert ITEMS not in [package.rows for package in world.packages]


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
    told = json.loads(again.out)
    assert told.pop("act_two")["opens_as"] == "RECALLED"
    assert told == json.loads(data)


def test_the_package_decided_again_differs_in_the_planted_row_alone(
    played: tuple[Path, str], narrowgate: CommandLine
) -> None:
    told = json.loads((played[0] / "measures.json").read_bytes())["act_two"]
    replayed = narrowgate("gate", "replay", told["package"], "--config", played[0] / "gate", "--json")
    assert replayed.code == 14
    found = json.loads(replayed.out)
    assert found["rows_with_another_outcome"] == [told["row"]]
    assert found["rows_with_other_findings"] == []


def test_an_incident_is_on_record_and_reported_and_its_report_has_no_tax_data(
    played: tuple[Path, str],
) -> None:
    gate = played[0] / "gate"
    (report,) = (gate / "incident").glob("*.txt")
    text = report.read_text(encoding="utf-8")
    assert "decided again" in text
    with (gate / "second-cases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = {row[name] for row in rows for name in ("tin", "birth_date", "address_line_1") if row[name]}
    assert [value for value in values if value in text] == []


def test_one_officer_stops_everything_and_two_call_the_answers_back(played: tuple[Path, str]) -> None:
    leaves: list[dict[str, Any]] = []
    verify_world(played[0] / "gate", visit=lambda _, leaf: leaves.append(dict(parse_leaf(leaf, "log"))))
    signers = {leaf["act"]: len(leaf["signer_keys_sha256"]) for leaf in leaves if leaf["type"] == "act"}
    assert [signers[act] for act in ("hold", "incident", "incident-reported", "recall")] == [1, 1, 1, 2]
    answered = sum(leaf["type"] == "item-decided" and leaf["class"] == "answered" for leaf in leaves)
    recalled = [leaf["answers"] for leaf in leaves if leaf["type"] == "answers-recalled"]
    assert sum(recalled) == answered > 0


def test_the_wrong_answer_opens_as_recalled_and_everybody_has_disposed_of_it(
    played: tuple[Path, str], narrowgate: CommandLine
) -> None:
    told = json.loads((played[0] / "measures.json").read_bytes())["act_two"]
    assert told["opens_as"] == "RECALLED"
    assert "the answer opens as RECALLED" in played[1]
    status = json.loads(narrowgate("recall", "status", played[0] / "gate", "--json").out)["recalls"]
    assert [(each["receipts"], each["missing"]) for each in status] == [(told["receipts_expected"], [])]
    assert told["receipts_expected"] >= 2


def test_what_the_drill_says_to_try_next_runs(played: tuple[Path, str], narrowgate: CommandLine) -> None:
    commands = [
        line.split("narrowgate", 1)[1].split() for line in played[1].split("Try next")[1].splitlines() if line
    ]
    assert len(commands) >= 3
    assert {narrowgate(*words).code for words in commands} == {0}


def test_the_page_has_both_clocks_and_loads_nothing(played: tuple[Path, str]) -> None:
    page = (played[0] / "report.html").read_text(encoding="utf-8")
    assert "refused whole" in page
    assert "169 days, on 2026-01-23" in page
    assert "188 days, on 2026-02-11" in page
    assert "<svg" in page
    assert not re.search(r"<script|\bsrc=|href=\"(?!#)|url\(", page)


def test_the_court_has_from_the_log_what_an_inspector_makes_of_it(
    played: tuple[Path, str], tmp_path: Path, narrowgate: CommandLine
) -> None:
    told = json.loads((played[0] / "measures.json").read_bytes())["act_two"]
    assert told["contradicted"] == []
    assert told["requirements"]["shown"] >= 20
    assert told["bundle"] == "VALID"
    gate, key = played[0] / "gate", played[0] / "gate" / "log" / "log.vkey"
    made = narrowgate("inspector", "conformance", gate, "--key", key, "--html", tmp_path / "again.html")
    assert made.code == 0
    assert (tmp_path / "again.html").read_bytes() == (played[0] / "conformance.html").read_bytes()
    item = f"{told['package']}:{told['row'] - 1}"
    assert (
        narrowgate("inspector", "trace", gate, item, "--key", key, "--html", tmp_path / "way.html").code == 0
    )
    assert (tmp_path / "way.html").read_bytes() == (played[0] / "trace.html").read_bytes()


def test_the_clock_of_2025_is_arithmetic_over_its_days() -> None:
    assert (RECIPIENT_TOLD.days, COURT_TOLD.days) == (169, 188)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (169 * 86_400, "169 days")],
)
def test_a_span_is_told_in_its_largest_fitting_unit(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


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
