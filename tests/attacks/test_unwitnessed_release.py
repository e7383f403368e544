"""A custodian releases answers from a log that no witness saw: with a witness in the charter none leaves before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from narrowgate.core.governance.charter import parse_charter, render_charter
from support.attacked_world import AttackedWorld, made_world
from support.command_line import CommandLine
from support.sandbox_acts import replace_charter

RELEASE = "release run --config world"


@pytest.fixture
def world(narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[AttackedWorld]:
    """A world whose charter names two witnesses, of whom one must cosign."""
    with made_world() as home:
        monkeypatch.chdir(home)
        keys = []
        for name in ("oversight", "court"):
            made = narrowgate(
                *f"witness init {name} --name {name}.test/w --log-key world/log/log.vkey".split()
            )
            keys.append(made.out.strip())
        path = next((home / "world").rglob("charter.toml"))
        charter = parse_charter(path.read_bytes(), str(path))
        later = replace(charter, witnesses=tuple(keys), witness_quorum=1)
        (home / "charter.toml").write_text(render_charter(later))
        replace_charter(home / "world", home / "charter.toml")
        yield AttackedWorld(home, narrowgate)


def released(world: AttackedWorld, package: Path) -> bool:
    identifier = json.loads((package / "manifest.json").read_bytes())["package_id"]
    return (world.home / "world" / "answers" / identifier).exists()


def cosign(world: AttackedWorld, witness: str, known_as: str) -> int:
    """The log is cosigned by a witness, and the custodian adds that under the key of ``known_as``."""
    (world.home / "request").write_text(world.narrowgate("log", "request", "world/log").out)
    (world.home / "answer").write_text(world.narrowgate("witness", "cosign", witness, "request").out)
    added = (
        "log",
        "cosign",
        "world/log",
        "answer",
        "--request",
        "request",
        "--witness",
        f"{known_as}/witness.vkey",
    )
    return world.narrowgate(*added).code


def test_answers_wait_for_a_witness_of_the_charter_and_leave_with_its_cosignature(
    world: AttackedWorld,
) -> None:
    package = world.package("asked")
    code, message = world.gate("asked")
    assert (code, "waits for cosignatures" in message, released(world, package)) == (15, True, False)
    assert world.narrowgate(*RELEASE.split()).code == 15
    assert cosign(world, "court", "court") == 0
    assert world.narrowgate(*RELEASE.split()).code == 0
    assert released(world, package)
    assert [line.split(",")[2] for line in world.answers("asked")][:1] == ["CONFIRMED"]
    world.verify()


def test_a_cosignature_of_a_stranger_or_from_before_the_decisions_lets_nothing_out(
    world: AttackedWorld,
) -> None:
    assert cosign(world, "oversight", "oversight") == 0
    package = world.package("asked")
    assert world.gate("asked")[0] == 15
    made = "witness init stranger --name stranger.test/w --log-key world/log/log.vkey"
    assert world.narrowgate(*made.split()).code == 0
    (world.home / "world" / "log" / "cosigned").unlink()
    assert cosign(world, "stranger", "stranger") == 0
    assert world.narrowgate(*RELEASE.split()).code == 15
    assert not released(world, package)


def test_an_inspector_finds_a_release_that_no_witness_of_the_charter_saw(world: AttackedWorld) -> None:
    def inspected(source: str) -> tuple[int, str]:
        found = world.narrowgate("inspector", "verify", source)
        return found.code, found.out

    assert cosign(world, "court", "court") == 0
    cosigned = world.home / "world" / "log" / "cosigned"
    before = cosigned.read_text()
    world.package("asked")
    assert world.gate("asked")[0] == 15
    assert cosign(world, "oversight", "oversight") == 0
    assert world.narrowgate(*RELEASE.split()).code == 0
    code, told = inspected("world")
    assert (code, "1 witnesses of the charter (quorum 1) cosigned" in told) == (0, True)
    assert world.narrowgate("inspector", "bundle", "bundle", "--config", "world").code == 0
    assert inspected("bundle")[0] == 0
    cosigned.write_text(before)
    code, told = inspected("world")
    assert (code, "released that no quorum of the charter's witnesses had seen" in told) == (14, True)
    cosigned.write_text((world.home / "world" / "log" / "checkpoint").read_text())
    code, told = inspected("world")
    assert (code, "has 0 of the 1 cosignatures" in told) == (14, True)
    cosigned.unlink()
    code, told = inspected("world")
    assert (code, "log/cosigned" in told) == (17, True)
