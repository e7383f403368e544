"""Attack: a pipe that nobody writes to, or a device that never ends, in the place of a file (issue 9)."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.core.base.canonical_json import canonical_bytes
from support.attacked_world import AttackedWorld
from support.sandbox_files import OPEN

ENDLESS = 10
"""Seconds: ten times what a command takes on a busy machine."""

RUN = "gate run signed --config world"
LOG = "log verify world"
BUILD_INDEX = (
    "index build records.csv new --mapping mapping.toml --key file:world/keys/index.key --as-of 2026-01-01"
)
INDEX = "index verify world/index"
OFFICERS = "officers check world/officers/officers.csv --config world"
INPUTS = {
    "cases.csv": "case lint cases.csv --agreement world/agreement.toml",
    "world/agreement.toml": "case lint cases.csv --agreement world/agreement.toml",
    "records.csv": BUILD_INDEX,
    "mapping.toml": BUILD_INDEX,
    "world/keys/index.key": RUN,
    "world/keys/history.key": RUN,
    "world/keys/commitment.key": RUN,
    "world/keys/log.key": RUN,
    "world/governance/root.pem": RUN,
    "world/governance/trust-root.pem": RUN,
    "world/governance/charter.toml": RUN,
    "world/governance/acts/000001.json": RUN,
    "world/gate.toml": RUN,
    "world/index/manifest.json": INDEX,
    "world/index/tokens/0000-0000.parquet": INDEX,
    "world/officers/officers.csv": OFFICERS,
    "world/officers/1.pem": OFFICERS,
    "world/log/checkpoint": LOG,
    "world/log/log.vkey": LOG,
    "world/officers/1.key.pem": OPEN,
    "world/keys/secretary_of_homeland_security.key.pem": (
        "package sign signed --key world/keys/secretary_of_homeland_security.key.pem"
        " --certificate world/keys/secretary_of_homeland_security.pem"
    ),
}
ANSWER_FILES = ["answers.json", "answers.tlog-proof", "receipt.json", "refusals.ndjson"]


@pytest.fixture(autouse=True)
def no_command_waits() -> Iterator[None]:
    """A command that waits for what never comes is stopped, and fails."""

    def stop(*_: object) -> None:
        pytest.fail("the command waits")

    before = signal.signal(signal.SIGALRM, stop)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def put(kind: str, path: Path) -> None:
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path.symlink_to("/dev/zero")


def answers(world: AttackedWorld) -> Path:
    (released,) = (world.home / "world" / "answers").iterdir()
    return released


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", INPUTS)
def test_a_command_never_waits_for_an_input_that_is_no_file(
    name: str, kind: str, world: AttackedWorld
) -> None:
    world.package("signed")
    command = INPUTS[name].replace("{answers}", str(answers(world)))
    put(kind, world.home / name)
    signal.alarm(ENDLESS)
    result = world.narrowgate(*command.split())
    assert result.code in {1, 2, 4, 12, 13, 14}
    assert (result.out, "Internal error" in result.err) == ("", False)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_no_manifest_makes_an_index_of_what_is_no_file(kind: str, world: AttackedWorld) -> None:
    described = Path("world/index/manifest.json")
    manifest = json.loads(described.read_bytes())
    manifest["files"][0]["bytes"] = 0
    described.write_bytes(canonical_bytes(manifest))
    put(kind, Path("world/index") / manifest["files"][0]["path"])
    signal.alarm(ENDLESS)
    assert world.narrowgate(*INDEX.split()).code == 1


@pytest.mark.parametrize(
    "path",
    ["manifest.json", "tokens/../manifest.json", "tokens", "tokens/a/b.parquet", "guards/../a.parquet"],
)
def test_no_manifest_names_a_data_file_where_no_build_puts_one(path: str, world: AttackedWorld) -> None:
    described = Path("world/index/manifest.json")
    manifest = json.loads(described.read_bytes())
    manifest["files"][0]["path"] = path
    described.write_bytes(canonical_bytes(manifest))
    result = world.narrowgate(*INDEX.split())
    assert (result.code, "manifest of the index is damaged" in result.err) == (1, True)


def test_a_command_without_a_free_descriptor_says_so_and_nothing_of_its_inside(world: AttackedWorld) -> None:
    line = f"ulimit -n 5; {shlex.quote(sys.executable)} -m narrowgate {OFFICERS}"
    done = subprocess.run(["bash", "-c", line], cwd=world.home, capture_output=True, text=True, check=False)
    assert (done.returncode, "Too many files are open" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_no_trace_waits_for_its_index(kind: str, world: AttackedWorld) -> None:
    package = next(Path("world/answers").iterdir()).name
    Path("leaves.index").touch()
    put(kind, Path("leaves.index"))
    signal.alarm(ENDLESS)
    traced = world.narrowgate("inspector", "trace", "world", f"{package}:1", "--index", "leaves.index")
    assert traced.code == 2, traced.err


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", ANSWER_FILES)
def test_no_reader_of_answers_waits_for_what_is_no_file(name: str, kind: str, world: AttackedWorld) -> None:
    put(kind, answers(world) / name)
    signal.alarm(ENDLESS)
    assert world.narrowgate(*LOG.split()).code in {1, 13, 14}
    signal.alarm(ENDLESS)
    opened = world.narrowgate(*OPEN.replace("{answers}", str(answers(world))).split())
    assert opened.code in {12, 13} or name in {"receipt.json", "refusals.ndjson"}
