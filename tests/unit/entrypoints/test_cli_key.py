"""``narrowgate key`` and cards at the command line: listed, named by a URI, their PIN typed unseen."""

from __future__ import annotations

import json
import os
import pty
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from narrowgate.adapters.signing.certificates import (
    load_certificates,
    load_key,
    public_key_sha256,
    save_certificates,
)
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.shown import require_shown
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import EnvelopeError
from support.command_line import CommandLine
from support.sandbox_acts import put_in_force
from support.sandbox_files import BUILD, GATE, SANDBOX, SIGN, base_files
from support.softhsm import PIN, Authority, Card, drawer


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Card]:
    with drawer(tmp_path / "cards") as cards:
        card = cards.card("card of the secretary")
        card.add("SIGN key", b"\x02", "rsa", always=True)
        yield card


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine) -> Path:
    monkeypatch.chdir(tmp_path)
    base_files(tmp_path)
    assert narrowgate(*SANDBOX.split()).code == 0
    assert narrowgate(*BUILD.split()).code == 0
    return tmp_path


def test_a_card_is_listed_and_its_digest_printed_without_a_pin(narrowgate: CommandLine, card: Card) -> None:
    listed = json.loads(narrowgate("key", "list", "--module", card.module, "--json").out)
    held = {each["label"]: each for each in listed["tokens"]}["card of the secretary"]["keys"]
    assert [each["use"] for each in held] == ["signs"]
    digest = json.loads(narrowgate("key", "digest", held[0]["uri"], "--json").out)
    assert digest["public_key_sha256"] == held[0]["public_key_sha256"]
    text = narrowgate("key", "list", "--module", card.module).out
    assert held[0]["uri"] in text


def test_a_module_that_is_none_is_said(narrowgate: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "module.so").write_bytes(b"not a library")
    result = narrowgate("key", "list", "--module", tmp_path / "module.so")
    assert result.code == 4
    assert "no PKCS#11 module" in result.err


def test_a_package_is_signed_with_a_card_after_it_was_shown_and_the_pin_typed_unseen(
    home: Path, card: Card
) -> None:
    arguments = ["package", "sign", "package-2", "--key", card.uri(), "--yes"]
    code, screen = _at_a_terminal([sys.executable, "-m", "narrowgate", *arguments], PIN)
    assert code == 0, screen
    assert screen.index("attest") < screen.index("PIN of the token")
    assert PIN not in screen
    signature = (home / "package-2" / "manifest.json.p7s").read_bytes()
    manifest = (home / "package-2" / "manifest.json").read_bytes()
    certificate = _certificate(home, card)
    signer = verify_detached(
        manifest, signature, Trust(card.root.certificate, None), card.now_later(), {certificate}
    )
    shown = (home / "package-2" / "shown.txt").read_text()
    require_shown(signer.shown_sha256, shown)
    with pytest.raises(EnvelopeError, match="another text"):
        require_shown(signer.shown_sha256, shown.replace("4", "5"))


@pytest.mark.parametrize("kind", ["rsa", "p384"])
def test_an_officer_opens_answers_with_a_card(
    home: Path, narrowgate: CommandLine, card: Card, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    keys = home / "world" / "keys"
    root = Authority(load_key(keys / "root.key.pem"), load_certificates(keys / "root.pem")[0])
    certificate = replace(card, root=root).add("KEY MAN key", b"\x03", kind, opens=True)
    save_certificates(home / "world" / "officers" / "1.pem", [certificate])
    put_in_force(home / "world", "register")
    assert narrowgate(*SIGN.split()).code == 0
    result = narrowgate(*GATE.split())
    assert result.code == 0, result.err
    manifest = json.loads((home / "package-2" / "manifest.json").read_bytes())
    answers = home / "world" / "answers" / manifest["package_id"]
    asked: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda question, **_: asked.append(question) or PIN)
    log_key = ("--log-key", "world/log/log.vkey")
    opened = narrowgate(
        "answers", "open", answers, "--key", card.uri(id="%03"), *log_key, "--acknowledge", "--csv"
    )
    assert opened.code == 0, opened.err
    assert opened.out.startswith("row,item,outcome,findings")
    assert [question.split(",")[-1] for question in asked] == [" to open what is sealed to it: "]


def test_without_a_terminal_no_pin_is_read_and_nothing_signed(
    home: Path, narrowgate: CommandLine, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_terminal(*_: object, **__: object) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", no_terminal)
    result = narrowgate("package", "sign", "package-2", "--key", card.uri(), "--yes")
    assert result.code == 2
    assert "typed at a terminal" in result.err
    assert not (home / "package-2" / "manifest.json.p7s").exists()


def _certificate(home: Path, card: Card) -> str:
    from narrowgate.adapters.private_keys.resolve import read_certificates

    certificate = read_certificates(card.uri())[0]
    save_certificates(home / "card.pem", [certificate])
    return public_key_sha256(certificate)


def _at_a_terminal(command: list[str], typed: str) -> tuple[int, str]:
    """Run the command with a terminal of its own and type the answer to its question for a PIN."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)  # noqa: S606
    screen, answered, deadline = b"", False, time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        screen += piece
        if not answered and b"PIN of the token" in screen and screen.rstrip().endswith(b":"):
            os.write(terminal, typed.encode() + b"\n")
            answered = True
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), screen.decode()


def test_ctrl_c_at_the_pin_ends_the_command_and_signs_nothing(home: Path, card: Card) -> None:
    arguments = ["package", "sign", "package-2", "--key", card.uri(), "--yes"]
    code, screen = _at_a_terminal([sys.executable, "-m", "narrowgate", *arguments], "\x03")
    assert code == 130, screen
    assert not (home / "package-2" / "manifest.json.p7s").exists()
