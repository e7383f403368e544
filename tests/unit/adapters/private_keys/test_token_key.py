"""What goes wrong with a token: each error says what happened and what to do, and no PIN is ever in it."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from narrowgate.adapters.private_keys import tokens
from narrowgate.adapters.private_keys.inventory import held_tokens
from narrowgate.adapters.private_keys.resolve import open_opening_key, open_signing_key, read_certificates
from narrowgate.adapters.private_keys.tokens import wrong_pin
from narrowgate.adapters.signing.certificates import save_certificates
from narrowgate.core.base.errors import ConfigurationError, NarrowgateError, OperationalError
from support.failing_module import (
    CKR_DEVICE_REMOVED,
    CKR_FUNCTION_FAILED,
    CKR_PIN_EXPIRED,
    CKR_PIN_LOCKED,
    failing,
)
from support.softhsm import PIN, Card, Drawer, drawer, signing_usage

DATA = b"what is signed"


def typed(_: str) -> str:
    return PIN


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawer]:
    with drawer(tmp_path_factory.mktemp("cards")) as cards:
        yield cards


@pytest.fixture(scope="module")
def card(cards: Drawer) -> Card:
    """As a PIV card: a key in 9C, which asks twice, and one in 9D; beside them some that are out of order."""
    card = cards.card("first card")
    card.add("SIGN key", b"\x02", "p256", always=True)
    card.add("KEY MAN key", b"\x03", "p256", opens=True)
    card.add("twin", b"\x07", "p256", certified=False)
    card.add("twin", b"\x08", "p256", certified=False)
    card.add("mute", b"\x09", "p256", certified=False, sign=False)
    return card


def test_the_uri_of_a_card_with_one_key_for_each_use_is_enough(card: Card) -> None:
    assert open_signing_key(card.uri(), None, typed).sign(DATA)
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert len(open_opening_key(card.uri(), None, typed).agree(point)) == 32


def test_a_uri_made_for_the_private_key_finds_its_certificate(card: Card) -> None:
    assert read_certificates(
        card.uri(object="some%20other%20label", id="%02", type="private")
    ) == read_certificates(card.uri(object="SIGN%20key"))


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("pkcs11:token=no%20such%20card?module-path=MODULE", "No token fits"),
        ("pkcs11:token=first%20card;object=nothing?module-path=MODULE", "no certificate that fits"),
        ("pkcs11:token=first%20card?module-path=/nowhere/module.so", "module is missing"),
        ("pkcs11:token=first%20card?module-path=/etc/hostname", "no PKCS#11 module"),
        ("pkcs11:token=first%20card?module-path=module.so", "cannot be used"),
        ("pkcs11:token=first%20card;pin-value=1234?module-path=MODULE", "holds a PIN"),
        ("pkcs11:token=first%20card?module-path=MODULE&pin-value=1234", "holds a PIN"),
    ],
)
def test_what_a_uri_does_not_find_is_said_with_what_to_do(card: Card, uri: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what) as caught:
        open_signing_key(uri.replace("MODULE", str(card.module)), None, typed)
    assert caught.value.next_step
    assert "1234" not in str(caught.value)


def test_of_two_tokens_of_one_label_none_is_taken_by_guessing(cards: Drawer, card: Card) -> None:
    one, _ = cards.card("twins"), cards.card("twins")
    with pytest.raises(ConfigurationError, match="Several tokens"):
        open_signing_key(one.uri(), None, typed)


def test_of_two_keys_none_is_taken_by_guessing(card: Card, tmp_path: Path) -> None:
    certificate = _some_certificate(card, tmp_path)
    with pytest.raises(ConfigurationError, match="Several private keys"):
        open_signing_key(card.uri(object="twin"), certificate, typed).sign(DATA)


def test_a_key_that_is_not_there_is_said(card: Card, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such private key"):
        open_signing_key(card.uri(object="gone"), _some_certificate(card, tmp_path), typed).sign(DATA)


def test_a_key_that_may_not_sign_does_not(card: Card) -> None:
    with pytest.raises(ConfigurationError, match="does not allow the key to sign"):
        open_signing_key(card.uri(object="KEY%20MAN%20key"), None, typed).sign(DATA)
    with pytest.raises(ConfigurationError, match="does not allow the key to derive"):
        open_opening_key(card.uri(object="SIGN%20key"), None, typed).agree(
            ec.generate_private_key(ec.SECP256R1()).public_key()
        )


def test_a_wrong_pin_says_that_the_token_counts(card: Card) -> None:
    key = open_signing_key(card.uri(object="SIGN%20key"), None, lambda _: "000000")
    with pytest.raises(ConfigurationError, match="PIN is wrong") as caught:
        key.sign(DATA)
    assert "000000" not in f"{caught.value} {caught.value.__cause__!r}"
    assert "few wrong ones" in caught.value.why
    assert open_signing_key(card.uri(object="SIGN%20key"), None, typed).sign(DATA)


@pytest.mark.parametrize(
    ("flags", "said"),
    [(0, "does not say"), (0x10000, "few wrong ones"), (0x20000, "One try is left"), (0x40000, "too often")],
)
def test_the_tries_that_are_left_are_said_as_far_as_the_token_tells(
    card: Card, flags: int, said: str
) -> None:
    assert said in wrong_pin(flags, "pkcs11:", "signed").why


def test_nothing_typed_costs_no_try(card: Card) -> None:
    with pytest.raises(ConfigurationError, match="No PIN was typed"):
        open_signing_key(card.uri(object="SIGN%20key"), None, lambda _: "").sign(DATA)


def test_where_nobody_can_be_asked_the_token_is_left_alone(card: Card) -> None:
    with pytest.raises(ConfigurationError, match="nobody can be asked"):
        open_signing_key(card.uri(object="SIGN%20key"), None, None).sign(DATA)


@pytest.mark.parametrize(
    ("function", "code", "error", "what"),
    [
        ("C_Login", CKR_PIN_LOCKED, ConfigurationError, "locked"),
        ("C_Login", CKR_PIN_EXPIRED, ConfigurationError, "no PIN that holds"),
        ("C_Login", CKR_DEVICE_REMOVED, OperationalError, "taken out"),
        ("C_SignInit", CKR_DEVICE_REMOVED, OperationalError, "taken out"),
        ("C_Sign", CKR_DEVICE_REMOVED, OperationalError, "taken out"),
        ("C_Sign", CKR_FUNCTION_FAILED, OperationalError, "failed"),
    ],
)
def test_a_token_that_fails_on_the_way_signs_nothing_and_says_so(
    card: Card, function: str, code: int, error: type[NarrowgateError], what: str
) -> None:
    key = open_signing_key(card.uri(object="SIGN%20key"), None, typed)
    with failing(card.module, function, code), pytest.raises(error, match=what) as caught:
        key.sign(DATA)
    assert caught.value.next_step
    assert PIN not in str(caught.value)
    assert key.sign(DATA)


def test_a_pin_comes_from_a_file_of_its_owner_alone_and_from_no_environment(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "pin"
    source.write_text(f"{PIN}\n")
    source.chmod(0o600)
    uri = card.uri(object="SIGN%20key")
    assert open_signing_key(f"{uri}&pin-source=file:{source}", None, None).sign(DATA)
    source.chmod(0o644)
    with pytest.raises(ConfigurationError, match="Others than its owner"):
        open_signing_key(f"{uri}&pin-source=file:{source}", None, None).sign(DATA)
    monkeypatch.setenv("CARD_PIN", PIN)
    with pytest.raises(ConfigurationError, match="file or from the keyboard"):
        open_signing_key(f"{uri}&pin-source=env:CARD_PIN", None, None).sign(DATA)
    with pytest.raises(ConfigurationError, match="file or from the keyboard"):
        open_signing_key(f"{uri}&pin-source=|cat%20/pin", None, None).sign(DATA)


def test_the_pin_is_in_no_log_no_environment_and_no_process_list(
    card: Card, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def ask(_: str) -> str:
        seen.append(subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout)
        return PIN

    with caplog.at_level(logging.DEBUG):
        key = open_signing_key(card.uri(object="SIGN%20key"), None, ask)
        key.sign(DATA)
    assert len(seen) == 1
    held = repr(vars(key)) + caplog.text + repr(dict(os.environ)) + seen[0]
    assert PIN not in held


def test_the_list_of_a_module_gives_uris_that_work_as_they_are(card: Card) -> None:
    held = {each.label: each for each in held_tokens(str(card.module), None)}
    uses = {each.label: each for each in held["first card"].keys}
    assert (uses["SIGN key"].use, uses["KEY MAN key"].use) == ("signs", "opens answers")
    assert uses["SIGN key"].kind == "P-256"
    assert open_signing_key(uses["SIGN key"].uri, None, typed).sign(DATA)
    assert "twin" not in uses


def test_after_a_login_the_list_shows_private_keys_without_a_certificate(cards: Drawer, card: Card) -> None:
    listed = [each for each in held_tokens(str(card.module), typed) if each.label == "first card"]
    assert sorted(held.label for held in listed[0].keys) == [
        "KEY MAN key",
        "SIGN key",
        "mute",
        "twin",
        "twin",
    ]


def test_without_a_module_the_usual_ones_are_looked_for_and_their_lack_is_said(
    card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_USUAL_MODULES", ("no-such-module.so",))
    with pytest.raises(ConfigurationError, match="No PKCS#11 module is named"):
        held_tokens(None, None)
    with pytest.raises(ConfigurationError, match="No PKCS#11 module is named"):
        open_signing_key("pkcs11:token=first%20card", None, typed)
    monkeypatch.setattr(tokens, "_USUAL_MODULES", (str(card.module),))
    assert open_signing_key("pkcs11:token=first%20card", None, typed).sign(DATA)


def _some_certificate(card: Card, tmp_path: Path) -> Path:
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    save_certificates(tmp_path / "some.pem", [card.root.certify("x", public_key, card.now, signing_usage())])
    return tmp_path / "some.pem"
