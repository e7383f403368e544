"""Cosignatures of witnesses over a log's directory: requested, added, and verified offline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.file_names import COSIGNED
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.witness import (
    CosignatureRequest,
    make_request,
    parse_request,
    require_cosigned,
    with_cosignatures,
)
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.files import read_text
from narrowgate.verify.log_directory import log_hashes, require_continuation


@dataclass(frozen=True, slots=True)
class Cosigned:
    """How far witnesses vouch for a log.

    Args:
        size: leaves of the checkpoint that they cosigned.
        cosigned: how many of the witnesses did.
        text: the signed note with the cosignatures.
    """

    size: int
    cosigned: int
    text: str

    def __str__(self) -> str:
        witnesses = "1 witness" if self.cosigned == 1 else f"{self.cosigned} witnesses"
        return f"The first {self.size:,} leaves are cosigned by {witnesses}; the log continues them."


def request_of(directory: Path, vkey: str | None, old: int) -> CosignatureRequest:
    """The request for the log's checkpoint as it is now, for a witness who cosigned ``old`` leaves before.

    A log with fewer leaves is requested from its own size, so that the witness sees the rollback.

    Raises:
        LogInconsistentError: checkpoint or tiles are damaged.
    """
    entries = LogEntries(directory, vkey)
    size = entries.checkpoint.size
    return make_request(entries.checkpoint_text, size, min(old, size), log_hashes(directory, size))


def cosigned_checkpoint(
    directory: Path, vkey: str | None, request: str, lines: str, witnesses: Collection[VerifierKey]
) -> str:
    """The checkpoint of the request with the cosignatures, those that it had before included.

    Args:
        directory: of the log.
        vkey: its published key; without it the one beside the log.
        request: that the witnesses were handed.
        lines: what they answered.
        witnesses: verifier keys of those who may cosign.

    Raises:
        ProofError: request or cosignatures do not verify.
        LogInconsistentError: the log does not continue the checkpoint of the request.
    """
    entries = LogEntries(directory, vkey)
    checkpoint = parse_request(request, "the request").checkpoint
    asked = verify_checkpoint(checkpoint, entries.key, "the request")
    require_continuation(directory, entries.checkpoint, asked)
    if (directory / COSIGNED).exists():
        before = read_text(directory / COSIGNED)
        known = verify_checkpoint(before, entries.key, str(directory / COSIGNED))
        if known.size > asked.size:
            raise ProofError(
                f"A checkpoint of {known.size:,} leaves is cosigned already.",
                next_step="Hand the witnesses a new request.",
                where=str(directory / COSIGNED),
            )
        if known == asked:
            checkpoint = before
    return with_cosignatures(checkpoint, lines, witnesses, "the cosignatures")


def verify_cosigned(
    directory: Path, vkey: str | None, witnesses: Collection[VerifierKey], quorum: int
) -> Cosigned:
    """How far the witnesses vouch for the log, which continues what they cosigned.

    Args:
        directory: of a verified log.
        vkey: its published key; without it the one beside the log.
        witnesses: verifier keys.
        quorum: so many of them must have cosigned.

    Raises:
        ProofError: there are too few cosignatures, or one does not verify.
        LogInconsistentError: the log does not continue the cosigned checkpoint.
    """
    entries = LogEntries(directory, vkey)
    where = str(directory / COSIGNED)
    text = read_text(directory / COSIGNED, ProofError)
    checkpoint = verify_checkpoint(text, entries.key, where)
    require_continuation(directory, entries.checkpoint, checkpoint, where)
    return Cosigned(checkpoint.size, require_cosigned(text, witnesses, quorum, where), text)
