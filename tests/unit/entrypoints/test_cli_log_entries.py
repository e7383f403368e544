"""``narrowgate log list``, ``show``, ``count`` and ``prove``: every leaf can be read, counted and proved."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.proof import parse_proof
from support.command_line import CommandLine

ACTS = 5
"""Leaves before the package: the charter, and what it puts in force."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("log-entries") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        made = CommandLine(patch, None)(
            "demo", "--dir", directory, "--people", 400, "--items", 600, "--seed", 3
        )
    assert made.code == 0
    return directory


def listed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_leaf_is_listed_once_in_order(narrowgate: CommandLine, world: Path) -> None:
    rows = listed(narrowgate("log", "list", world, "--csv").out)
    assert [int(row["index"]) for row in rows] == list(range(len(rows)))
    assert (rows[0]["kind"], rows[-1]["kind"]) == ("charter", "package-released")
    assert [row["kind"] for row in rows[1 : ACTS + 1]] == [*["act"] * (ACTS - 1), "package-received"]
    assert [int(row["row"]) for row in rows if row["kind"] == "item-decided"] == list(range(600))


def test_an_item_has_the_time_at_which_its_package_was_received(narrowgate: CommandLine, world: Path) -> None:
    rows = listed(narrowgate("log", "list", world, "--csv").out)
    assert {row["time"] for row in rows[ACTS : ACTS + 601]} == {rows[ACTS]["time"]}


def test_leaves_are_chosen_by_kind_package_rule_and_day(narrowgate: CommandLine, world: Path) -> None:
    every = listed(narrowgate("log", "list", world, "--csv").out)
    day, package = every[ACTS]["time"][:10], every[ACTS]["package"]
    by_rule = listed(narrowgate("log", "list", world, "--csv", "--rule", "R-64").out)
    assert by_rule == [row for row in every if "R-64" in row["rules"].split()]
    assert by_rule
    by_kind = listed(narrowgate("log", "list", world, "--csv", "--kind", "package-decided").out)
    assert by_kind == every[-2:-1]
    same_day = ("log", "list", world, "--csv", "--since", day, "--until", day, "--package", package)
    assert listed(narrowgate(*same_day).out) == every[ACTS:]
    for other in (("--until", "2020-01-01"), ("--since", "2120-01-01"), ("--package", "p-other")):
        assert listed(narrowgate("log", "list", world, "--csv", *other).out) == []


def test_the_three_forms_tell_the_same_leaves(narrowgate: CommandLine, world: Path) -> None:
    as_csv = listed(narrowgate("log", "list", world, "--csv").out)
    as_json = [json.loads(line) for line in narrowgate("log", "list", world, "--json").out.splitlines()]
    as_text = narrowgate("log", "list", world).out.splitlines()
    assert [leaf["index"] for leaf in as_json] == [int(row["index"]) for row in as_csv]
    assert [line.split()[0] for line in as_text] == [row["index"] for row in as_csv]
    assert [leaf["type"] for leaf in as_json] == [row["kind"] for row in as_csv]


def test_the_counts_are_those_of_the_leaves_and_tell_no_confirmation(
    narrowgate: CommandLine, world: Path
) -> None:
    rows = listed(narrowgate("log", "list", world, "--csv").out)
    counted = json.loads(narrowgate("log", "count", world, "--json").out)
    assert counted["leaves"] == len(rows)
    assert counted["items"]["refused"] == sum(row["class"] == "refused" for row in rows)
    assert counted["items"]["answered"] == sum(row["class"] == "answered" for row in rows)
    refused_by = counted["items"]["refused_by_rule"]
    assert refused_by["R-64"] == sum("R-64" in row["rules"].split() for row in rows)
    assert counted["packages"]["received_by_office"] == {"secretary_of_homeland_security": 1}
    assert "CONFIRMED" not in json.dumps(counted)


def test_a_bare_log_says_what_it_holds_when_it_is_verified(narrowgate: CommandLine, world: Path) -> None:
    verified = json.loads(narrowgate("log", "verify", world / "log", "--json").out)
    assert verified["contents"] == json.loads(narrowgate("log", "count", world, "--json").out)
    text = narrowgate("log", "verify", world / "log").out
    assert "600 items decided" in text
    assert "1 packages received" in text


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 601])
def test_a_proof_verifies_with_the_public_key_alone(index: int, narrowgate: CommandLine, world: Path) -> None:
    proof = parse_proof(narrowgate("log", "prove", world, index).out)
    key = VerifierKey.parse((world / "log" / "log.vkey").read_text().strip())
    assert proof.verify(key).size == 603 + ACTS
    shown = json.loads(narrowgate("log", "show", world, index).out)
    assert shown == {"index": index, "leaf": json.loads(proof.leaf)}


@pytest.mark.parametrize("command", ["show", "prove"])
def test_a_number_beyond_the_log_is_a_usage_error(command: str, narrowgate: CommandLine, world: Path) -> None:
    result = narrowgate("log", command, world, 603 + ACTS)
    assert result.code == 2
    assert "608 leaves" in result.err


@pytest.mark.parametrize("command", [("list",), ("count",), ("show", 300), ("prove", 300)])
def test_a_changed_leaf_is_never_shown(
    command: tuple[str, ...], narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "log"
    shutil.copytree(world / "log", copy)
    bundle = copy / "tile" / "entries" / "001"
    data = bytearray(bundle.read_bytes())
    at = data.index(b'"row":299,') + 6
    data[at : at + 3] = b"298"
    bundle.write_bytes(data)
    name, *rest = command
    result = narrowgate("log", name, copy, *rest)
    assert result.code == 14
    assert '"row": 298' not in result.out
    assert "298 " not in [line.split()[0] for line in result.out.splitlines() if line.startswith(" 300")]


def test_a_log_of_another_key_is_not_read(narrowgate: CommandLine, world: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.vkey"
    other.write_text("narrowgate.sandbox/other+c5f1ae3d+ARAwYVsJf74EJBB9ttXxGFWrIVrKNa45GNFb/N7ww3li\n")
    assert narrowgate("log", "list", world, "--key", other).code in {4, 14}
