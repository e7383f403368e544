"""Signed notes: read as the reference implementation writes them, and in no other spelling."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.base.errors import ConfigurationError, ProofError
from narrowgate.core.log.note import (
    COSIGNATURE_V1,
    Note,
    NoteSignature,
    NoteSigner,
    VerifierKey,
    decode_base64,
    encode_base64,
    parse_note,
    sign_note,
    verify_note,
)

REFERENCE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
REFERENCE_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example of golang.org/x/mod/sumdb/note, whose format C2SP signed-note specifies."""

SIGNER = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOTE = str(sign_note("one line\n", SIGNER))


def test_the_reference_note_verifies_with_the_reference_key() -> None:
    note = verify_note(REFERENCE_NOTE, VerifierKey.parse(REFERENCE_KEY))
    assert note.text.endswith("what your problem is.\n")
    assert str(note) == REFERENCE_NOTE


def test_a_verifier_key_reads_back_from_its_text() -> None:
    assert VerifierKey.parse(str(SIGNER.key)) == SIGNER.key
    witness = VerifierKey("witness.test", bytes(32), COSIGNATURE_V1)
    assert VerifierKey.parse(str(witness)) == witness


def test_every_changed_byte_of_a_note_is_found() -> None:
    data = NOTE.encode()
    for position in range(len(data)):
        for bit in (1, 4, 128):
            changed = bytearray(data)
            changed[position] ^= bit
            with pytest.raises((ProofError, UnicodeDecodeError)):
                verify_note(changed.decode(), SIGNER.key)


def test_every_changed_character_of_a_verifier_key_is_found() -> None:
    text = str(SIGNER.key)
    for position, character in enumerate(text):
        changed = text[:position] + chr(ord(character) ^ 1) + text[position + 1 :]
        with pytest.raises(ConfigurationError):
            VerifierKey.parse(changed)


@pytest.mark.parametrize("text", ["", "name", "name+00000000", "name+00000000+", "name+00000000+AA=="])
def test_a_text_that_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\tb", "a\u2003b", "a\nb"])
def test_a_key_name_has_no_spaces_plus_or_control_characters(name: str) -> None:
    with pytest.raises(ConfigurationError):
        VerifierKey(name, bytes(32))


def test_a_key_is_an_ed25519_key() -> None:
    with pytest.raises(ConfigurationError):
        VerifierKey("name", bytes(31))
    with pytest.raises(ConfigurationError):
        VerifierKey("name", bytes(32), 0x02)


def test_a_spare_bit_of_base64_is_found() -> None:
    """Four spellings decode to the same byte in a lenient decoder."""
    assert decode_base64("AA==") == b"\0"
    for other in ("AB==", "AC==", "AP=="):
        with pytest.raises(ProofError):
            decode_base64(other)


@pytest.mark.parametrize("text", ["AA", "AA=", "A A==", "AA==\n", "AA==AA==", "é", "_-=="])
def test_only_standard_base64_is_read(text: str) -> None:
    with pytest.raises(ProofError):
        decode_base64(text)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "\n\n— a AAAAAAA=\n",
        "text\n\n— a AAAAAAA=",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n— a\n",
        "text\n\n— a+b AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— a AAAAAA==\n",
        "text\r\n\n— a AAAAAAA=\n",
        "text\n\n" + "— a AAAAAAA=\n" * 65,
    ],
)
def test_a_malformed_note_is_refused(data: str) -> None:
    with pytest.raises(ProofError):
        parse_note(data)


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    other = NoteSigner.ed25519("other.test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    lines = parse_note(NOTE).signatures + sign_note("one line\n", other).signatures
    assert verify_note(str(Note("one line\n", lines)), SIGNER.key).text == "one line\n"


def test_a_note_without_the_known_key_is_refused() -> None:
    stranger = VerifierKey("stranger.test", bytes(32))
    with pytest.raises(ProofError, match="no signature of the key"):
        verify_note(NOTE, stranger)


def test_a_known_key_may_sign_twice_and_each_of_its_signatures_must_verify() -> None:
    (line,) = parse_note(NOTE).signatures
    assert verify_note(str(Note("one line\n", (line, line))), SIGNER.key).text == "one line\n"
    wrong = NoteSignature.by(SIGNER.key, bytes(64))
    for lines in ((line, wrong), (wrong, line)):
        with pytest.raises(ProofError, match="does not verify"):
            verify_note(str(Note("one line\n", lines)), SIGNER.key)


def test_an_unknown_line_may_spell_its_base64_in_any_way_and_a_known_one_may_not() -> None:
    odd = "— other.test AAAAAAF=\n"
    assert str(parse_note(NOTE + odd)) == NOTE + odd
    assert verify_note(NOTE + odd, SIGNER.key).text == "one line\n"
    spare_bit = NOTE.replace("=\n", "=\n").rstrip("=\n")
    spelled = spare_bit[:-1] + chr(ord(spare_bit[-1]) + 1) + NOTE[len(spare_bit) :]
    assert parse_note(spelled).signatures[0].signature == parse_note(NOTE).signatures[0].signature
    with pytest.raises(ProofError, match="canonical base64"):
        verify_note(spelled, SIGNER.key)
    with pytest.raises(ProofError, match="not base64"):
        parse_note(NOTE + "— other.test AA!AAAA=\n")


def test_a_witness_key_does_not_stand_for_a_log() -> None:
    witness = NoteSigner.ed25519("w.test", Ed25519PrivateKey.from_private_bytes(bytes(32)), COSIGNATURE_V1)
    with pytest.raises(ProofError, match="witness"):
        verify_note(str(sign_note("one line\n", witness)), witness.key)


def test_a_signer_that_signs_something_else_is_found_before_anything_is_published() -> None:
    broken = NoteSigner(SIGNER.key, lambda message: SIGNER.sign(message + b"!"))
    with pytest.raises(ProofError):
        sign_note("one line\n", broken)


def test_base64_of_nothing_is_nothing() -> None:
    assert encode_base64(b"") == ""
    assert decode_base64("") == b""
