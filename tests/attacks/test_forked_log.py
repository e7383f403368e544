"""A custodian shows one history to one party and another one to the next: the witness cosigns only one of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from narrowgate.adapters.files.log_tiles import TileLog
from support.command_line import CommandLine, Result
from support.log_world import SIGNER, decided, item_leaves, received

GO_PROGRAM = Path(__file__).parents[1] / "go" / "cosignature.go"


@dataclass(frozen=True)
class Watched:
    """A log, one or two witnesses of it, and the command line."""

    narrowgate: CommandLine
    home: Path

    @property
    def log(self) -> Path:
        return self.home / "log"

    def grow(self, *leaves: bytes) -> None:
        with TileLog.open(self.log, SIGNER) as log:
            log.append(leaves)
            log.integrate()

    def request(self, old: int = 0) -> Path:
        path = self.home / "request"
        path.write_text(self.narrowgate("log", "request", self.log, "--old", old).out)
        return path

    def cosign(self, witness: str, request: Path) -> Result:
        return self.narrowgate("witness", "cosign", self.home / witness, request)

    def cosigned(self, *witnesses: str, old: int = 0) -> Result:
        """The log's checkpoint cosigned by each witness, added to the log."""
        request, files = self.request(old), []
        for name in witnesses:
            answered = self.home / f"{name}.cosignature"
            answered.write_text(self.cosign(name, request).out)
            files.append(answered)
        return self.narrowgate(
            "log", "cosign", self.log, *files, "--request", request, *self.keys(*witnesses)
        )

    def keys(self, *witnesses: str) -> list[object]:
        return [part for name in witnesses for part in ("--witness", self.home / name / "witness.vkey")]


@pytest.fixture
def watched(narrowgate: CommandLine, tmp_path: Path) -> Watched:
    with TileLog.create(tmp_path / "log", SIGNER) as log:
        log.append([received("p-1", 1), *item_leaves("p-1", 1), decided("p-1", 1, b"answers")])
        log.integrate()
    for name in ("oversight", "court"):
        made = narrowgate(
            *("witness", "init", tmp_path / name, "--name", f"{name}.test/witness"),
            *("--log-key", tmp_path / "log" / "log.vkey"),
        )
        assert made.out.startswith(f"{name}.test/witness+")
    return Watched(narrowgate, tmp_path)


def test_a_log_that_grows_is_cosigned_again_and_again(watched: Watched) -> None:
    assert "2 of 2 witnesses" in watched.cosigned("oversight", "court").out
    watched.grow(received("p-2", 1), *item_leaves("p-2", 1))
    assert watched.cosigned("oversight", old=3).code == 0
    verified = watched.narrowgate("log", "verify", watched.log, *watched.keys("oversight"))
    assert verified.code == 0, verified.err
    assert "The first 5 leaves are cosigned by 1 witness; the log continues them." in verified.out
    assert (
        json.loads(watched.narrowgate("witness", "status", watched.home / "oversight", "--json").out)["size"]
        == 5
    )


def test_a_gate_opens_a_cosigned_log(watched: Watched) -> None:
    watched.cosigned("oversight")
    watched.grow(b"one")
    assert (watched.log / "cosigned").exists()


def test_a_second_history_is_refused_and_both_checkpoints_are_kept(watched: Watched, tmp_path: Path) -> None:
    shutil.copytree(watched.log, tmp_path / "fork")
    watched.grow(b"one")
    watched.cosigned("oversight")
    with TileLog.open(tmp_path / "fork", SIGNER) as fork:
        fork.append([b"another", b"history"])
        fork.integrate()
    refused = watched.narrowgate("witness", "cosign", tmp_path / "oversight", "--log", tmp_path / "fork")
    assert (refused.code, refused.out) == (14, "")
    assert "fork" in refused.err
    evidence = next((tmp_path / "oversight" / "refused").iterdir()).read_text()
    for log in (watched.log, tmp_path / "fork"):
        assert (log / "checkpoint").read_text() in evidence
    assert "REFUSED" in watched.narrowgate("witness", "status", tmp_path / "oversight").out


def test_a_log_put_back_is_refused(watched: Watched, tmp_path: Path) -> None:
    shutil.copytree(watched.log, tmp_path / "older")
    watched.grow(b"one")
    watched.cosigned("oversight")
    refused = watched.narrowgate("witness", "cosign", tmp_path / "oversight", "--log", tmp_path / "older")
    assert (refused.code, refused.out) == (14, "")
    assert "rolled back" in refused.err


def test_a_proof_that_starts_elsewhere_is_not_believed(watched: Watched) -> None:
    watched.cosigned("oversight")
    watched.grow(b"one", b"two")
    for old in (0, 2, 4):
        refused = watched.cosign("oversight", watched.request(old))
        assert (refused.code, refused.out) == (13, "")
        assert "--old 3" in refused.err


def test_every_damage_of_a_request_is_refused(watched: Watched) -> None:
    watched.cosigned("oversight")
    watched.grow(b"one", b"two")
    request = watched.request(3)
    whole = request.read_bytes()
    for position in range(len(whole)):
        request.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        refused = watched.cosign("oversight", request)
        assert (refused.code in {4, 13, 14}, refused.out) == (True, ""), position
    request.write_bytes(whole)
    assert watched.cosign("oversight", request).code == 0


def test_a_cosignature_of_a_stranger_or_of_another_checkpoint_is_not_added(
    watched: Watched, tmp_path: Path
) -> None:
    request = watched.request()
    answered = tmp_path / "cosignature"
    answered.write_text(watched.cosign("oversight", request).out)
    stranger = watched.narrowgate(
        "log", "cosign", watched.log, answered, "--request", request, *watched.keys("court")
    )
    assert stranger.code == 13
    watched.grow(b"one")
    later = watched.request(3)
    other = watched.narrowgate(
        "log", "cosign", watched.log, answered, "--request", later, *watched.keys("oversight")
    )
    assert other.code == 13
    assert not (watched.log / "cosigned").exists()


def test_a_quorum_that_is_not_met_is_said(watched: Watched) -> None:
    both = watched.keys("oversight", "court")
    assert watched.narrowgate("log", "verify", watched.log, *both).code == 13
    watched.cosigned("oversight")
    refused = watched.narrowgate("log", "verify", watched.log, *both)
    assert refused.code == 13
    assert "1 of the 2 cosignatures" in refused.err
    assert watched.narrowgate("log", "verify", watched.log, *both, "--quorum", 1).code == 0


def test_a_witness_made_before_the_log_watches_one_log_and_no_other(watched: Watched, tmp_path: Path) -> None:
    key = ("--log-key", watched.log / "log.vkey")
    assert watched.narrowgate("witness", "init", tmp_path / "early", "--name", "early.test/w").code == 0
    assert watched.cosign("early", watched.request()).code == 2
    assert watched.narrowgate("witness", "watch", tmp_path / "early", *key).code == 0
    assert watched.cosign("early", watched.request()).code == 0
    assert watched.narrowgate("witness", "watch", tmp_path / "early", *key).code == 2


def test_a_witness_is_not_made_over_another_one(watched: Watched) -> None:
    again = watched.narrowgate(
        *("witness", "init", watched.home / "court", "--name", "x", "--log-key", watched.log / "log.vkey")
    )
    assert again.code == 2


@pytest.fixture(scope="module")
def verify_in_go(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The Go program, built from our source with Debian's packages, without a network."""
    if shutil.which("go") is None or not Path("/usr/share/gocode/src/golang.org/x/mod").is_dir():
        pytest.skip(
            "Go or golang-golang-x-mod-dev is not installed: cosignatures are not verified by a second program"
        )
    home = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(home / "cache"),
        "GOFLAGS": "",
        "GOPROXY": "off",
    }
    built = home / "cosignature"
    subprocess.run(
        ["go", "build", "-o", built, GO_PROGRAM],
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return lambda *arguments: subprocess.run(
        [built, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


def test_go_verifies_log_and_cosignatures(
    watched: Watched, verify_in_go: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    watched.cosigned("oversight", "court")
    keys = [(tmp_path / name / "witness.vkey").read_text().strip() for name in ("oversight", "court")]
    note = watched.log / "cosigned"
    arguments = [note, SIGNER.key, *keys]
    assert verify_in_go(*arguments).stdout == "3 signatures verified\n"
    changed = tmp_path / "changed"
    changed.write_text(note.read_text().replace("\n3\n", "\n4\n"))
    assert verify_in_go(changed, *arguments[1:]).returncode == 1
