"""Checkpoints (C2SP tlog-checkpoint) and witness cosignatures (C2SP tlog-cosignature, Ed25519)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.merkle import HASH_SIZE
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

_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, number of leaves and root: everything the log ever said, in 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text, three lines."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint_text(text: str, where: str = "") -> Checkpoint:
    """The checkpoint that a note text states; extension lines are allowed and mean nothing.

    Raises:
        ProofError: the text is not a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or "" in lines:
        raise ProofError("The note is not a checkpoint.", where=where)
    if not _SIZE.match(lines[1]):
        raise ProofError("The checkpoint's size is not a decimal number.", where=where)
    root = decode_base64(lines[2], where)
    if len(root) != HASH_SIZE:
        raise ProofError("The checkpoint's root is not a SHA-256 hash.", where=where)
    return Checkpoint(lines[0], int(lines[1]), root)


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """The signed note of a checkpoint, which verifies with the signer's key.

    Raises:
        ProofError: the signer is not the log named in the checkpoint, or signed wrongly.
    """
    if signer.key.name != checkpoint.origin:
        raise ProofError("The signer's key does not bear the log's name.")
    return str(sign_note(checkpoint.text(), signer))


def verify_checkpoint(data: str, key: VerifierKey, where: str = "") -> Checkpoint:
    """The checkpoint that the log of this key signed.

    Raises:
        ProofError: malformed, not signed by the key, or of another log.
    """
    checkpoint = parse_checkpoint_text(verify_note(data, key, where).text, where)
    if checkpoint.origin != key.name:
        raise ProofError("The checkpoint is of another log than the key.", where=where)
    return checkpoint


def cosign(data: str, signer: NoteSigner, timestamp: int) -> str:
    """The note with one more line: the witness saw this checkpoint at this time.

    The caller must have verified the checkpoint and its consistency with the last one seen.

    Args:
        data: the signed checkpoint.
        signer: a key of type ``COSIGNATURE_V1``.
        timestamp: POSIX seconds.

    Raises:
        ProofError: the note is malformed, or the key is not a witness's.
    """
    note = parse_note(data)
    if signer.key.kind != COSIGNATURE_V1:
        raise ProofError("The key is a log's, not a witness's.")
    signature = timestamp.to_bytes(8, "big") + signer.sign(_cosigned_message(note, timestamp))
    return str(Note(note.text, (*note.signatures, NoteSignature.by(signer.key, signature))))


def verify_cosignature(data: str, witness: VerifierKey, where: str = "") -> int:
    """The POSIX seconds at which the witness last said that it saw this checkpoint.

    Raises:
        ProofError: the witness did not cosign it, or one of its lines does not verify.
    """
    note = parse_note(data, where)
    times = []
    for signature in note.signatures_by(witness, where):
        timestamp = int.from_bytes(signature[:8], "big")
        if witness.kind != COSIGNATURE_V1 or timestamp >= 1 << 63:
            raise ProofError("The cosignature is malformed.", where=where)
        witness.verify(_cosigned_message(note, timestamp), signature[8:], where)
        times.append(timestamp)
    return max(times)


def _cosigned_message(note: Note, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{note.text}".encode()
