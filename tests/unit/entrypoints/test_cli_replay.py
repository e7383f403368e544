"""A package is decided again from what is kept of it: the same bytes, or an incident."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from narrowgate.entrypoints import replay as replays
from narrowgate.gate import run, step_06_eligibility
from narrowgate.gate.step_09_probe import look_up
from narrowgate.verify.entries import LogEntries
from support.attacked_world import AttackedWorld, made_world
from support.command_line import CommandLine, Result


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    with made_world() as home:
        yield home


@pytest.fixture
def world(
    made: Path, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> AttackedWorld:
    shutil.copytree(made, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    return AttackedWorld(tmp_path / "home", narrowgate)


def first() -> str:
    """The package that the world was made with."""
    return next(entry.package for entry in LogEntries(Path("world/log")) if entry.kind == "package-received")


def replayed(narrowgate: CommandLine, package: str, *options: object) -> Result:
    return narrowgate("gate", "replay", package, "--config", "world", "--json", *options)


def decided(world: AttackedWorld, name: str, person: str = "") -> str:
    """A package that was decided now."""
    world.package(name, person=person)
    receipt = world.narrowgate("gate", "run", name, "--config", "world")
    assert receipt.code == 0, receipt.err
    return str(json.loads(receipt.out)["package_id"])


def every_file() -> dict[str, str]:
    """The digest of everything that the gate keeps; what the index engine spills is no part of it."""
    return {
        str(path): sha256(path.read_bytes()).hexdigest()
        for path in Path("world").rglob("*")
        if path.is_file() and "spill" not in path.parts
    }


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that takes the index's word for its opposite."""

    def wrong(*arguments: Any) -> dict[int, bool]:
        return {row: not is_member for row, is_member in look_up(*arguments).items()}

    monkeypatch.setattr(run, "look_up", wrong)


def test_the_same_leaves_and_the_same_sealed_answers_come_out_and_nothing_is_written(
    world: AttackedWorld, narrowgate: CommandLine
) -> None:
    before = every_file()
    told = replayed(narrowgate, first())
    assert (told.code, json.loads(told.out)["equal"], json.loads(told.out)["items"]) == (0, True, 4)
    assert every_file() == before
    assert "every sealed answer the same" in narrowgate("gate", "replay", first(), "--config", "world").out


def test_an_answer_of_a_broken_matcher_is_an_incident_and_says_no_outcome(
    world: AttackedWorld, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        broken(patch)
        package = decided(world, "asked", "Perpetua")
    told = replayed(narrowgate, package)
    found = json.loads(told.out)
    assert (told.code, found["rows_with_another_outcome"], found["answers_equal"]) == (14, [1, 2], False)
    assert "custodian incident" in told.err
    assert not any(word in told.err for word in ("CONFIRMED", "Perpetua"))
    assert replayed(narrowgate, first()).code == 0


def test_a_refusal_by_another_rule_is_found(
    world: AttackedWorld, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined = step_06_eligibility._examine_rows

    def confused(
        terms: step_06_eligibility.Terms, first: int, lines: Sequence[bytes]
    ) -> step_06_eligibility._Rows:
        rows = examined(terms, first, lines)
        return rows._replace(findings=dict.fromkeys(rows.findings, ("R-10",)))

    with monkeypatch.context() as patch:
        patch.setattr(step_06_eligibility, "_examine_rows", confused)
        package = decided(world, "asked", "Perpetua")
    told = replayed(narrowgate, package)
    assert (told.code, json.loads(told.out)["rows_with_other_findings"]) == (14, [4])


def test_a_repeated_question_has_the_answer_of_the_first_time(
    world: AttackedWorld, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        broken(patch)
        wrong = decided(world, "asked", "Perpetua")
    again = decided(world, "again", "Perpetua")
    told = replayed(narrowgate, again)
    assert (told.code, json.loads(told.out)["answered_as_the_first_time"]) == (0, 2)
    assert replayed(narrowgate, wrong).code == 14
    (copy,) = (path for path in Path("world/vault").iterdir() if _is_of(path, wrong))
    (copy / "destroyed").touch()
    unknown = replayed(narrowgate, again)
    assert (unknown.code, "kept no more" in unknown.err) == (17, True)


def _is_of(copy: Path, package: str) -> bool:
    """Whether a copy in the vault is of a package."""
    return any(
        entry.fields.get("manifest_sha256") == copy.name and entry.package == package
        for entry in LogEntries(Path("world/log"))
    )


def test_another_index_or_another_version_says_nothing(
    world: AttackedWorld, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree("world/index", "kept-index")
    narrowgate(
        *["index", "build", "--records", "records.csv", "--mapping", "mapping.toml", "--out", "other-index"],
        *["--key", "file:world/keys/index_key.key", "--as-of", "2026-01-01"],
    )
    if Path("other-index").exists():
        other = replayed(narrowgate, first(), "--index", "other-index")
        assert (other.code, "--index" in other.err) == (17, True)
    assert replayed(narrowgate, first(), "--index", "kept-index").code == 0
    newer = replays.running_versions()
    monkeypatch.setattr(replays, "running_versions", lambda: replace(newer, rule_set="9", software="9.0"))
    told = replayed(narrowgate, first())
    assert (told.code, f"rule set {newer.rule_set}, here 9" in told.err) == (17, True)


def test_a_changed_copy_a_destroyed_key_and_an_unknown_package_are_told_apart(
    world: AttackedWorld, narrowgate: CommandLine
) -> None:
    assert replayed(narrowgate, "p-20260101-unknown").code == 2
    (rows,) = Path("world/vault").glob("*/rows")
    data = bytearray(rows.read_bytes())
    data[-1] ^= 1
    rows.write_bytes(data)
    assert replayed(narrowgate, first()).code == 1
    (rows.parent / "destroyed").touch()
    destroyed = replayed(narrowgate, first())
    assert (destroyed.code, "was destroyed" in destroyed.err) == (11, True)
