"""A custodian releases answers from a log that no witness saw: none leaves before, and the requester opens none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.governance.charter import parse_charter, render_charter
from narrowgate.core.log.note import COSIGNATURE_V1, VerifierKey
from narrowgate.entrypoints.documents import read_log_key
from support.attacked_world import AttackedWorld
from support.command_line import CommandLine
from support.sandbox_acts import replace_charter
from support.sandbox_files import OPEN

RELEASE = "release run --config world"


@pytest.fixture(scope="module")
def untouched_witnessed_world(untouched_world: Path) -> Iterator[Path]:
    """A world whose charter names two witnesses, of whom one must cosign."""
    with (
        TemporaryDirectory(prefix="narrowgate-witnessed-") as directory,
        pytest.MonkeyPatch.context() as patch,
    ):
        home = Path(directory) / "home"
        shutil.copytree(untouched_world, home)
        patch.chdir(home)
        keys = []
        for name in ("oversight", "court"):
            witness = WitnessDirectory.create(home / name, f"{name}.test/w", SystemEntropy())
            witness.watch(read_log_key(home / "world" / "log" / "log.vkey"))
            keys.append(str(witness.key))
        path = home / "world" / "governance" / "charter.toml"
        charter = parse_charter(path.read_bytes(), str(path))
        later = replace(charter, witnesses=tuple(keys), witness_quorum=1)
        (home / "charter.toml").write_text(render_charter(later))
        replace_charter(home / "world", home / "charter.toml")
        yield home


@pytest.fixture
def world(
    untouched_witnessed_world: Path, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> AttackedWorld:
    """A copy of it as the working directory."""
    shutil.copytree(untouched_witnessed_world, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    return AttackedWorld(tmp_path / "home", narrowgate)


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


def opened(world: AttackedWorld, answers: Path, witnesses: str) -> tuple[int, str, str]:
    """What an officer who demands these witnesses is shown of the answers."""
    found = world.narrowgate(*f"{OPEN.replace('{answers}', str(answers))} {witnesses}".split())
    return found.code, found.out, found.err


def answers_of(home: Path, package: Path, place: str = "answers") -> Path:
    return home / place / str(json.loads((package / "manifest.json").read_bytes())["package_id"])


def with_lines(proof: Path, lines: list[str]) -> None:
    """The proof's checkpoint carries these lines beside the signature of the log, and no others."""
    head, text, signatures = proof.read_text().split("\n\n")
    proof.write_text("\n\n".join((head, text, "\n".join([signatures.split("\n")[0], *lines]) + "\n")))


CHARTER = "--charter charter.toml"
BOTH = "--witness court/witness.vkey --witness oversight/witness.vkey --quorum 2"


def test_the_requester_opens_no_answer_whose_proof_lacks_the_quorum_that_the_requester_knows(
    world: AttackedWorld,
) -> None:
    package = world.package("asked")
    assert world.gate("asked")[0] == 15
    shutil.copytree("world", "twin", symlinks=True)
    assert cosign(world, "court", "court") == 0
    assert world.narrowgate(*RELEASE.split()).code == 0
    answers = answers_of(world.home / "world", package)
    proof = answers / "answers.tlog-proof"
    honest = proof.read_text()
    line = honest.rstrip("\n").rpartition("\n")[2]
    code, out, told = opened(world, answers, CHARTER)
    assert (code, "1 of the 2 witnesses given cosigned the checkpoint (quorum 1): court.test/w" in told) == (
        0,
        True,
    )
    code, plain, told = opened(world, answers, "")
    assert (code, plain, "Witnesses were not compared" in told) == (0, out, True)

    proved = (
        "answers prove {answers} by-tin --package asked --key world/officers/1.key.pem --log-key world/log/log.vkey"
        " --certificate world/officers/1.pem --acknowledge --out {name}.json"
    )
    assert world.narrowgate(*proved.format(answers=answers, name="seen").split()).code == 0
    check = "answers verify-proof {name}.json --log-key world/log/log.vkey {witnesses}"
    shown = world.narrowgate(*check.format(name="seen", witnesses=CHARTER).split())
    assert (shown.code, "(quorum 1): court.test/w" in shown.out) == (0, True)
    shown = world.narrowgate(*check.format(name="seen", witnesses="").split())
    assert (shown.code, "Witnesses were not compared" in shown.out) == (0, True)
    assert world.narrowgate(*check.format(name="seen", witnesses=BOTH).split()).code == 13

    stranger = "witness init stranger --name court.test/w --log-key world/log/log.vkey"
    assert world.narrowgate(*stranger.split()).code == 0
    strange = world.narrowgate("witness", "cosign", "stranger", "request").out.strip()
    (earlier,) = list_of_lines(world)
    attacks = {
        "none": ([], CHARTER),
        "of a stranger under the name of a witness": ([strange], CHARTER),
        "of a witness over another checkpoint": ([earlier], CHARTER),
        "of one witness twice": ([line, line], BOTH),
        "of one witness, and a stranger's": ([line, strange], BOTH),
    }
    for attack, (lines, witnesses) in attacks.items():
        with_lines(proof, lines)
        code, out, told = opened(world, answers, witnesses)
        assert (code, "CONFIRMED" in out) == (13, False), (attack, told)
        assert world.narrowgate(*proved.format(answers=answers, name="bare").split()).code == 0
        code = world.narrowgate(*check.format(name="bare", witnesses=witnesses).split()).code
        assert code == 13, attack
        Path("bare.json").unlink()
    with_lines(proof, [line])
    assert proof.read_text() == honest
    twice = "--witness court/witness.vkey --witness court/witness.vkey --quorum 2"
    assert opened(world, answers, twice)[0] == 4

    # The other branch of the log, which no witness saw, with answers taken from where they wait.
    other = world.package("other", person="Marigold")
    assert world.narrowgate("gate", "run", "other", "--config", "twin").code == 15
    forked = answers_of(world.home / "twin", other, "staging/waiting")
    assert opened(world, forked, "")[0] == 0
    assert opened(world, forked, CHARTER)[0] == 13
    with_lines(forked / "answers.tlog-proof", [line])
    code, _, told = opened(world, forked, CHARTER)
    assert (code, "does not verify" in told) == (13, True)


def list_of_lines(world: AttackedWorld) -> list[str]:
    """What the second witness answers to the log of today, which is not the one that the answers were proved in."""
    (world.home / "later").write_text(world.narrowgate("log", "request", "world/log").out)
    return [world.narrowgate("witness", "cosign", "court", "--log", "world/log").out.strip()]


def test_a_charter_that_gives_one_witness_two_names_is_none(world: AttackedWorld) -> None:
    path = world.home / "charter.toml"
    charter = parse_charter(path.read_bytes(), str(path))
    key = VerifierKey.parse(charter.witnesses[0])
    doubled = replace(
        charter, witnesses=(str(key), str(replace(key, name="second.test/w"))), witness_quorum=2
    )
    with pytest.raises(ConfigurationError, match="gives one key to two witnesses"):
        parse_charter(render_charter(doubled).encode(), "charter.toml")


def test_a_log_is_no_witness_of_itself(world: AttackedWorld) -> None:
    path = world.home / "charter.toml"
    charter = parse_charter(path.read_bytes(), str(path))
    itself = VerifierKey("court.test/w", VerifierKey.parse(charter.log_key).public_key, COSIGNATURE_V1)
    own = render_charter(replace(charter, witnesses=(str(itself),), witness_quorum=1))
    with pytest.raises(ConfigurationError, match="the custodian would watch itself"):
        parse_charter(own.encode(), "charter.toml")
    Path("itself.vkey").write_text(f"{itself}\n")
    (answers,) = Path("world/answers").iterdir()
    code, out, told = opened(world, answers, "--witness itself.vkey")
    assert (code, out, "has the key of the log itself" in told) == (4, "", True)
