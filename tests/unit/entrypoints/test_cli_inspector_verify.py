"""An inspector verifies a world: valid, invalid with every reason, or indeterminate with what is missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.log.checkpoint import cosign
from narrowgate.core.log.note import COSIGNATURE_V1, NoteSigner
from support.command_line import CommandLine


def inspected(narrowgate: CommandLine, source: Path | str, *options: object) -> tuple[int, dict[str, Any]]:
    found = narrowgate("inspector", "verify", source, *options, "--json")
    return found.code, json.loads(found.out)


def test_a_world_is_valid_and_says_what_was_compared(narrowgate: CommandLine, home: Path) -> None:
    code, told = inspected(
        narrowgate, "world", "--key", "world/log/log.vkey", "--earlier", "world/log/checkpoint"
    )
    assert (code, told["verdict"], told["reasons"], told["missing"], told["notes"]) == (
        0,
        "VALID",
        [],
        [],
        [],
    )
    assert told["checked"].keys() >= {
        "signature",
        "tree",
        "charter",
        "acts",
        "documents",
        "order",
        "counts",
        "times",
    }
    packages = told["packages"]
    assert packages["handed_in"] == sum(
        packages[name] for name in ("decided", "refused_whole", "abandoned", "in_progress")
    )
    (package,) = packages["each"]
    assert package["rows"] == package["answered"] + package["refused"]
    assert package["in_force"].keys() == {"agreement", "register", "index", "rules"}
    text = narrowgate("inspector", "verify", "world").out
    assert text.startswith("VALID: world of narrowgate.sandbox/log")
    assert "Compare the log's key with the one that the custodian published" in text


def test_a_source_is_told_the_same_wherever_it_lies(narrowgate: CommandLine, home: Path) -> None:
    shutil.copytree("world", "elsewhere/world")
    first = narrowgate("inspector", "verify", "world", "--json").out
    assert narrowgate("inspector", "verify", "elsewhere/world", "--json").out == first


def flipped(path: Path, position: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_every_reason_is_told_and_not_the_first_alone(narrowgate: CommandLine, home: Path) -> None:
    world = home / "world"
    (tile,) = world.glob(
        "log/tile/0/000.p/" + str(max(int(p.name) for p in world.glob("log/tile/0/000.p/*")))
    )
    flipped(tile)
    act = world / "governance/acts/000002.json"
    act.write_bytes(act.read_bytes().replace(b'"reason":"sandbox"', b'"reason":"sandbag"'))
    (world / "governance/acts/000003.json.2.p7s").unlink()
    (world / "log/notes.txt").write_text("x")
    code, told = inspected(narrowgate, "world")
    reasons = "\n".join(f"{each['where']}: {each['what']}" for each in told["reasons"])
    assert (code, told["verdict"]) == (14, "INVALID")
    assert "log/tile/0/000.p/" in reasons
    assert "notes.txt: The file does not belong to a log." in reasons
    assert "act 2 (entry 2): The file of the act says another thing than its entry." in reasons
    assert "act 3 (entry 3): The act is signed by others than its entry says." in reasons
    assert len(told["reasons"]) == 4


def exchange_the_charter(world: Path) -> None:
    charter = world / "governance/charter.toml"
    charter.write_text(charter.read_text().replace("quorum = 2", "quorum = 3"))


def cross_the_signatures(world: Path) -> None:
    acts = world / "governance/acts"
    shutil.copy(acts / "000001.json.1.p7s", acts / "000002.json.1.p7s")


def sign_twice_with_one_card(world: Path) -> None:
    acts = world / "governance/acts"
    shutil.copy(acts / "000002.json.1.p7s", acts / "000002.json.2.p7s")


def exchange_a_document(world: Path) -> None:
    flipped(next(path for path in sorted(world.glob("governance/documents/*")) if "." not in path.name))


def exchange_a_party(world: Path) -> None:
    (custodian,) = world.glob("governance/documents/*.custodian.p7s")
    shutil.copy(custodian, custodian.with_name(custodian.name.replace("custodian", "requester")))


def put_back_the_second_place(world: Path) -> None:
    (world / "checkpoints").write_text((world / "checkpoints").read_text().replace("1", "2"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (exchange_the_charter, "charter (entry 0): The charter is not the one"),
        (cross_the_signatures, "act 2 (entry 2): The data was changed after it was signed"),
        (sign_twice_with_one_card, "act 2 (entry 2): The act is signed by others"),
        (exchange_a_document, "A document has another digest"),
        (exchange_a_party, "A signature was made with the key of nobody who may sign"),
        (put_back_the_second_place, "checkpoints: "),
    ],
)
def test_what_was_exchanged_is_named(
    narrowgate: CommandLine, home: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(home / "world")
    code, told = inspected(narrowgate, "world")
    assert (code, told["verdict"]) == (14, "INVALID")
    assert said in "\n".join(f"{each['where']}: {each['what']}" for each in told["reasons"])


def without_governance(world: Path) -> None:
    shutil.rmtree(world / "governance")


def without_a_document(world: Path) -> None:
    (custodian,) = world.glob("governance/documents/*.custodian.p7s")
    custodian.with_name(custodian.name.removesuffix(".custodian.p7s")).unlink()


def without_a_signature_of_a_party(world: Path) -> None:
    next(world.glob("governance/documents/*.custodian.p7s")).unlink()


def without_the_second_place(world: Path) -> None:
    (world / "checkpoints").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without_governance, "The files of charter and acts"),
        (without_a_document, "The document "),
        (without_a_signature_of_a_party, "The custodian's signature over the document "),
        (without_the_second_place, "The checkpoints of the log's second place."),
    ],
)
def test_what_is_missing_leaves_it_open(
    narrowgate: CommandLine, home: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(home / "world")
    code, told = inspected(narrowgate, "world")
    assert (code, told["verdict"], told["reasons"]) == (17, "INDETERMINATE", [])
    assert any(said in each for each in told["missing"])


def test_a_bare_log_is_indeterminate_because_its_officers_signatures_are_not_there(
    narrowgate: CommandLine, home: Path
) -> None:
    code, told = inspected(narrowgate, "world/log")
    assert (code, told["missing"]) == (
        17,
        ["The files of charter and acts, with the signatures of the officers."],
    )


def test_a_log_with_another_key_or_without_its_checkpoint_is_invalid(
    narrowgate: CommandLine, home: Path
) -> None:
    other = NoteSigner.ed25519("narrowgate.sandbox/log", Ed25519PrivateKey.generate())
    Path("other.vkey").write_text(f"{other.key}\n")
    assert inspected(narrowgate, "world", "--key", "other.vkey")[0] == 14
    (home / "world/log/checkpoint").unlink()
    code, told = inspected(narrowgate, "world")
    assert (code, told["log"], told["reasons"][0]["where"]) == (14, None, "log/checkpoint")


@pytest.mark.parametrize(
    "name",
    [
        "log/checkpoint",
        "log/log.vkey",
        "checkpoints",
        "governance/charter.toml",
        "governance/acts/000001.json",
    ],
)
def test_a_directory_in_the_place_of_a_file_leaves_no_world_without_a_verdict(
    narrowgate: CommandLine, home: Path, name: str
) -> None:
    (home / "world" / name).unlink()
    (home / "world" / name).mkdir()
    code, told = inspected(narrowgate, "world")
    assert (code, told["verdict"]) == (14, "INVALID")
    assert any("not a regular file" in each["what"] for each in told["reasons"])


def test_cosignatures_of_witnesses_that_the_charter_does_not_name_are_not_looked_for(
    narrowgate: CommandLine, home: Path
) -> None:
    witness = NoteSigner.ed25519("witness", Ed25519PrivateKey.generate(), COSIGNATURE_V1)
    checkpoint = (home / "world/log/checkpoint").read_text()
    (home / "world/log/cosigned").write_text(cosign(checkpoint, witness, 1_800_000_000))
    assert inspected(narrowgate, "world")[0] == 0
