"""Answers against the log's public key: nothing that does not follow from a signed checkpoint passes here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from narrowgate.core.answers.answer import AnswerPart, outcome_commitment
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.core.answers.answers_manifest import AnswersManifest, parse_answers_manifest
from narrowgate.core.base.errors import EnvelopeError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.leaf import PACKAGE_DECIDED, ItemLeaves, parse_leaf
from narrowgate.core.log.merkle import leaf_hash
from narrowgate.core.log.multi_proof import peaks_before, verify_leaves
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.proof import LogProof, parse_proof
from narrowgate.core.log.witness_quorum import Witnessed, WitnessQuorum


@dataclass(frozen=True, slots=True)
class ProvedAnswers:
    """The manifest of answers that a log holds; made by :func:`prove_answers` alone.

    Args:
        manifest: the content of ``answers.json``.
        leaf: the *package decided* leaf that names it.
        proof: the proof that the leaf is in the log.
        checkpoint: the signed checkpoint the proof leads to.
        witnessed: what is known of witnesses who saw that checkpoint.
    """

    manifest: AnswersManifest
    leaf: dict[str, Any]
    proof: LogProof
    checkpoint: Checkpoint
    witnessed: Witnessed

    def peaks(self) -> tuple[bytes, ...]:
        """The peaks of the tree of every leaf before the *package decided* leaf, those of the items among them."""
        return peaks_before(self.proof.index, self.checkpoint.size, self.proof.hashes)


def prove_answers(
    manifest_data: bytes,
    proof_text: str,
    key: VerifierKey,
    where: str,
    where_proof: str,
    witnesses: WitnessQuorum | None = None,
) -> ProvedAnswers:
    """The manifest of answers that the log of this key holds; needs no log, and no part at hand.

    Args:
        manifest_data: bytes of ``answers.json``.
        proof_text: content of ``answers.tlog-proof``.
        key: the log's public key.
        where: what to call the manifest in messages.
        where_proof: what to call the proof in messages.
        witnesses: who must have cosigned the checkpoint; ``None`` where the reader knows no witness.

    Raises:
        ProofError: the manifest or its proof is malformed, one does not fit the other, or too few witnesses cosigned.
    """
    proof = parse_proof(proof_text, where_proof)
    checkpoint = proof.verify(key, where_proof)
    witnessed = Witnessed.of(proof.checkpoint, witnesses, where_proof)
    with malformed_is_unproved():
        leaf = parse_leaf(proof.leaf, where_proof)
        if leaf["type"] != PACKAGE_DECIDED or leaf["answers_sha256"] != sha256(manifest_data).hexdigest():
            raise ProofError(
                "The answers are not those in the log.",
                why="The logged digest is of another file; an answer that is not in the log is no answer.",
                next_step="Fetch the answers again; if they still differ, do not act on them: tell the inspector.",
                where=where,
            )
        manifest = parse_answers_manifest(manifest_data, where)
    expected = {
        "package_id": leaf["package"],
        "rows": leaf["answered"] + leaf["refused"],
        "log_origin": checkpoint.origin,
        "snapshot_id": leaf["index_snapshot"],
        "data_as_of": leaf["index_data_as_of"],
        "last_leaf": proof.index - 1,
    }
    for name, value in expected.items():
        if getattr(manifest, name) != value:
            raise ProofError(f"The answers and the log differ in {name}.", where=where)
    return ProvedAnswers(manifest, leaf, proof, checkpoint, witnessed)


def verify_leaves_of_part(part: AnswerPart, answers: ProvedAnswers, where: str) -> None:
    """Returning proves that each record of the part is the decision that the log holds of its item.

    The leaf of every record is made again from the record, and all of them are proved in the tree that the checkpoint
    of the answers covers.

    Args:
        part: opened, and consistent with the manifest (``answers_manifest.verify_part``).
        answers: of the package.
        where: what to call the part in messages.

    Raises:
        ProofError: an answer is not the one logged, or its leaf is not in the log.
    """
    manifest = answers.manifest
    form = ItemLeaves(manifest.package_id, manifest.canonical_form_version, manifest.rule_set_version)
    leaves = [(record.leaf_index, leaf_hash(leaf_of(record, form))) for record in part.records]
    verify_proof_of_part(leaves, answers.proof.index, part.proof, answers.peaks(), where)


def verify_proof_of_part(
    leaves: Iterable[tuple[int, bytes]], size: int, proof: Sequence[bytes], peaks: Sequence[bytes], where: str
) -> None:
    """Returning proves the leaves of a part's records by the part's own proof.

    Args:
        leaves: index and leaf hash of each record, in the order of the records.
        size: number of leaves of the log before the *package decided* leaf.
        proof: of the part.
        peaks: of the tree of ``size`` leaves.
        where: what to call the part in messages.

    Raises:
        ProofError: they do not follow from the proof.
    """
    try:
        verify_leaves(list(leaves), size, proof, peaks)
    except ProofError as error:
        raise ProofError(
            "An answer of the part is not the decision that the log holds.",
            why=f"An answer counts only with the leaf that commits to it. {error.what}",
            next_step="Use no answer of this part, keep the files and tell the inspector.",
            where=where,
            rule="R-30",
        ) from error


def leaf_of(record: AnswerRecord, form: ItemLeaves) -> bytes:
    """The leaf that the log must hold of the record's item."""
    commitment = outcome_commitment(record.salt, record.outcome)
    return form.leaf(
        record.ordinal, record.findings, record.row_commitment, record.address_commitment, commitment
    )


@contextmanager
def malformed_is_unproved() -> Iterator[None]:
    """A document that cannot be read proves nothing: an EnvelopeError becomes a ProofError."""
    try:
        yield
    except EnvelopeError as error:
        raise ProofError(error.what, why=error.why, next_step=error.next_step, where=error.where) from error
