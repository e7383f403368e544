"""The state's database is named in gate.toml, or by a variable or file where its URL has a password."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import pytest

from support.command_line import CommandLine
from support.sandbox_files import SANDBOX, base_files

PASSWORD = "hunter-two-and-more"  # a made-up one: it must be in no message


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("state")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert CommandLine(patch, None)(*SANDBOX.split()).code == 0
    return home / "world"


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "world"
    shutil.copytree(made, copy)
    return copy


def name_state(world: Path, state: str) -> None:
    settings = world / "gate.toml"
    settings.write_text(settings.read_text().replace('state = "state.sqlite"', f'state = "{state}"'))


def hold(narrowgate: CommandLine, world: Path) -> tuple[int, str]:
    """Exit code and message of a command that opens log and state and nothing else."""
    result = narrowgate("state", "rebuild", "--config", world)
    return result.code, result.err


def test_a_variable_or_a_file_holds_the_url(
    narrowgate: CommandLine, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{world / 'state.sqlite'}"
    monkeypatch.setenv("STATE_URL", url)
    name_state(world, "env:STATE_URL")
    assert narrowgate("doctor", "--config", world).code == 0
    (world / "state.url").write_text(url + "\n")
    (world / "state.url").chmod(0o600)
    settings = world / "gate.toml"
    settings.write_text(settings.read_text().replace("env:STATE_URL", "file:state.url"))
    assert narrowgate("doctor", "--config", world).code == 0
    assert not list(world.glob("env:*"))
    assert not list(world.glob("file:*"))


def test_a_variable_that_is_not_set_makes_no_file_of_its_name(narrowgate: CommandLine, world: Path) -> None:
    name_state(world, "env:NO_SUCH_STATE_URL")
    code, message = hold(narrowgate, world)
    assert (code, "not set" in message) == (4, True)
    assert not list(world.glob("env:*"))


def test_a_file_that_others_can_read_holds_no_url(narrowgate: CommandLine, world: Path) -> None:
    (world / "state.url").write_text("sqlite:////nowhere\n")
    (world / "state.url").chmod(0o644)
    name_state(world, "file:state.url")
    code, message = hold(narrowgate, world)
    assert (code, "chmod 600" in message) == (4, True)


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        (f"mysql://gate:{PASSWORD}@localhost/gate", 4, "does not know"),
        (f"postgres://gate:{PASSWORD}@localhost/gate", 4, "does not know"),
        (f"postgresql+nothing://gate:{PASSWORD}@localhost/gate", 4, "no driver"),
        (f"postgresql+psycopg://gate:{PASSWORD}@localhost:port/gate", 4, "not understood"),
        (f"postgresql+psycopg://gate:{PASSWORD}@127.0.0.1:1/gate", 1, "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_used_is_an_error_of_ours_without_the_password(
    url: str, code: int, said: str, narrowgate: CommandLine, world: Path
) -> None:
    pytest.importorskip("psycopg")
    name_state(world, url)
    found, message = hold(narrowgate, world)
    assert (found, said in message) == (code, True), message
    assert PASSWORD not in message
    assert "Internal error" not in message
    doctor = narrowgate("doctor", "--config", world)
    assert doctor.code == 1
    assert PASSWORD not in doctor.out + doctor.err


def test_postgresql_that_does_not_let_the_gate_in_gives_no_password_away(
    narrowgate: CommandLine, world: Path, postgresql: Path
) -> None:
    socket = quote(str(postgresql), safe="")
    name_state(world, f"postgresql+psycopg://stranger:{PASSWORD}@/postgres?host={socket}")
    code, message = hold(narrowgate, world)
    assert (code, "cannot be reached" in message) == (1, True), message
    assert PASSWORD not in message
