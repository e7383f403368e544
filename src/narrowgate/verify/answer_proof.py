"""Verify the proof of one answer: one file and the log's public key, and nothing else."""

from __future__ import annotations

from pathlib import Path

from narrowgate.core.answers.answer_proof import ProvedAnswer, verify_answer_proof
from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.witness_quorum import WitnessQuorum
from narrowgate.verify.files import read_bytes


def read_answer_proof(path: Path, key: VerifierKey, witnesses: WitnessQuorum | None = None) -> ProvedAnswer:
    """The answer of the file, which the log of this key holds, to the row of the file, which its package held.

    Args:
        path: a file of ``narrowgate answers prove``.
        key: the log's public key, from another source than the file.
        witnesses: who must have cosigned; ``None`` where the reader knows no witness.

    Raises:
        ProofError: the file is missing or malformed, something in it does not follow from the log's signature, or too
            few of the witnesses cosigned.
        OperationalError: the machine cannot read it.
    """
    return verify_answer_proof(read_bytes(path, ProofError), key, str(path), witnesses)
