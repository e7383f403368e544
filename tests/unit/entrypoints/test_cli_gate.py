"""The separate commands over the files of one world: build, sign, run, open, again, in conflict, over a quota."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.command_line_cases import apply, contents
from support.sandbox_acts import put_in_force
from support.sandbox_files import BUILD, GATE, OPEN, SANDBOX, SIGN, VERIFY, base_files


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base files and their world."""
    home = tmp_path_factory.mktemp("made")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert CommandLine(patch, None)(*SANDBOX.split()).code == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them as the working directory."""
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    return copy


def limit(home: Path, **limits: int) -> None:
    """Put limits into the world's agreement."""
    path = home / "world" / "agreement.toml"
    text = path.read_text()
    for name, figure in limits.items():
        assert f'{name} = "lifted"' in text
        text = text.replace(f'{name} = "lifted"', f"{name} = {figure}")
    path.write_text(text)
    put_in_force(home / "world", "agreement")


def package(narrowgate: CommandLine, name: str, cases: str = "cases.csv") -> str:
    """A package of the case file, built and signed; its id."""
    built = narrowgate(*BUILD.replace("package-2", name).replace("cases.csv", cases).split())
    assert built.code == 0, built.err
    assert narrowgate(*SIGN.replace("package-2", name).split()).code == 0
    return built.out.strip()


def gate(narrowgate: CommandLine, name: str) -> dict[str, object]:
    """The receipt of a package that the gate takes."""
    result = narrowgate(*GATE.replace("package-2", name).split())
    assert result.code == 0, result.err
    receipt: dict[str, object] = json.loads(result.out)
    return receipt


def test_a_package_goes_from_case_file_to_opened_answers_by_hand(home: Path, narrowgate: CommandLine) -> None:
    identifier = package(narrowgate, "package-2")
    receipt = gate(narrowgate, "package-2")
    assert (receipt["package_id"], receipt["items"], receipt["admitted"]) == (identifier, 4, 3)
    opened = narrowgate(
        *f"{OPEN} --package package-2".replace("{answers}", f"world/answers/{identifier}").split()
    )
    assert opened.out.splitlines() == [
        "row,item,outcome,findings",
        "1,by-tin,CONFIRMED,",
        "2,by-birth-date,CONFIRMED,",
        "3,another-home,NOT_CONFIRMED,",
        "4,placeholder,REFUSED,R-64",
    ]
    verified = narrowgate(*VERIFY.split(), "--json")
    assert len(json.loads(verified.out)["packages"]) == 2


def test_signing_shows_what_is_attested_before_the_package_leaves(
    home: Path, narrowgate: CommandLine
) -> None:
    narrowgate(*BUILD.split())
    signed = narrowgate(*SIGN.split())
    assert (signed.code, signed.out) == (0, "")
    assert signed.err.count("  - ") == 5
    assert "under criminal investigation" in signed.err


def test_the_same_package_again_has_the_same_receipt_and_changes_nothing(
    home: Path, narrowgate: CommandLine
) -> None:
    package(narrowgate, "package-2")
    first = gate(narrowgate, "package-2")
    before = contents(home)
    assert gate(narrowgate, "package-2") == first
    assert contents(home) == before


def test_another_package_under_the_same_id_is_a_conflict(home: Path, narrowgate: CommandLine) -> None:
    package(narrowgate, "package-2")
    gate(narrowgate, "package-2")
    apply({"file": "package-2/manifest.json", "replace": ['"sole_use",', ""]}, home, None)
    assert narrowgate(*SIGN.split()).code == 0
    before = contents(home)
    conflict = narrowgate(*GATE.split())
    assert (conflict.code, conflict.out) == (12, "")
    assert "The package id was used for another package" in conflict.err
    assert contents(home) == before


def test_a_quota_refuses_the_next_package_whole_and_the_log_says_so(
    home: Path, narrowgate: CommandLine
) -> None:
    limit(home, packages_per_day=2)
    package(narrowgate, "second")
    gate(narrowgate, "second")
    package(narrowgate, "third")
    refused = narrowgate(*GATE.replace("package-2", "third").split())
    assert (refused.code, refused.out) == (11, "")
    assert "rule R-26" in refused.err
    assert "the index was not opened" in refused.err
    assert "1 packages refused whole" in narrowgate(*VERIFY.split()).out


def test_a_second_address_for_a_person_is_refused_in_a_later_package_too(
    home: Path, narrowgate: CommandLine
) -> None:
    limit(home, distinct_addresses_per_subject=1)
    package(narrowgate, "second")
    assert gate(narrowgate, "second")["refused_by_rule"] == {"R-64": 1}
    apply({"file": "cases.csv", "replace": ["1234 North Larkmeadow", "1236 North Larkmeadow"]}, home, None)
    package(narrowgate, "third")
    assert gate(narrowgate, "third")["refused_by_rule"] == {"R-28": 1, "R-64": 1}


def test_a_package_cut_off_by_a_missing_index_is_finished_before_any_other(
    home: Path, narrowgate: CommandLine
) -> None:
    package(narrowgate, "second")
    package(narrowgate, "third")
    (home / "world" / "index").rename("away")
    assert narrowgate(*GATE.replace("package-2", "second").split()).code == 1
    (home / "away").rename(home / "world" / "index")
    waiting = narrowgate(*GATE.replace("package-2", "third").split())
    assert waiting.code == 1
    assert "begun and is not finished" in waiting.err
    gate(narrowgate, "second")
    gate(narrowgate, "third")
    assert narrowgate(*VERIFY.split()).out.count("1 refused, decided") == 3


def test_lint_tells_each_remark_with_line_rule_and_citation(home: Path, narrowgate: CommandLine) -> None:
    apply({"file": "cases.csv", "replace": [",Houston,TX", ",Amarillo,TX"]}, home, None)
    command = ["case", "lint", "cases.csv", "--agreement", "world/agreement.toml"]
    text = narrowgate(*command)
    assert text.code == 0
    assert [line.split(": ")[:2] for line in text.out.splitlines()] == [
        ["2", "item by-tin"],
        ["3", "item by-birth-date"],
        ["5", "item placeholder"],
    ]
    assert text.err.splitlines()[0] == "4 items, 1 would be refused"
    *told, last = [json.loads(line) for line in narrowgate(*command, "--json").out.splitlines()]
    assert last["summary"]["items"] == 4
    assert [(entry["severity"], entry["rule"]) for entry in told] == [
        ("warning", None),
        ("warning", None),
        ("refusal", "R-64"),
    ]
    assert told[2]["citation"].startswith("26 USC 6103")


def test_an_agreement_is_checked_for_people_and_for_programs(home: Path, narrowgate: CommandLine) -> None:
    assert "digest" in narrowgate("agreement", "check", "world/agreement.toml").out
    checked = json.loads(narrowgate("agreement", "check", "world/agreement.toml", "--json").out)
    assert (checked["id"], len(checked["sha256"])) == ("sandbox", 64)


KILLED = """
import os, signal, sys
import narrowgate.gate.run as gate
from narrowgate.entrypoints.cli.main import main
step, calls = gate.{step}, []
def killed(*arguments):
    calls.append(arguments)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(*arguments)
gate.{step} = killed
sys.argv = ["narrowgate", *{arguments}]
main()
"""


@pytest.mark.parametrize("step", ["log_decisions", "plan_release", "release_due"])
def test_a_killed_run_leaves_nothing_in_the_outbox_and_its_answers_where_only_the_gate_can_look(
    home: Path, narrowgate: CommandLine, step: str
) -> None:
    identifier = package(narrowgate, "package-2")
    before = sorted(Path("world/answers").iterdir())
    script = KILLED.format(step=step, call=2 if step == "release_due" else 1, arguments=GATE.split())
    killed = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert sorted(Path("world/answers").iterdir()) == before
    staged = [path for path in Path("world/staging").rglob("*") if path.is_file()]
    assert any(path.suffix == ".p7m" for path in staged)
    assert Path("world/staging").stat().st_mode & 0o777 == 0o700
    gate(narrowgate, "package-2")
    assert sorted(Path("world/answers").iterdir()) == sorted([*before, Path("world/answers", identifier)])
    assert [path.parts[2] for path in Path("world/staging").rglob("*/p-*")] == ["released"] * 2
