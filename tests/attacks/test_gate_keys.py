"""Attack: keys that others can read, one key for two purposes, and keys opened for a package that nobody signed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.attacked_world import AttackedWorld

KEYS = ["index.key", "history.key", "commitment.key"]


def directory(world: AttackedWorld) -> Path:
    return world.home / "world" / "keys"


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604])
@pytest.mark.parametrize("name", [*KEYS, "log.key"])
def test_a_key_that_others_can_read_or_change_is_not_used(name: str, mode: int, world: AttackedWorld) -> None:
    world.package("signed")
    (directory(world) / name).chmod(mode)
    code, message = world.gate("signed")
    assert (code, name in message, "Others than its owner" in message) == (4, True, True)
    (directory(world) / name).chmod(0o600)
    world.next_honest_package_is_answered()


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_one_key_for_two_purposes_is_refused(one: int, other: int, world: AttackedWorld) -> None:
    world.package("signed")
    shutil.copyfile(directory(world) / KEYS[one], directory(world) / KEYS[other])
    code, message = world.gate("signed")
    assert (code, "the same key" in message) == (4, True)
    assert world.narrowgate("doctor", "--config", "world").code == 1


@pytest.mark.parametrize("content", [bytes(32), b"00" * 32 + b"\n"], ids=["raw", "hexadecimal"])
def test_zeros_are_no_key(content: bytes, world: AttackedWorld) -> None:
    """A power cut leaves a file of zeros where its bytes did not reach the disk."""
    world.package("signed")
    key = directory(world) / "index.key"
    key.write_bytes(content)
    build = "index build records.csv new --mapping mapping.toml --key file:world/keys/index.key --as-of 2026-01-01"
    built = world.narrowgate(*build.split())
    assert (built.code, "all zeros" in built.err, Path("new").exists()) == (4, True, False)
    code, message = world.gate("signed")
    assert (code, "all zeros" in message) == (4, True)


@pytest.mark.parametrize("name", KEYS)
def test_no_key_is_opened_for_a_package_that_nobody_signed_or_that_is_refused_whole(
    name: str, world: AttackedWorld
) -> None:
    """A key that is not there would be missed as soon as somebody opened it."""
    package = world.package("signed")
    signature = package / "manifest.json.p7s"
    kept = signature.read_bytes()
    signature.write_bytes(kept[:-1])
    (directory(world) / name).rename("away")
    assert world.gate("signed")[0] == 12
    signature.write_bytes(kept)
    assert world.hold().code == 0
    assert world.gate("signed")[0] == 11
    assert world.lift().code == 0
    assert world.gate("signed")[0] == 4
    Path("away").rename(directory(world) / name)
    assert world.gate("signed")[0] == 0


SECRET = "5b" * 32
CONNECTION = "postgresql+psycopg://gate:QXZJV-canary@server/narrowgate"


@pytest.mark.parametrize(
    "written", [f"env:{SECRET}", f"file:{SECRET}", "env:QXZJV-canary", "file:a\\u0000QXZJV"]
)
def test_a_secret_written_where_its_place_belongs_is_not_repeated(written: str, world: AttackedWorld) -> None:
    world.package("signed")
    settings = world.home / "world" / "gate.toml"
    settings.write_text(settings.read_text().replace("file:keys/index.key", written))
    code, message = world.gate("signed")
    assert (code, "It is not repeated here" in message) == (4, True), message
    assert SECRET not in message
    assert "QXZJV" not in message


@pytest.mark.parametrize("scheme", ["env", "file"])
def test_nor_is_a_connection_string(scheme: str, world: AttackedWorld) -> None:
    world.package("signed")
    settings = world.home / "world" / "gate.toml"
    settings.write_text(
        settings.read_text().replace('state = "state.sqlite"', f'state = "{scheme}:{CONNECTION}"')
    )
    code, message = world.gate("signed")
    assert (code, "QXZJV" in message) == (4, False), message
