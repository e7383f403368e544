"""What a witness does: it sees one checkpoint after another, each proved to continue the last, and says when.

One honest witness is enough to show that a log told everybody the same history: it cosigns no second history, and no
shorter one.

Source: C2SP tlog-witness (the body of ``add-checkpoint``) and tlog-cosignature.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from narrowgate.core.base.errors import LogInconsistentError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint, cosign, verify_checkpoint, verify_cosignature
from narrowgate.core.log.merkle import SubtreeHash, consistency_proof, verify_consistency
from narrowgate.core.log.note import (
    Note,
    NoteSignature,
    NoteSigner,
    VerifierKey,
    decode_base64,
    encode_base64,
    parse_note,
)

MAX_PROOF_HASHES: Final = 63
"""As many as a log of 2^63 leaves can need (C2SP tlog-witness)."""

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class CosignatureRequest:
    """A checkpoint and the proof that it continues an older one.

    Args:
        old: leaves of the checkpoint that the witness cosigned last, or 0.
        proof: hashes of the consistency proof from ``old``.
        checkpoint: signed note of the log.
    """

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        hashes = "".join(f"{encode_base64(each)}\n" for each in self.proof)
        return f"old {self.old}\n{hashes}\n{self.checkpoint}"


def make_request(checkpoint: str, size: int, old: int, subtree: SubtreeHash) -> CosignatureRequest:
    """The request that a witness who cosigned ``old`` leaves before can be handed.

    Raises:
        ProofError: the log has fewer leaves than ``old``.
    """
    return CosignatureRequest(old, consistency_proof(old, size, subtree), checkpoint)


def parse_request(data: str, where: str = "") -> CosignatureRequest:
    """The request whose text is ``data``; nothing of it is verified yet.

    Raises:
        ProofError: the text is no request.
    """
    head, separator, checkpoint = data.partition("\n\n")
    first, *hashes = head.split("\n")
    old = _OLD.fullmatch(first)
    if not separator or old is None or len(hashes) > MAX_PROOF_HASHES:
        raise ProofError(
            "The text is no request for a cosignature.",
            next_step="Let the custodian write one with 'narrowgate log request'.",
            where=where,
        )
    return CosignatureRequest(int(old[1]), tuple(decode_base64(each, where) for each in hashes), checkpoint)


def require_next(
    request: CosignatureRequest, key: VerifierKey, last: str | None, where: str = ""
) -> Checkpoint:
    """The log's checkpoint, proved to continue the last one that was cosigned.

    Args:
        request: from the custodian.
        key: of the log, known beforehand.
        last: the signed checkpoint that was cosigned last, or nothing before the first.
        where: file name for messages.

    Raises:
        ProofError: it is not signed by the log, or the proof does not start at the checkpoint cosigned last.
        LogInconsistentError: it is shorter than the last, or does not continue it: a rollback or a fork.
    """
    newer = verify_checkpoint(request.checkpoint, key, where)
    older = verify_checkpoint(last, key, "the last checkpoint") if last else None
    if older is None:
        if request.old:
            raise _starts_elsewhere(0, where)
        return newer
    if newer.size < older.size:
        raise LogInconsistentError(
            f"The log has {newer.size} leaves where {older.size} were cosigned before.",
            why="It was rolled back: leaves that were shown to you are missing.",
            next_step="Cosign nothing, keep both checkpoints and report it.",
            where=where,
        )
    if newer.size == older.size and newer.root != older.root:
        raise _forked(where)
    if request.old != older.size:
        raise _starts_elsewhere(older.size, where)
    try:
        verify_consistency(older.size, newer.size, request.proof, older.root, newer.root)
    except ProofError as error:
        raise _forked(where) from error
    return newer


def _starts_elsewhere(size: int, where: str) -> ProofError:
    return ProofError(
        f"The proof of the request does not start at {size} leaves, which were cosigned last.",
        next_step=f"Let the custodian write the request with 'narrowgate log request --old {size}'.",
        where=where,
    )


def _forked(where: str) -> LogInconsistentError:
    return LogInconsistentError(
        "The checkpoint does not continue the one cosigned before.",
        why="The log was forked, or the proof is not the one of these two checkpoints.",
        next_step="Cosign nothing, keep both checkpoints and report it.",
        where=where,
    )


def cosignature_line(checkpoint: str, witness: NoteSigner, timestamp: int) -> str:
    """The one signature line with which a witness answers.

    Args:
        checkpoint: as ``require_next`` let it through.
        witness: a key of type ``COSIGNATURE_V1``.
        timestamp: POSIX seconds.
    """
    return str(parse_note(cosign(checkpoint, witness, timestamp)).signatures[-1])


def with_cosignatures(
    checkpoint: str, lines: str, witnesses: Collection[VerifierKey], where: str = ""
) -> str:
    """The signed checkpoint with the cosignatures of known witnesses, each verified; other lines are left out.

    Args:
        checkpoint: signed note, with any cosignatures it has.
        lines: signature lines as witnesses answer them.
        witnesses: verifier keys that may cosign.
        where: file name for messages.

    Raises:
        ProofError: a line is of no witness, or is not over this checkpoint.
    """
    note = parse_note(checkpoint)
    brought = parse_note(f"{note.text}\n{lines}", where).signatures
    known = {(each.name, each.key_id): each for each in witnesses}
    kept: list[NoteSignature] = [line for line in note.signatures if (line.name, line.key_id) not in known]
    latest = {(line.name, line.key_id): line for line in note.signatures if (line.name, line.key_id) in known}
    for line in brought:
        witness = known.get((line.name, line.key_id))
        if witness is None:
            raise ProofError(
                "A cosignature is of no witness of this log.",
                next_step="The charter names the witnesses; compare their verifier keys.",
                where=where,
            )
        verify_cosignature(str(Note(note.text, (line,))), witness, where)
        latest[line.name, line.key_id] = line
    return str(Note(note.text, (*kept, *(latest[name] for name in sorted(latest)))))


@dataclass(frozen=True, slots=True)
class Cosigner:
    """One witness, and when it last said that it saw the checkpoint.

    Args:
        name: of the witness's key.
        time: POSIX seconds.
    """

    name: str
    time: int


def cosigners_of(
    checkpoint: str, witnesses: Collection[VerifierKey], where: str = ""
) -> tuple[Cosigner, ...]:
    """The witnesses who cosigned the checkpoint, each key once, whatever names and lines it has.

    Args:
        checkpoint: signed note.
        witnesses: verifier keys of those who may cosign.
        where: file name for messages.

    Raises:
        ProofError: a line that claims to be a witness's does not verify.
    """
    note = parse_note(checkpoint, where)
    names = {(line.name, line.key_id) for line in note.signatures}
    found: dict[bytes, Cosigner] = {}
    for witness in witnesses:
        if (witness.name, witness.key_id) in names:
            time = verify_cosignature(checkpoint, witness, where)
            found.setdefault(witness.public_key, Cosigner(witness.name, time))
    return tuple(found.values())


def require_cosigned(
    checkpoint: str, witnesses: Collection[VerifierKey], quorum: int, where: str = ""
) -> int:
    """How many of the witnesses cosigned the checkpoint: at least ``quorum``.

    Args:
        checkpoint: signed note.
        witnesses: verifier keys of those who may cosign.
        quorum: from 0.
        where: file name for messages.

    Raises:
        ProofError: too few did, or a line that claims to be a witness's does not verify.
    """
    cosigned = len(cosigners_of(checkpoint, witnesses, where))
    if cosigned < quorum:
        raise ProofError(
            f"The checkpoint has {cosigned} of the {quorum} cosignatures it needs.",
            why="Without them a log could show its history to one party and another one to the next.",
            next_step="Hand the witnesses a request ('narrowgate log request') and add what they answer "
            "('narrowgate log cosign').",
            where=where,
        )
    return cosigned
