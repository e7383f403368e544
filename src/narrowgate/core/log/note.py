"""Signed notes and verifier keys (C2SP signed-note), read strictly: one meaning has one spelling."""

from __future__ import annotations

import binascii
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from narrowgate.core.base.errors import ConfigurationError, ProofError
from narrowgate.core.signatures import ed25519

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = 0x01
"""Signature type of a log: Ed25519 over the text."""

COSIGNATURE_V1 = 0x04
"""Signature type of a witness: Ed25519 over a time and the text (C2SP tlog-cosignature)."""

MAX_SIGNATURES = 64
MAX_NOTE_BYTES = 1 << 20

_DASH = "\u2014 "


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return b64encode(data).decode("ascii")


def decode_base64(text: str, where: str = "") -> bytes:
    """The bytes whose only encoding is ``text``.

    Standard decoders ignore the unused bits before the padding; here a change of one is found.

    Raises:
        ProofError: the text is not base64, or not the canonical spelling.
    """
    data = _lenient_base64(text, where)
    if encode_base64(data) != text:
        raise ProofError("A value is not in canonical base64.", where=where)
    return data


def _lenient_base64(text: str, where: str) -> bytes:
    """The bytes of standard base64 (RFC 4648 section 4), whatever the unused bits before the padding are."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise ProofError("A value is not base64.", where=where) from error


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name, a signature type and an Ed25519 public key: what a verifier must hold beforehand.

    Args:
        name: key name; for a log the same as its origin.
        public_key: 32 bytes (RFC 8032).
        kind: ``ED25519`` or ``COSIGNATURE_V1``.

    Raises:
        ConfigurationError: name, type or length are not allowed.
    """

    name: str
    public_key: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        if not self.name or not self.name.isprintable() or set(self.name) & set(" +"):
            raise ConfigurationError(
                "A key name must not be empty or hold spaces, '+' or control characters.",
                next_step="Correct 'log_origin' in gate.toml, or the line of the key.",
            )
        if self.kind not in {ED25519, COSIGNATURE_V1} or len(self.public_key) != 32:
            raise ConfigurationError(
                "A verifier key must be an Ed25519 key of a log or of a witness.",
                next_step="Name the file log.vkey that the custodian published.",
            )

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in a signature line (signed-note, Signatures)."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key).digest()[:4]

    def __str__(self) -> str:
        """The vkey text form, ``name+key id+key``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.kind]) + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key whose text form is exactly ``text``.

        Raises:
            ConfigurationError: the text is not a verifier key, or its key id is not the key's.
        """
        parts = text.split("+", 2)  # base64 may hold '+', names may not
        try:
            material = decode_base64(parts[2])
            key = cls(parts[0], material[1:], material[0])
        except (IndexError, ProofError) as error:
            raise ConfigurationError(
                "The text is not a verifier key.", next_step="Its form is name+key id+base64 key."
            ) from error
        if str(key) != text:
            raise ConfigurationError(
                "The verifier key contradicts its own key id.",
                next_step="Take the key once more from where it was published.",
            )
        return key

    def verify(self, message: bytes, signature: bytes, where: str = "") -> None:
        """Returning proves that the key's holder signed ``message``.

        Raises:
            ProofError: the signature is not the key's over the message.
        """
        if not ed25519.is_signature(self.public_key, message, signature):
            raise ProofError(f"The signature of {self.name} does not verify.", where=where)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A verifier key and the means to sign for it, wherever the private key lies.

    Args:
        key: the public side.
        sign: from a message to 64 signature bytes; may raise ``OperationalError``.
    """

    key: VerifierKey
    sign: Callable[[bytes], bytes]

    @classmethod
    def ed25519(cls, name: str, private_key: Ed25519PrivateKey, kind: int = ED25519) -> NoteSigner:
        """The signer for a private key held in memory."""
        return cls(VerifierKey(name, private_key.public_key().public_bytes_raw(), kind), private_key.sign)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who signed, and the bytes of its signature type.

    Args:
        name: of the key.
        key_id: four bytes.
        signature: what its signature type makes of them.
        encoded: base64 of key id and signature as the line spells it, which may be another spelling than ours.
    """

    name: str
    key_id: bytes
    signature: bytes
    encoded: str

    @classmethod
    def by(cls, key: VerifierKey, signature: bytes) -> NoteSignature:
        """The line that claims ``signature`` to be the key's."""
        return cls(key.name, key.key_id, signature, encode_base64(key.key_id + signature))

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {self.encoded}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text ending in a newline, with its signature lines; nothing is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    def signatures_by(self, key: VerifierKey, where: str = "") -> tuple[bytes, ...]:
        """Every signature that claims to be ``key``'s, at least one; lines of unknown keys are passed over.

        A key may have signed more than once. A claim counts only when it is spelled in canonical base64, so that no
        bit of it can change unseen.

        Source: C2SP signed-note, Signatures.

        Raises:
            ProofError: no line names the key, or one that does is in another spelling.
        """
        lines = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
        if not lines:
            raise ProofError(
                f"The note carries no signature of the key {key.name}+{key.key_id.hex()}.",
                next_step="Check that the verifier key is the one published for this log.",
                where=where,
            )
        return tuple(decode_base64(line.encoded, where)[4:] for line in lines)


def parse_note(data: str, where: str = "") -> Note:
    """The note whose text form is exactly ``data``.

    Source: C2SP signed-note, Format.

    Raises:
        ProofError: the data is not a signed note.
    """
    if len(data) > MAX_NOTE_BYTES or any(char < " " and char != "\n" for char in data):
        raise ProofError("The note is too long or holds control characters.", where=where)
    body, separator, tail = data.rpartition("\n\n")
    lines = tail.split("\n")
    if not separator or not body or lines.pop() != "" or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise ProofError("The text is not a signed note.", where=where)
    return Note(body + "\n", tuple(_parse_signature(line, where) for line in lines))


def _parse_signature(line: str, where: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    named = name and "+" not in name and not any(char.isspace() for char in name)
    if not line.startswith(_DASH) or not space or not named:
        raise ProofError("A signature line is malformed.", where=where)
    data = _lenient_base64(encoded, where)  # of an unknown key; a known one's is read strictly above
    if len(data) < 5:
        raise ProofError("A signature line is too short.", where=where)
    return NoteSignature(name, data[:4], data[4:], encoded)


def sign_note(text: str, signer: NoteSigner) -> Note:
    """A note over ``text`` (ending in a newline) that verifies with the signer's key.

    Raises:
        ProofError: the signer returned something else than its key's signature.
    """
    signature = signer.sign(text.encode())
    signer.key.verify(text.encode(), signature)
    return Note(text, (NoteSignature.by(signer.key, signature),))


def verify_note(data: str, key: VerifierKey, where: str = "") -> Note:
    """The note, whose text the holder of ``key`` signed; every signature that claims to be the key's verifies.

    Raises:
        ProofError: malformed, not signed by the key, or signed over another text.
    """
    note = parse_note(data, where)
    if key.kind != ED25519:
        raise ProofError("The key is a witness's, not a log's.", where=where)
    for signature in note.signatures_by(key, where):
        key.verify(note.text.encode(), signature, where)
    return note
