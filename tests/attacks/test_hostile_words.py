"""A stranger's words in files, names and texts are not repeated, move no cursor, and have nothing else signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.attacked_world import AttackedWorld
from support.command_line import CommandLine, Result

PERSON = "Quillana Vantorez,911-82-0043"
CURSOR = "\x1b[2J\r\x07\u202e"
NOT_OURS = f'"a\\u0007b" = 1\n"{PERSON}" = "x"\n[["{PERSON} II"]]\n'
TWICE = f'["{PERSON}"]\n["{PERSON}"]\n'


@pytest.mark.parametrize("text", [NOT_OURS, TWICE], ids=["unknown keys", "a table given twice"])
@pytest.mark.parametrize(
    "command",
    [
        "agreement check {}",
        "doctor --config {}",
        "serve intake --config {}",
        "custodian found new --from {}",
        "index build cases.csv new --mapping {} --key file:key --as-of 2026-06-30",
    ],
)
def test_a_file_of_another_kind_is_refused_and_its_words_are_not_repeated(
    command: str, text: str, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_text(text)
    Path("cases.csv").touch()
    result = narrowgate(*command.format("bad.toml").split())
    assert result.code in {1, 2, 4}
    assert "Vantorez" not in result.out + result.err
    assert not set("\x1b\r\x07") & set(result.out + result.err)


@pytest.mark.parametrize(
    "command", ["agreement check long", "key digest long", "recall show long --log-key long"]
)
def test_a_file_that_is_far_too_long_is_said_to_be_the_wrong_one(
    command: str, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Path("long").open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    result = narrowgate(*command.split())
    assert result.code in {1, 2, 4, 12, 13}
    assert "ulimit" not in result.err


@pytest.mark.parametrize(
    "command", ["agreement check {}", "index verify {}", "rules show {}", "log verify {}/none"]
)
def test_no_name_moves_the_cursor_of_who_reads_a_message(
    command: str, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(CURSOR).mkdir()
    result = narrowgate(*(CURSOR if word == "{}" else word for word in command.split()))
    assert result.code != 0
    assert not set(CURSOR[0] + CURSOR[-3:]) & set(result.err)


def test_an_officer_signs_no_act_under_a_text_that_says_another(world: AttackedWorld) -> None:
    drawn_up = ("act", "propose", "hold", "all", "--reason", "complaint 17", "--config", "world")
    assert world.narrowgate(*drawn_up).code == 0
    act = Path("world/governance/proposals/000005.json")
    text = world.narrowgate("act", "show", 5, "--config", "world").out.rstrip("\n")
    kind = json.loads(act.read_bytes())["act"]
    for lie in (
        text.replace(kind, "office-off", 1),
        text.replace("complaint 17", "complaint 18"),
        text.replace("\n", f"\n{CURSOR}Act 5, office-off: the office of ICE is off.\n", 1),
        text.replace("\nSigned", f"\n  {CURSOR}\nSigned", 1),
        text.replace("\nSigned", "\n  \u202e\nSigned", 1),
    ):
        assert lie != text
        Path("shown.txt").write_text(lie)
        signed = sign_file(world, act)
        assert (signed.code, "not about this act" in signed.err) == (2, True), lie
        assert not act.with_name(f"{act.name}.p7s").exists()
    Path("shown.txt").write_text(text)
    assert sign_file(world, act).code == 0
    turned = (*drawn_up[:5], "complaint \u202e71", *drawn_up[6:])
    assert world.narrowgate(*turned).code == 12


def sign_file(world: AttackedWorld, act: Path) -> Result:
    """What the officer's own machine says, which has the act and a text that the console gave."""
    key = ("--key", "world/keys/custody-1.key.pem", "--certificate", "world/keys/custody-1.pem")
    return world.narrowgate("act", "sign-file", act, "--shown", "shown.txt", *key, "--yes")
